/** The page in a real browser, against a node whose status the test sets. */

import test, { type ExecutionContext } from 'ava'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { ROWS_MAX } from '../../src/http/page/model/table-rows.ts'
import type { Status } from '../../src/http/status.ts'
import { accessibilityFindings, launchBrowser, openPage } from '../helpers/browser.ts'
import { freePort } from '../helpers/free-port.ts'
import {
  afterLeave,
  completeMesh,
  madeAddress,
  withoutLine,
  withPeer,
} from '../helpers/made-status.ts'
import { MockNode } from '../helpers/mock-node.ts'
import { look, seeUntil } from '../helpers/page-view.ts'
import { waitUntil, waitUntilQuick } from '../helpers/wait-until.ts'

/** The most time for a change to appear. */
const CHANGE_MS_MAX = 1000

const THIRD = madeAddress(3)

const teardowns: (() => unknown)[] = []
let browser: Browser | undefined

test.before(async () => {
  browser = await launchBrowser({ teardown: (end) => void teardowns.push(end) })
})

test.after.always(async () => {
  for (const end of teardowns) await end()
})

/** A page that has shown its first status. */
async function show(t: ExecutionContext, status: Status, options: BrowserContextOptions = {}) {
  if (browser === undefined) throw new Error('no browser')
  const node = await MockNode.start(t, await freePort(t), status)
  const watched = await openPage(browser, node.url, options)
  t.teardown(() => watched.page.context().close())
  await seeUntil(watched.page, ({ state }) => state !== 'waiting')
  return { node, watched, ...watched }
}

/** The details of the selected node, by heading. */
async function detailsOf(page: Page) {
  return Object.fromEntries(
    await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('tr.details dl div')].map((fact) => [
        fact.querySelector('dt')?.textContent ?? '',
        fact.querySelector('dd')?.textContent ?? '',
      ]),
    ),
  )
}

/** The texts of the columns of a row, by column. */
async function rowOf(page: Page, address: string) {
  const titles = await page.locator('thead th').allTextContents()
  const cells = await page.locator(`[data-row="${address}"] > *`).allTextContents()
  return Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? '']))
}

/** The names in the first column, from above. */
function namesIn(page: Page) {
  return page.locator('button.name').allTextContents()
}

const mark = (page: Page, address: string) => page.locator(`[data-address="${address}"] .mark`)

test.serial('page - shows five nodes, ten lines and the summary', async (t) => {
  const { page, complaints, foreignRequests } = await show(t, completeMesh(5))
  const { log, figures, ...view } = await look(page)
  t.like(figures, { Nodes: '5/5', Connections: '10/10', 'Median round trip': '1.9 ms' })
  t.regex(figures['Last change'] ?? '', /^(?:59 min|1 h) ago$/)
  t.deepEqual(view, {
    title: '5/5 localhost:4001 · Fullmesh',
    summary: 'all 5 nodes connected',
    problems: [],
    state: 'complete',
    nodes: {
      [madeAddress(1)]: 'own',
      [madeAddress(2)]: 'connected',
      [madeAddress(3)]: 'connected',
      [madeAddress(4)]: 'connected',
      [madeAddress(5)]: 'connected',
    },
    lines: { own: 4, mutual: 6, half: 0, missing: 0, absent: 0, selected: 0 },
    standing: 10,
  })
  t.deepEqual(log, ['4 nodes joined'])
  t.deepEqual(complaints, [])
  t.deepEqual(foreignRequests, [])
})

