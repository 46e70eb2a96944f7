/** The page in a real browser, against a node whose status the test sets. */

import test, { type ExecutionContext } from 'ava'
import type { Browser, BrowserContextOptions } from 'playwright-core'
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

/** The facts in the panel, by heading. */
async function panelOf(page: Awaited<ReturnType<typeof show>>['page']) {
  return Object.fromEntries(
    await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('#panel dl div')]
        .filter(({ hidden }) => !hidden)
        .map(({ firstElementChild, lastElementChild }) => [
          firstElementChild?.textContent ?? '',
          lastElementChild?.textContent ?? '',
        ]),
    ),
  )
}

test.serial('page - shows five nodes, ten lines and the summary', async (t) => {
  const { page, complaints, foreignRequests } = await show(t, completeMesh(5))
  const { log, ...view } = await look(page)
  t.deepEqual(view, {
    title: '5/5 localhost:4001 · Fullmesh',
    summary: 'all 5 nodes connected',
    missing: '10 connections, none missing.',
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
  t.is(log.length, 4)
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
      summary: '4 of 5 nodes connected, 1 missing',
      standing: 6,
    })
    t.like(view.lines, { absent: 4, missing: 0 })
    t.regex(view.missing, /^Not connected: 4003, trying again in 1[12] s\.$/)
    t.regex(view.log[0] ?? '', /^ws:\/\/localhost:4003 left/)
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
  const note = page.locator(`[data-address="${THIRD}"] .note`)
  const seconds = async () => Number(/in (\d+) s/.exec((await note.textContent()) ?? '')?.[1])
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
  t.is(view.missing, 'Missing 1 connection: 4002 to 4004.')
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
  t.like(await panelOf(page), { Id: 'f'.repeat(32) })
})

test.serial('page - shows the facts of the hovered or selected node', async (t) => {
  const status = withoutLine(completeMesh(5), THIRD, madeAddress(4))
  const { page } = await show(
    t,
    withPeer(status, THIRD, { lastEnding: { at: '2026-01-02T03:04:05Z', text: 'dial failed' } }),
  )
  await page.locator(`[data-address="${THIRD}"] .mark`).hover()
  const { Since, 'Last close': lastClose, ...facts } = await panelOf(page)
  t.deepEqual(facts, {
    Address: THIRD,
    State: 'connected',
    'Connected to': '3 of 4',
    Missing: '4004',
    'Dialed by': 'the peer',
    'Round trip': '1.4 ms',
    Runtime: 'Deno 2.9.6',
    Code: 'same as this node',
    Id: `${'7'.repeat(31)}3`,
  })
  t.regex(Since ?? '', /^(?:59 min|1 h) ago \(.*\d\d:\d\d:\d\d\)$/)
  t.regex(lastClose ?? '', /^2026-01-0[123] \d\d:\d\d:\d\d dial failed$/)

  await page.mouse.move(0, 0)
  t.like(await panelOf(page), { State: 'this node' })
  await page.locator(`[data-address="${THIRD}"] .mark`).click()
  await page.mouse.move(0, 0)
  t.like(await panelOf(page), { Address: THIRD })
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
  await page.locator(`[data-address="${madeAddress(2)}"] .mark`).hover()
  t.like(await panelOf(page), { Data: JSON.stringify(data) })
})

test.serial('page - works with the keyboard alone', async (t) => {
  const { page } = await show(t, completeMesh(5))
  await page.keyboard.press('Tab')
  t.like(await panelOf(page), { Address: madeAddress(1) })
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  t.like(await panelOf(page), { Address: THIRD })
  t.is(await page.locator('[aria-selected="true"]').getAttribute('data-address'), THIRD)
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowLeft')
  t.like(await panelOf(page), { Address: madeAddress(5) })
  await page.keyboard.press('Escape')
  t.like(await panelOf(page), { State: 'this node' })
  t.is(await page.locator('[aria-selected="true"]').count(), 0)
})

