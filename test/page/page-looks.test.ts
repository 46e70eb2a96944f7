/** How the page looks: themes, the matrix, sizes of screens and of meshes. */

import test from 'ava'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { accessibilityFindings } from '../helpers/browser.ts'
import {
  afterLeave,
  completeMesh,
  madeAddress,
  withoutLine,
  withPeer,
  withSilent,
} from '../helpers/made-status.ts'
import { look, seeUntil } from '../helpers/page-view.ts'
import { brokenMesh, detailsOf, mark, reactsWithPeers, show, until } from '../helpers/shown-page.ts'

const THIRD = madeAddress(3)

test.serial('page - keeps the theme that was chosen', async (t) => {
  const { page } = await show(t, completeMesh(3), { colorScheme: 'light' })
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  const theme = page.locator('#theme')
  await page.getByRole('button', { name: 'Colors: Auto' }).click()
  await until(() => theme.textContent(), 'Light')
  await theme.click()
  await until(() => theme.textContent(), 'Dark')
  const dark = await ground()
  t.not(dark, light)
  await page.reload()
  await until(() => theme.textContent(), 'Dark')
  t.is(await ground(), dark)
})

test.serial('page - a node that is lost becomes red, and green when it is back', async (t) => {
  const mesh = completeMesh(10)
  const { node, page } = await show(t, mesh)
  const fifth = madeAddress(5)
  const colorOf = (address: string) =>
    page
      .locator(`[data-row="${address}"] .cell-state`)
      .evaluate((cell) => getComputedStyle(cell).color)
  const green = await colorOf(fifth)
  node.publish(afterLeave(mesh, fifth))
  await seeUntil(page, ({ nodes }) => nodes[fifth] === 'backing-off')
  const other = await colorOf(madeAddress(7))
  t.is(other, green)
  t.not(await colorOf(fifth), green)
  node.publish(mesh)
  await seeUntil(page, ({ nodes }) => nodes[fifth] === 'connected')
  t.is(await colorOf(fifth), green)
})

test.serial('page - a matrix tells who is connected to whom', async (t) => {
  const { page } = await show(t, brokenMesh())
  await page.getByRole('button', { name: 'Matrix' }).click()
  const cells = (kind: string) =>
    page.evaluate(
      (name) =>
        document.querySelector(`.lines .${name} path`)?.getAttribute('d')?.match(/M/g)?.length,
      kind,
    )
  await until(() => cells('missing'), 2)
  t.is(await cells('absent'), 18)
  const box = await page.locator('.matrix rect.all').boundingBox()
  if (box === null) return t.fail()
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.45)
  await page.getByText('4005 and 4008: not connected').waitFor()
})

test.serial('page - a mesh of 30 fits a screen, and shows what is missing at once', async (t) => {
  const status = withoutLine(afterLeave(completeMesh(30), THIRD), madeAddress(12), madeAddress(25))
  const { page } = await show(t, status, { viewport: { width: 1280, height: 800 } })
  const view = await look(page)
  t.is(view.summary, '1 missing')
  t.deepEqual(view.problems, [
    '4003 is missing: the program was stopped',
    '4012 and 4025 are not connected',
  ])
  // Only the lines of this node and the missing one, so that it is seen.
  t.deepEqual(view.lines, { own: 28, missing: 1, absent: 0, selected: 0 })
  t.is(await page.evaluate(() => document.documentElement.scrollHeight), 800)
  await page.setViewportSize({ width: 390, height: 844 })
  await until(async () => (await page.locator('thead th').allTextContents()).length, 3)
  t.true((await page.evaluate(() => document.documentElement.scrollHeight)) < 2000)
})

const SIZES: Readonly<Record<string, BrowserContextOptions>> = {
  'a laptop': { viewport: { width: 1280, height: 800 } },
  'a large screen': { viewport: { width: 1920, height: 1080 } },
  'a phone': { viewport: { width: 390, height: 844 }, hasTouch: true },
}