test.serial('page - within a second, a peer that leaves changes text, mark and log', async (t) => {
  const { node, page, complaints } = await show(t, completeMesh(5))
  const shape = page.locator(`[data-address="${THIRD}"] .mark`)
  const before = await shape.getAttribute('d')

  await waitUntilQuick(async () => {
    const toldMs = performance.now()
    node.publish(afterLeave(completeMesh(5), THIRD))
    const view = await seeUntil(page, ({ nodes }) => nodes[THIRD] === 'backing-off')
    const tookMs = performance.now() - toldMs
    t.like(view, {
      title: '4/5 localhost:4001 · Fullmesh',
      summary: '1 missing',
      standing: 6,
    })
    t.like(view.lines, { absent: 4, missing: 0 })
    t.deepEqual(view.problems, ["4003 is missing: closed by peer: 1001 'node stops'"])
    t.like(view.figures, { Nodes: '4/5', Connections: '6/10', 'Last change': 'now' })
    t.is(view.log[0], '4003 left')
    t.not(await shape.getAttribute('d'), before)

    node.publish(completeMesh(5))
    const back = await seeUntil(page, ({ nodes }) => nodes[THIRD] === 'connected')
    t.like(back, { summary: 'all 5 nodes connected', standing: 10, state: 'complete' })
    t.is(await shape.getAttribute('d'), before)
    return tookMs
  }, CHANGE_MS_MAX)
  t.deepEqual(complaints, [])
})

test.serial('page - counts down the seconds until the next attempt', async (t) => {
  const { page } = await show(t, afterLeave(completeMesh(5), THIRD, 30_000))
  const seconds = async () => {
    const { State } = await rowOf(page, THIRD)
    return Number(/^missing, retry in (\d+) s$/.exec(State ?? '')?.[1])
  }
  const first = await seconds()
  t.true(first <= 30 && first > 20)
  await waitUntil(
    async () => (await seconds()) <= first - 2,
    () => 'no two seconds were counted',
  )
})

test.serial('page - draws and names a missing connection between two others', async (t) => {
  const status = withoutLine(completeMesh(5), madeAddress(2), madeAddress(4))
  const { page } = await show(t, status)
  const view = await look(page)
  t.like(view.lines, { own: 4, mutual: 5, missing: 1 })
  t.deepEqual(view.problems, ['4002 and 4004 are not connected'])
  t.is(view.summary, '1 connection missing')
  t.is(view.state, 'incomplete')
  const dashes = await page.evaluate(
    () =>
      getComputedStyle(document.querySelector('.missing path') ?? document.body).strokeDasharray,
  )
  t.not(dashes, 'none')
})

test.serial('page - shows that its node does not answer, and recovers by itself', async (t) => {
  const { node, page } = await show(t, completeMesh(5))
  await node.stop()
  const stale = await seeUntil(page, ({ state }) => state === 'unreachable')
  t.is(stale.summary, 'No answer from this node; trying again')
  t.is(Object.keys(stale.nodes).length, 5)

  const restarted = completeMesh(3)
  node.publish({ ...restarted, node: { ...restarted.node, id: 'f'.repeat(32) } })
  await node.start()
  const back = await seeUntil(page, ({ state }) => state === 'complete')
  t.like(back, { summary: 'all 3 nodes connected', standing: 3 })
  t.is((await rowOf(page, madeAddress(1)))['Id'], 'f'.repeat(8))
})

test.serial('page - a selected node shows its facts and its lines', async (t) => {
  const status = withoutLine(completeMesh(5), THIRD, madeAddress(4))
  const lastEnding = { at: '2026-01-02T03:04:05Z', text: 'dial failed' }
  const { page } = await show(t, withPeer(status, THIRD, { lastEnding }))
  await mark(page, THIRD).hover()
  t.like((await look(page)).lines, { selected: 3, missing: 2 })
  t.deepEqual(await detailsOf(page), {}, 'pointing at a node opens nothing')
  await mark(page, THIRD).click()
  await page.mouse.move(0, 0)
  const { Since, ...row } = await rowOf(page, THIRD)
  t.deepEqual(row, {
    Name: '4003',
    State: 'connected',
    Connections: '3/4',
    'Round trip': '1.4 ms',
    'Dialed by': 'the peer',
    Runtime: 'Deno 2.9.6',
    Id: '7'.repeat(8),
  })
  t.regex(Since ?? '', /^(?:59 min|1 h) ago$/)
  const { 'Last close': lastClose, ...details } = await detailsOf(page)
  t.deepEqual(details, {
    Code: '0b5f0b5f0b5f',
    Id: `${'7'.repeat(31)}3`,
    Address: `${THIRD}Its page`,
    Missing: '4004',
  })
  t.regex(lastClose ?? '', /^2026-01-0[123] \d\d:\d\d:\d\d dial failed$/)
  const link = page.locator('tr.details a')
  t.is(await link.getAttribute('href'), 'http://localhost:4003/')
  t.is((await look(page)).lines['selected'], 3, 'also when the pointer is elsewhere')
  const opacity = (kind: string) =>
    page.evaluate(
      (name) => Number(document.querySelector(`.lines > .${name}`)?.getAttribute('opacity')),
      kind,
    )
  t.true((await opacity('mutual')) < 0.15 && (await opacity('selected')) > 0.5)
})

