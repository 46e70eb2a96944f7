/** What the page makes of a status, and of a node that fails. */

import test from 'ava'
import { afterLeave, completeMesh, madeAddress, withoutLine } from '../helpers/made-status.ts'
import { look, seeUntil } from '../helpers/page-view.ts'
import { rowOf, show, until } from '../helpers/shown-page.ts'
import { waitUntil, waitUntilQuick } from '../helpers/wait-until.ts'

/** The most time for a change to appear. */
const CHANGE_MS_MAX = 1000

const THIRD = madeAddress(3)

test.serial('page - shows five nodes, ten lines and the summary', async (t) => {
  const { page, complaints, foreignRequests } = await show(t, completeMesh(5))
  const { log, figures, ...view } = await look(page)
  t.like(figures, { Nodes: '5 of 5', Connections: '10 of 10 pairs', 'Median round trip': '1.9 ms' })
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
    t.deepEqual(view.problems, ['4003 is missing: the program was stopped'])
    t.like(view.figures, {
      Nodes: '4 of 5',
      Connections: '6 of 10 pairs',
      'Last change': 'now',
    })
    t.is(view.log[0], '4003 stopped')
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
  const opacity = (of: string) =>
    page.locator(of).evaluate((element) => getComputedStyle(element).opacity)
  for (const part of ['#glance', 'main']) await until(() => opacity(part), '0.45')

  const restarted = completeMesh(3)
  node.publish({ ...restarted, node: { ...restarted.node, id: 'f'.repeat(32) } })
  await node.start()
  const back = await seeUntil(page, ({ state }) => state === 'complete')
  t.like(back, { summary: 'all 3 nodes connected', standing: 3 })
  t.is((await rowOf(page, madeAddress(1)))['Id'], 'f'.repeat(8))
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
    t.is(view.summary, 'This page and its node have different versions; reload the page')
  }
  // The tick, twice a second, must not bring the old text back.
  const untilMs = performance.now() + 1_100
  while (performance.now() < untilMs) t.is((await look(page)).state, 'mismatch')
  node.publish(completeMesh(3))
  await seeUntil(page, ({ state }) => state === 'complete')
  t.deepEqual(complaints, [])
})

test.serial('page - has the title of the last status where no frame is drawn', async (t) => {
  const { node, page } = await show(t, completeMesh(5))
  // As in a tab that is hidden.
  await page.evaluate(() => {
    window.requestAnimationFrame = () => 0
  })
  node.publish(afterLeave(completeMesh(5), THIRD))
  await until(() => page.title(), '4/5 localhost:4001 · Fullmesh')
  t.is(await page.locator('body').getAttribute('data-state'), 'incomplete')
  t.is(await page.locator('#summary').textContent(), 'all 5 nodes connected')
})

test.serial('page - shows no rate that is out of date', async (t) => {
  const { node, page } = await show(t, completeMesh(2))
  const rate = async () => (await look(page)).figures['Messages']
  await until(rate, '0 /s')
  await page.route('**/metrics', (route) => route.fulfill({ status: 503 }))
  await until(rate, '–')
  await page.unroute('**/metrics')
  await until(rate, '0 /s')
  await page.route('**/metrics', (route) => route.abort())
  await until(rate, '–')
  await page.unroute('**/metrics')
  await until(rate, '0 /s')
  node.publishText('{}')
  const view = await seeUntil(page, ({ state }) => state === 'mismatch')
  await until(rate, '–')
  t.is(view.figures['Nodes'], '2 of 2')
})