test.serial('page - has the same facts as a table', async (t) => {
  const { node, page } = await show(t, completeMesh(5))
  await page.locator('summary').focus()
  await page.keyboard.press('Enter')
  await page.locator('tbody tr').nth(4).waitFor()
  node.publish(afterLeave(completeMesh(5), THIRD))
  await seeUntil(page, ({ nodes }) => nodes[THIRD] === 'backing-off')
  const row = await page.locator('tbody tr').nth(2).locator('th, td').allTextContents()
  t.deepEqual(row.slice(0, 1), [THIRD])
  t.regex(row[1] ?? '', /^trying again in \d+ s$/)
  t.regex(row.at(-1) ?? '', /closed by peer: 1001 'node stops'$/)
})

test.serial('page - shows text of peers as text', async (t) => {
  const markup = '<img src=x onerror=alert(1)>'
  const status = completeMesh(3, (number) => `ws://${markup}${number}:4001`)
  const { page, complaints } = await show(t, { ...status, summary: markup })
  await page.locator('summary').click()
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
    t.is(view.summary, 'This page and its node have different versions')
  }
  // The tick, twice a second, must not bring the old text back.
  const untilMs = performance.now() + 1_100
  while (performance.now() < untilMs) t.is((await look(page)).state, 'mismatch')
  node.publish(completeMesh(3))
  await seeUntil(page, ({ state }) => state === 'complete')
  t.deepEqual(complaints, [])
})

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  'a phone': { viewport: { width: 360, height: 740 }, hasTouch: true },
}

for (const [name, options] of Object.entries(LOOKS)) {
  test.serial(`page - axe-core finds nothing serious in ${name}`, async (t) => {
    const status = withPeer(
      afterLeave(afterLeave(completeMesh(8), THIRD), madeAddress(5), null),
      madeAddress(6),
      { state: 'attempting', link: null, connectedTo: null },
    )
    const { watched, page } = await show(t, status, { ...options, reducedMotion: 'reduce' })
    t.deepEqual(await accessibilityFindings(watched), [])
    await page.locator(`[data-address="${THIRD}"] .mark`).click()
    await page.locator('summary').click()
    await page.locator('tbody tr').nth(7).waitFor()
    t.deepEqual(await accessibilityFindings(watched), [])
    const [width, room] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ])
    t.is(width, room)
  })
}

test.serial('page - draws each of 19,900 lines, and no two names over each other', async (t) => {
  const { page } = await show(t, completeMesh(200))
  t.is((await look(page)).standing, 19_900)
  const overlaps = await page.evaluate(() => {
    // Names around a circle: those in reach of each other are neighbours.
    const names = [...document.querySelectorAll<SVGTextElement>('.name')].filter(
      (name) => name.getAttribute('visibility') !== 'hidden',
    )
    return names.filter((name, index) => {
      const next = names[(index + 1) % names.length]
      const [a, b] = [name, next].map((text) => text?.getCTM())
      const distance = Math.hypot((a?.e ?? 0) - (b?.e ?? 0), (a?.f ?? 0) - (b?.f ?? 0))
      return distance < Number.parseFloat(getComputedStyle(name).fontSize)
    }).length
  })
  t.is(overlaps, 0)
})

test.serial('page - reacts with 1,000 peers', async (t) => {
  const { node, page, complaints } = await show(t, completeMesh(1001))
  t.is(Object.keys((await look(page)).nodes).length, 1001)
  t.true(await page.locator('#cut').isVisible())
  const toldMs = performance.now()
  node.publish(afterLeave(completeMesh(1001), THIRD))
  await seeUntil(page, ({ nodes }) => nodes[THIRD] === 'backing-off')
  t.log(`${Math.round(performance.now() - toldMs)} ms to show a change`)
  // It reacts to a key between two changes.
  await page.keyboard.press('Tab')
  await page.keyboard.press('End')
  await waitUntil(
    async () => (await panelOf(page))['Address'] === madeAddress(1001),
    () => 'a key did nothing',
  )
  t.deepEqual(complaints, [])
})