test.serial('page - shows what nodes tell of themselves, as text', async (t) => {
  const data = { name: '<b>a', role: 'job' }
  const status = completeMesh(3)
  const [peer] = status.peers
  if (peer?.link == null) return t.fail()
  const { page } = await show(t, withPeer(status, madeAddress(2), { link: { ...peer.link, data } }))
  const texts = await page.locator('.texts .name').allTextContents()
  t.deepEqual(texts.toSorted(), ['4001', '4002 <b>a, job', '4003'])
  const node = page.locator(`[data-address="${madeAddress(2)}"][role="option"]`)
  t.is(await node.getAttribute('aria-label'), `${madeAddress(2)}, <b>a, job, connected`)
  await mark(page, madeAddress(2)).click()
  t.like(await detailsOf(page), { Data: JSON.stringify(data) })
})

test.serial('page - works with the keyboard alone', async (t) => {
  const { page } = await show(t, completeMesh(5))
  const address = async () => (await detailsOf(page))['Address']?.replace('Its page', '')
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await page.locator('.choice button').nth(1).focus()
  await press('Tab')
  await until(address, madeAddress(1))
  await press('ArrowRight', 'ArrowDown')
  await until(address, THIRD)
  t.is(
    await page.locator('[role=option][aria-selected="true"]').getAttribute('data-address'),
    THIRD,
  )
  await press('Home', 'ArrowLeft')
  await until(address, madeAddress(5))
  await press('Escape')
  await until(address, undefined)
  t.is(await page.locator('[role=option][aria-selected="true"]').count(), 0)

  await page.locator('button.name').first().focus()
  await press('ArrowDown', 'ArrowDown', 'Enter')
  await until(address, THIRD)
  await press('Enter')
  await until(address, undefined)
})

/** Waits until the page gives this. */
async function until<T>(given: () => Promise<T>, expected: T): Promise<void> {
  let last: T | undefined
  await waitUntil(
    async () => {
      last = await given()
      return last === expected
    },
    () => `${last} instead of ${expected}`,
  )
}

/** A mesh of ten in which one is missing, and one connection of two others. */
function broken(): Status {
  return withoutLine(afterLeave(completeMesh(10), THIRD), madeAddress(5), madeAddress(8))
}

test.serial('table - sorts by each column, both ways', async (t) => {
  const { page } = await show(t, broken())
  const firstName = async () => (await namesIn(page))[0]
  const sortedBy = () => page.locator('[aria-sort]').textContent()
  await page.getByRole('button', { name: 'State' }).click()
  await until(firstName, '4003')
  t.is(await sortedBy(), 'State')
  await page.getByRole('button', { name: 'Round trip' }).click()
  await until(firstName, '4002')
  await page.getByRole('button', { name: 'Round trip' }).click()
  await until(firstName, '4010')
  t.is(await page.locator('[aria-sort]').getAttribute('aria-sort'), 'descending')
  t.deepEqual((await namesIn(page)).slice(-2), ['4001', '4003'], 'what is unknown comes last')
})

test.serial('table - searches, and shows problems only', async (t) => {
  const { page } = await show(t, broken())
  await page.getByRole('searchbox').fill('DENO')
  await until(async () => (await namesIn(page)).join(), '4006,4009')
  t.is(await page.locator('#nodes h2').textContent(), '2 of 10 nodes')
  await page.getByRole('searchbox').fill('no such node')
  await page.getByText('No node matches.').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.getByRole('checkbox').check()
  await until(async () => (await namesIn(page)).join(), '4003,4005,4008')
})