for (const [name, options] of Object.entries(SIZES)) {
  test.serial(`page - axe-core finds nothing on ${name}, in light and in dark`, async (t) => {
    const silent = withSilent(completeMesh(8), madeAddress(7))
    const status = withPeer(
      afterLeave(afterLeave(silent, THIRD), madeAddress(5), null),
      madeAddress(6),
      { state: 'attempting', link: null, connectedTo: null },
    )
    const looks = { ...options, colorScheme: 'light', reducedMotion: 'reduce' } as const
    const { watched, page } = await show(t, status, looks)
    const gap = 'event: gap\ndata: {"from":null,"feed":"f","first":4,"last":8}\n\n'
    await page.route('**/topics/**', (route) =>
      route.fulfill({ contentType: 'text/event-stream', body: gap }),
    )
    const hasNoFindings = async (): Promise<void> => {
      t.deepEqual(await accessibilityFindings(watched), [])
      // Only colours are others in the dark.
      await page.emulateMedia({ colorScheme: 'dark' })
      t.deepEqual(await accessibilityFindings(watched, 'colours'), [], 'in dark')
      await page.emulateMedia({ colorScheme: 'light' })
    }
    await hasNoFindings()
    await mark(page, THIRD).click()
    await page.locator('tr.details').waitFor()
    await page.locator('#security').click()
    await page.locator('#help-secret').waitFor()
    await hasNoFindings()
    await page.locator('#help summary').click()
    await page.getByRole('button', { name: 'Matrix' }).click()
    await page.locator('.matrix svg').waitFor()
    await page.getByRole('button', { name: 'Messages' }).click()
    await page.locator('#messages .gap').waitFor()
    await hasNoFindings()
    const [width, room] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ])
    t.is(width, room)
  })
}

test.serial('page - 200 nodes have no two names over each other', async (t) => {
  const { page } = await show(t, completeMesh(200))
  t.like((await look(page)).lines, { own: 199, missing: 0 })
  const overlaps = await page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.texts .name')].map((name) =>
      name.getBoundingClientRect(),
    )
    return boxes.filter((a, index) =>
      boxes.some(
        (b, other) =>
          other > index &&
          a.left < b.right &&
          b.left < a.right &&
          a.top + 3 < b.bottom - 3 &&
          b.top + 3 < a.bottom - 3,
      ),
    ).length
  })
  t.is(overlaps, 0)
})

test.serial('page - reacts with 300 peers', (t) => reactsWithPeers(t, 300))

/** Opens the matrix of ten nodes, and gives a place in the cell of the fifth and the eighth. */
async function cellIn(page: Page) {
  await page.getByRole('button', { name: 'Matrix' }).click()
  const box = await page.locator('.matrix rect.all').boundingBox()
  if (box === null) throw new Error('no matrix')
  return [box.x + box.width * 0.75, box.y + box.height * 0.45] as const
}

test.serial(
  'page - a matrix that is touched tells of that cell, and selects its row',
  async (t) => {
    const { page } = await show(t, brokenMesh(), SIZES['a phone'])
    await page.touchscreen.tap(...(await cellIn(page)))
    await page.getByText('4005 and 4008: not connected').waitFor()
    await until(async () => (await detailsOf(page))['Address'], `${madeAddress(5)}Its page`)
    t.is(await page.locator('.cross').count(), 1)
  },
)

test.serial('page - a matrix keeps two nodes, not two places', async (t) => {
  const status = brokenMesh()
  const { node, page } = await show(t, status)
  await page.mouse.move(...(await cellIn(page)))
  const sentence = page.locator('.matrix .hint')
  await until(() => sentence.textContent(), '4005 and 4008: not connected')
  const without = (address: string) => status.peers.filter((peer) => peer.address !== address)
  node.publish({ ...status, peers: without(madeAddress(2)) })
  await page.locator('.matrix [aria-label^="9 × 9"]').waitFor()
  t.is(await sentence.textContent(), '4005 and 4008: not connected')
  node.publish({ ...status, peers: without(madeAddress(8)) })
  await until(() => sentence.textContent(), 'Point at a cell to see which two nodes it is about.')
})

test.serial('page - a matrix draws nothing beyond its square', async (t) => {
  const { page } = await show(t, completeMesh(10))
  await page.mouse.move(...(await cellIn(page)))
  await page.locator('.cross').waitFor()
  const boxes = await page.evaluate(() =>
    ['.all', '.grid', '.cross'].map((name) => {
      const shape = document.querySelector<SVGGraphicsElement>(`.matrix ${name}`)
      const { x, y, width, height } = shape?.getBBox() ?? new DOMRect()
      return [x, y, width, height].map((length) => Math.round(length))
    }),
  )
  t.deepEqual(boxes[1], boxes[0])
  t.deepEqual(boxes[2], boxes[0])
})
