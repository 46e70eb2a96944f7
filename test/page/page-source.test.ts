/** What the page makes of the answers of its node, and of none. */

import test from 'ava'
import { afterLeave, completeMesh, madeAddress, withSilent } from '../helpers/made-status.ts'
import { look, seeUntil } from '../helpers/page-view.ts'
import { rowOf, show, until } from '../helpers/shown-page.ts'

const THIRD = madeAddress(3)

test.serial('page - says why its node refuses, as text of a limited length', async (t) => {
  const { node, page } = await show(t, completeMesh(3))
  let body = '/events has 16 clients already; close a page\n'
  await page.route('**/events', (route) => route.fulfill({ status: 503, body }))
  await page.reload()
  const summary = async () => (await look(page)).summary
  await until(summary, '/events has 16 clients already; close a page; trying again')
  body = `<img src=x onerror=alert(1)>${'x'.repeat(1_000)}`
  await until(async () => /^<img .*…x+; trying again$/.test(await summary()), true)
  t.true((await summary()).length < 200)
  t.is(await page.locator('img').count(), 0)
  body = ''
  await until(summary, 'HTTP status 503; trying again')
  await page.unroute('**/events')
  await until(summary, 'all 3 nodes connected')
  await node.stop()
  await until(summary, 'No answer from this node; trying again')
})

test.serial('page - tells screen readers how the mesh is when that changes', async (t) => {
  const mesh = completeMesh(5)
  const { node, page } = await show(t, mesh)
  const announced = async () => (await page.locator('#announced').textContent()) ?? ''
  t.is(await announced(), '', 'the first status is read with the page')
  node.publish(withSilent(mesh, THIRD))
  await until(announced, '1 node does not answer')
  node.publishText('{}')
  await until(announced, 'This page and its node have different versions; reload the page')
  await node.stop()
  await until(announced, 'No answer from this node; trying again')
  node.publish(afterLeave(mesh, THIRD))
  await node.start()
  await until(async () => /^disconnected from .*\. 1 missing$/.test(await announced()), true)
})

test.serial('page - opens a silent stream again, though its node answers', async (t) => {
  const { node, page } = await show(t, completeMesh(3))
  t.teardown(() => page.context().close())
  await page.clock.install()
  let asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.reload()
  await seeUntil(page, ({ state }) => state === 'complete')
  asked = []
  await page.clock.fastForward(35_000)
  await until(async () => asked.includes('/health'), true)
  node.publish(completeMesh(4))
  await seeUntil(page, ({ summary }) => summary === 'all 4 nodes connected')
  asked = []
  await page.clock.fastForward(15_000)
  await until(async () => asked.includes('/health'), true)
  t.false(asked.includes('/events'), 'something came 15 s ago')
  await page.clock.fastForward(35_000)
  await until(async () => asked.includes('/events'), true)
  await seeUntil(page, ({ state }) => state === 'complete')
})

test.serial('page - tells how long ago by the clock of its node', async (t) => {
  const { page } = await show(t, completeMesh(3))
  t.teardown(() => page.context().close())
  const behindMs = 90 * 60_000
  await page.addInitScript((ms) => {
    const { now } = Date
    Date.now = () => now() - ms
  }, behindMs)
  await page.reload()
  const { figures } = await seeUntil(page, ({ state }) => state === 'complete')
  t.regex(figures['Last change'] ?? '', /^(?:59 min|1 h) ago$/)
  t.regex((await page.locator('#log time').first().textContent()) ?? '', /^(?:59 min|1 h) ago$/)
  t.regex((await rowOf(page, THIRD))['Since'] ?? '', /^(?:59 min|1 h) ago$/)
})