test.serial('table - leaves out columns that are alike, and says what they have', async (t) => {
  const status = completeMesh(4)
  const { node, page } = await show(t, status)
  const columns = async () => (await page.locator('thead th').allTextContents()).join()
  t.is(await columns(), 'Name,State,Round trip,Since,Dialed by,Runtime,Id')
  t.is(await page.locator('.alike').textContent(), 'All nodes: Connections 3/3 · Code 0b5f0b5f0b5f')
  const [peer] = status.peers
  if (peer?.link == null) return t.fail()
  node.publish(withPeer(status, peer.address, { link: { ...peer.link, sameCode: false, lag: 7 } }))
  await until(columns, 'Name,State,Round trip,Since,Unsent,Dialed by,Runtime,Code,Id')
})

test.serial('table - copies an id', async (t) => {
  const permissions = ['clipboard-read', 'clipboard-write']
  const { page } = await show(t, completeMesh(3), { permissions })
  await page.locator(`[data-row="${THIRD}"] .copy`).click()
  await page.locator(`[data-row="${THIRD}"] .copied`).waitFor()
  t.is(await page.evaluate(() => navigator.clipboard.readText()), `${'7'.repeat(31)}3`)
})

test.serial('page - keeps the theme that was chosen', async (t) => {
  const { page } = await show(t, completeMesh(3), { colorScheme: 'light' })
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const light = await ground()
  const theme = page.locator('#theme')
  await theme.click()
  await until(() => theme.textContent(), 'Light')
  await theme.click()
  await until(() => theme.textContent(), 'Dark')
  const dark = await ground()
  t.not(dark, light)
  await page.reload()
  await until(() => theme.textContent(), 'Dark')
  t.is(await ground(), dark)
})

