/** The page in a real browser, against a node whose status the test sets. */

import test, { type ExecutionContext } from 'ava'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { Status } from '../../src/http/status.ts'
import { launchBrowser, leavePage, openPage } from './browser.ts'
import { freePort } from './free-port.ts'
import { afterLeave, completeMesh, madeAddress, withoutLine } from './made-status.ts'
import { MockNode } from './mock-node.ts'
import { look, seeUntil } from './page-view.ts'
import { waitUntil } from './wait-until.ts'

const teardowns: (() => unknown)[] = []
let browser: Browser | undefined

test.before(async () => {
  browser = await launchBrowser({ teardown: (end) => void teardowns.push(end) })
})

test.after.always(async () => {
  for (const end of teardowns) await end()
})

/** A page that has shown its first status. */
export async function show(t: ExecutionContext, status: Status, more: BrowserContextOptions = {}) {
  if (browser === undefined) throw new Error('no browser')
  // A pulse that never ends takes much of the processor. test/e2e/page has it.
  const options = { reducedMotion: 'reduce', ...more } as const
  const node = await MockNode.start(t, await freePort(t), status)
  const watched = await openPage(browser, node.url, options)
  t.teardown(() => leavePage(watched.page, options))
  await seeUntil(watched.page, ({ state }) => state !== 'waiting')
  return { node, watched, ...watched }
}

/** The details of the selected node, by heading. */
export async function detailsOf(page: Page) {
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
export async function rowOf(page: Page, address: string) {
  const titles = await page.locator('thead th').allTextContents()
  const cells = await page.locator(`[data-row="${address}"] > *`).allTextContents()
  return Object.fromEntries(titles.map((title, index) => [title, cells[index] ?? '']))
}

/** The names in the first column, from above. */
export function namesIn(page: Page) {
  return page.locator('button.name').allTextContents()
}

export function mark(page: Page, address: string) {
  return page.locator(`[data-address="${address}"] .mark`)
}

/** Waits until the page gives this. */
export async function until<T>(given: () => Promise<T>, expected: T): Promise<void> {
  let last: T | undefined
  await waitUntil(
    async () => {
      last = await given()
      return last === expected
    },
    () => `${last} instead of ${expected}`,
  )
}

/** A mesh of ten in which the third is missing, and one connection of two others. */
export function brokenMesh(): Status {
  const left = afterLeave(completeMesh(10), madeAddress(3))
  return withoutLine(left, madeAddress(5), madeAddress(8))
}

/** A page of so many peers shows a change, and between two changes it reacts to a key. */
export async function reactsWithPeers(t: ExecutionContext, count: number): Promise<void> {
  const mesh = completeMesh(count + 1)
  const { node, page, complaints } = await show(t, mesh)
  t.is(Object.keys((await look(page)).nodes).length, count + 1)
  const toldMs = performance.now()
  node.publish(afterLeave(mesh, madeAddress(3)))
  await seeUntil(page, ({ nodes }) => nodes[madeAddress(3)] === 'backing-off')
  t.log(`${Math.round(performance.now() - toldMs)} ms to show a change`)
  t.true((await page.locator('tbody tr').count()) < 100, 'only what is seen is there')
  await page.locator('.choice button').nth(1).focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('End')
  await waitUntil(
    async () => (await detailsOf(page))['Address']?.startsWith(madeAddress(count + 1)) === true,
    () => 'a key did nothing',
  )
  const rows = count + 1
  const middle = Math.floor(rows / 2)
  const table = page.locator('table')
  t.is(await table.getAttribute('aria-rowcount'), `${rows + 1}`)
  const seen = table.locator(`[data-row="${madeAddress(middle)}"]`)
  t.is(await seen.count(), 0)
  await page.locator('.scroller').evaluate(
    (scroller, part) => {
      scroller.scrollTop = part * scroller.scrollHeight
    },
    (middle - 2) / rows,
  )
  await seen.waitFor()
  t.is(await seen.getAttribute('aria-rowindex'), `${middle + 1}`)
  t.deepEqual(complaints, [])
}
