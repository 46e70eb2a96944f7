/** The panel that follows topics and publishes. */

import test from 'ava'
import type { Page, Route } from 'playwright-core'
import { completeMesh, madeAddress } from '../helpers/made-status.ts'
import { show, until } from '../helpers/shown-page.ts'

const THIRD = madeAddress(3)

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

/** An event of a message, as a node sends it. The stream ends after it, and is opened again. */
function eventOf(seq: number, body: string, ageMs = 0): string {
  const facts = { from: THIRD, feed: 'f', seq, ageMs, relayed: false }
  return `retry: 50\ndata: ${JSON.stringify({ topic: 'news', body, ...facts })}\n\n`
}

function stream(route: Route, body: string): Promise<void> {
  return route.fulfill({ contentType: 'text/event-stream', body })
}

async function follow(page: Page, pattern: string): Promise<void> {
  await page.getByLabel('Topics').fill(pattern)
  await page.getByRole('button', { name: 'Follow' }).click()
}

test.serial('messages - after a mistyped pattern, another one can be followed', async (t) => {
  const { page } = await show(t, completeMesh(3))
  const asked: string[] = []
  await page.route('**/topics/**', (route) => {
    asked.push(decodeURIComponent(route.request().url().replace(/.*\//, '')))
    if (!route.request().url().includes('a%20b')) return stream(route, eventOf(1, 'hello'))
    return route.fulfill({ status: 400, body: "no pattern in '/topics/a%20b'; write /topics/>\n" })
  })
  const line = page.getByText("no pattern in '/topics/a%20b'; write /topics/>")
  const messages = page.locator('#messages li')
  await page.getByRole('button', { name: 'Messages' }).click()
  await messages.waitFor()
  await follow(page, 'a b')
  await line.waitFor()
  t.is(await page.getByText('connecting').count(), 0)
  t.is(await messages.count(), 0)
  await follow(page, '>')
  await messages.waitFor()
  await until(() => line.count(), 0)

  await follow(page, 'a b')
  await line.waitFor()
  asked.length = 0
  await page.getByRole('button', { name: 'Activity' }).click()
  await page.getByRole('button', { name: 'Messages' }).click()
  await messages.waitFor()
  t.deepEqual([...new Set(asked)], ['>?history=kept'])
  t.is(await page.getByLabel('Topics').inputValue(), '>')
})

test.serial(
  'messages - a page that may not follow says why, and a busy node is asked again',
  async (t) => {
    const { page } = await show(t, completeMesh(3))
    let status = 403
    await page.route('**/topics/**', (route) =>
      status === 200
        ? stream(route, eventOf(1, 'hello'))
        : route.fulfill({ status, body: status === 404 ? '' : `the reason of ${status}\n` }),
    )
    const open = page.getByRole('button', { name: 'Messages' })
    for (const refusal of [401, 403, 421]) {
      status = refusal
      await open.click()
      await page.getByText(`the reason of ${refusal}`).waitFor()
      t.is(await page.getByRole('button', { name: 'Follow' }).count(), 0)
    }
    status = 503
    await open.click()
    await page.getByText('the reason of 503').waitFor()
    t.is(await page.getByText('connecting').count(), 1)
    status = 200
    await page.locator('#messages li').waitFor()
    await until(() => page.getByText('the reason of').count(), 0)
    status = 404
    await follow(page, 'a')
    await page.getByText('HTTP status 404').waitFor()
  },
)

test.serial('messages - a gap that comes again is the same one', async (t) => {
  const { page } = await show(t, completeMesh(3))
  let streams = 0
  await page.route('**/topics/**', (route) => {
    streams += 1
    const gap = { from: THIRD, feed: 'f', first: 4, last: 7 + Math.min(streams, 2) }
    return stream(route, `event: gap\ndata: ${JSON.stringify(gap)}\n\n${eventOf(1, 'hello')}`)
  })
  await page.getByRole('button', { name: 'Messages' }).click()
  await page.getByText('6 messages of 4003 missing').waitFor()
  await until(async () => streams > 3, true)
  t.is(await page.getByRole('log').getByRole('listitem').count(), 2)
})

test.serial('messages - what was published while the reader slept is not late', async (t) => {
  const { page } = await show(t, completeMesh(3))
  let isAwake = false
  await page.route('**/topics/**', (route) =>
    stream(route, isAwake ? eventOf(2, 'missed', 700_000) : eventOf(1, 'hello')),
  )
  await page.getByRole('button', { name: 'Messages' }).click()
  const messages = page.locator('#messages li')
  await messages.waitFor()
  await page.evaluate(() => {
    const { now } = Date
    Date.now = () => now() + 720_000
  })
  isAwake = true
  await messages.nth(1).waitFor()
  t.regex((await messages.nth(1).textContent()) ?? '', /missed$/)
})

test.serial('messages - publishes a text once, and puts back what is not published', async (t) => {
  const { page } = await show(t, completeMesh(3))
  const published: string[] = []
  let release = () => {}
  const isReleased = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/topics/**', async (route) => {
    if (route.request().method() === 'GET') return stream(route, eventOf(1, 'hello'))
    const body = route.request().postData() ?? ''
    published.push(body)
    await isReleased
    if (body === 'one') return route.fulfill({ status: 201, body: '{}' })
    if (body === 'two') return route.fulfill({ status: 503, body: 'the node stops\n' })
    if (published.length === 3)
      return route.fulfill({ status: 413, body: 'the text is too long\n' })
    return route.abort()
  })
  const text = page.getByLabel('Message', { exact: true })
  await page.getByRole('button', { name: 'Messages' }).click()
  await text.fill('one')
  await text.press('Enter')
  await until(() => text.inputValue(), '')
  await text.press('Enter')
  await text.fill('two')
  await text.press('Enter')
  await until(async () => published.join(), 'one,two')
  await text.fill('meanwhile')
  let answers = 0
  page.on('response', (response) => {
    if (response.request().method() === 'POST') answers += 1
  })
  release()
  await until(async () => answers, 2)
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  t.is(await text.inputValue(), 'meanwhile')
  await text.fill('three')
  await text.press('Enter')
  await page.getByText('the text is too long').waitFor()
  await until(() => text.inputValue(), 'three')
  await text.press('Enter')
  await page.getByText('no answer from this node: perhaps not published').waitFor()
  await until(() => text.inputValue(), 'three')
  t.deepEqual(published, ['one', 'two', 'three', 'three'])
})

test.serial(
  'messages - does not wait for an answer without end, nor in a closed panel',
  async (t) => {
    const { page } = await show(t, completeMesh(3))
    let published = 0
    await page.route('**/topics/**', (route) => {
      if (route.request().method() === 'GET') return stream(route, eventOf(1, 'hello'))
      published += 1
      return new Promise(() => {})
    })
    let failed = 0
    page.on('requestfailed', (request) => {
      if (request.method() === 'POST') failed += 1
    })
    await page.clock.install()
    t.teardown(() => page.context().close())
    const open = page.getByRole('button', { name: 'Messages' })
    const text = page.getByLabel('Message', { exact: true })
    await open.click()
    await text.fill('one')
    await text.press('Enter')
    await until(async () => published, 1)
    await page.clock.fastForward(10_000)
    await page.getByText('no answer from this node: perhaps not published').waitFor()
    await until(() => text.inputValue(), 'one')
    t.is(failed, 1)

    await text.press('Enter')
    await until(async () => published, 2)
    // Not only when the time for it is over: none passes.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000)
    await page.getByRole('button', { name: 'Activity' }).click()
    await until(async () => failed, 2)
    await page.clock.resume()
    await open.click()
    await text.waitFor()
    t.is(await page.getByText('perhaps not published').count(), 0)
  },
)