test.serial('page - a matrix tells who is connected to whom', async (t) => {
  const { page } = await show(t, broken())
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

test.serial('page - counts messages a second', async (t) => {
  const { node, page } = await show(t, completeMesh(2))
  const rate = async () => (await look(page)).figures['Messages']
  await until(rate, '0 /s')
  node.delivered += 1000
  await waitUntil(
    async () => (await rate()) !== '0 /s',
    () => 'no rate',
  )
  // Two seconds pass between two looks, and more on a busy machine.
  t.regex((await rate()) ?? '', /^[1-9]\d{0,2} \/s$/)
})

test.serial('messages - shows gaps, and how far peers lag', async (t) => {
  const { node, page } = await show(t, completeMesh(3))
  node.unsent = 12
  const facts = { from: THIRD, feed: 'f', seq: 9, ageMs: 65_000, relayed: true }
  const message = { ...facts, topic: 'news', body: { base64: 'AA==' } }
  const gap = { from: THIRD, feed: 'f', first: 4, last: 8 }
  const events = `event: gap\ndata: ${JSON.stringify(gap)}\n\ndata: ${JSON.stringify(message)}\n\n`
  let asked = ''
  await page.route('**/topics/**', (route) => {
    asked = route.request().url()
    return route.fulfill({ contentType: 'text/event-stream', body: events })
  })
  await page.getByRole('button', { name: 'Messages' }).click()
  await page.locator('#messages li').nth(1).waitFor()
  t.is(asked, `${node.url}topics/%3E?history=kept`)
  const [first, second] = await page.locator('#messages li').allTextContents()
  t.is(first, '5 messages of 4003 missing')
  t.regex(second ?? '', /4003news\{"base64":"AA=="\}$/)
  await page.getByText('Peers lag: 12 messages of this node not sent yet.').waitFor()
})

test.serial('page - a mesh of 30 fits a screen, and shows what is missing at once', async (t) => {
  const status = withoutLine(afterLeave(completeMesh(30), THIRD), madeAddress(12), madeAddress(25))
  const { page } = await show(t, status, { viewport: { width: 1280, height: 800 } })
  const view = await look(page)
  t.is(view.summary, '1 missing')
  t.deepEqual(view.problems, [
    "4003 is missing: closed by peer: 1001 'node stops'",
    '4012 and 4025 are not connected',
  ])
  // Only the lines of this node and the missing one, so that it is seen.
  t.deepEqual(view.lines, { own: 28, missing: 1, absent: 0, selected: 0 })
  t.is(await page.evaluate(() => document.documentElement.scrollHeight), 800)
  await page.setViewportSize({ width: 390, height: 844 })
  await until(async () => (await page.locator('thead th').allTextContents()).length, 3)
  t.true((await page.evaluate(() => document.documentElement.scrollHeight)) < 2000)
})

test.serial('page - shows text of peers as text', async (t) => {
  const markup = '<img src=x onerror=alert(1)>'
  const status = completeMesh(3, (number) => `ws://${markup}${number}:4001`)
  const { page, complaints } = await show(t, { ...status, summary: markup })
  await page.locator('tbody tr').nth(2).waitFor()
  t.is(await page.locator('img').count(), 0)
  t.is((await look(page)).summary, markup)
  t.deepEqual(complaints, [])
})

test.serial('page - a status that it cannot show makes it request a reload', async (t) => {
  const { node, page, complaints } = await show(t, completeMesh(3))
  const unknown = '{"format":1,"peers":[{},null,{"address":"ws://a:1","state":"new","link":7}]}'
  for (const text of ['{"format":2}', unknown, 'null', '{', '[]']) {
    node.publish(completeMesh(3))
    await seeUntil(page, ({ state }) => state === 'complete')
    node.publishText(text)
    const view = await seeUntil(page, ({ state }) => state === 'mismatch')
    t.is(view.summary, 'This page and its node have different versions; reload it')
  }
  // The tick, twice a second, must not bring the old text back.
  const untilMs = performance.now() + 1_100
  while (performance.now() < untilMs) t.is((await look(page)).state, 'mismatch')
  node.publish(completeMesh(3))
  await seeUntil(page, ({ state }) => state === 'complete')
  t.deepEqual(complaints, [])
})

const SIZES: Readonly<Record<string, BrowserContextOptions>> = {
  'a laptop': { viewport: { width: 1280, height: 800 } },
  'a large screen': { viewport: { width: 1920, height: 1080 } },
  'a phone': { viewport: { width: 390, height: 844 }, hasTouch: true },
}

for (const [name, options] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.serial(`page - axe-core finds nothing on ${name} in ${colorScheme}`, async (t) => {
      const look = { ...options, colorScheme, reducedMotion: 'reduce' } as const
      const status = withPeer(
        afterLeave(afterLeave(completeMesh(8), THIRD), madeAddress(5), null),
        madeAddress(6),
        { state: 'attempting', link: null, connectedTo: null },
      )
      const { watched, page } = await show(t, status, look)
      t.deepEqual(await accessibilityFindings(watched), [])
      await mark(page, THIRD).click()
      await page.locator('tr.details').waitFor()
      await page.locator('#help summary').click()
      t.deepEqual(await accessibilityFindings(watched), [])
      await page.locator('#help summary').click()
      await page.getByRole('button', { name: 'Matrix' }).click()
      await page.locator('.matrix svg').waitFor()
      t.deepEqual(await accessibilityFindings(watched), [])
      const [width, room] = await page.evaluate(() => [
        document.documentElement.scrollWidth,
        document.documentElement.clientWidth,
      ])
      t.is(width, room)
    })
  }
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

test.serial('page - reacts with 1,000 peers', async (t) => {
  const { node, page, complaints } = await show(t, completeMesh(1001))
  t.is(Object.keys((await look(page)).nodes).length, 1001)
  const toldMs = performance.now()
  node.publish(afterLeave(completeMesh(1001), THIRD))
  await seeUntil(page, ({ nodes }) => nodes[THIRD] === 'backing-off')
  t.log(`${Math.round(performance.now() - toldMs)} ms to show a change`)
  t.is(await page.locator('tbody tr').count(), ROWS_MAX)
  // It reacts to a key between two changes.
  await page.locator('.choice button').nth(1).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('End')
  await waitUntil(
    async () => (await detailsOf(page))['Address']?.startsWith(madeAddress(1001)) === true,
    () => 'a key did nothing',
  )
  t.deepEqual(complaints, [])
})
