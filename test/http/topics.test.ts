import { Agent, createServer, IncomingMessage, request } from 'node:http'
import { Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { Followers } from '../../src/http/followers.ts'
import type { HttpHandlerOptions } from '../../src/http/http-handler.ts'
import {
  DRAINED_BYTES_MAX,
  FOLLOWERS_MAX,
  PUBLICATIONS_MAX,
  REQUESTS_BURST,
} from '../../src/http/limits.ts'
import { Publications } from '../../src/http/publications.ts'
import { BodyReader } from '../../src/http/request-body.ts'
import { parseIpRanges } from '../../src/mesh/address/ip-range.ts'
import { ITEM_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import type { PubSubOptions } from '../../src/pubsub/pubsub.ts'
import { NESTING_MAX } from '../../src/wire/nesting.ts'
import { RawCall } from '../helpers/caller.ts'
import { EventReader } from '../helpers/event-reader.ts'
import { freePort } from '../helpers/free-port.ts'
import { handlerFor, type TestHandler } from '../helpers/http-handler.ts'
import { TestTopics } from '../helpers/test-topics.ts'
import { waitUntil } from '../helpers/wait-until.ts'

interface Stage {
  readonly http: TestHandler
  readonly topics: TestTopics
  /** What was published, as subscriptions get it. */
  bodies(): readonly unknown[]
}

async function stageFor(
  t: ExecutionContext,
  options: Partial<HttpHandlerOptions> = {},
  bounds: Partial<PubSubOptions> = {},
): Promise<Stage> {
  const topics = new TestTopics(1, bounds)
  const http = await handlerFor(t, { topics: topics.facts(), ...options })
  topics.onNews = () => http.handler.wake()
  return { http, topics, bodies: () => topics.published() }
}

function post(http: TestHandler, path: string, body: string, type?: string) {
  const headers = { ...(type && { 'content-type': type }) }
  return http.ask(path, { method: 'POST', body, headers })
}

/** The start of a request to publish a body of so many bytes. */
function headFor({ port }: TestHandler, bytes: number): string {
  return `POST /topics/a HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: ${bytes}\r\n\r\n`
}

function dataOf({ events }: EventReader): readonly unknown[] {
  return events.map(({ data }): unknown => JSON.parse(data))
}

function seqsOf(reader: EventReader): readonly number[] {
  return reader.events.map(({ data }) => Number(JSON.parse(data).seq))
}

async function gets(reader: EventReader, count: number): Promise<void> {
  await waitUntil(
    () => reader.events.length >= count,
    () => `${count} events, got ${reader.events.length}`,
  )
}

// --- Publishing ----------------------------------------------------------------------------------

const BODIES = [
  [undefined, 'hello', 'hello'],
  // What curl -d sends.
  ['application/x-www-form-urlencoded', 'a=1&b', 'a=1&b'],
  ['text/plain; charset=utf-8', 'grüße\n', 'grüße\n'],
  ['text/plain', '', ''],
  ['application/json', ' {"a": [1, null]} ', { a: [1, null] }],
  ['Application/JSON ; charset=utf-8', '"x"', 'x'],
  ['application/octet-stream', 'hello', { base64: 'aGVsbG8=' }],
  ['application/jsonl', '{}', '{}'],
] as const

for (const [type, sent, body] of BODIES) {
  test(`topics - publishes ${JSON.stringify(sent)} of type ${type}`, async (t) => {
    const { http, topics, bodies } = await stageFor(t)
    const reply = await post(http, '/topics/a.b', sent, type)
    t.is(reply.status, 201)
    t.deepEqual(JSON.parse(reply.text), { feed: topics.feed, seq: 1 })
    t.deepEqual(bodies(), [['a.b', body]])
  })
}

test('topics - a topic is percent-decoded', async (t) => {
  const { http, bodies } = await stageFor(t)
  t.is((await post(http, '/topics/gr%C3%BC%C3%9Fe.%61%2Fb', '1')).status, 201)
  t.deepEqual(bodies(), [['grüße.a/b', '1']])
})

for (const path of ['', '%FF', '%', 'a..b', 'a.*', '>', 'a%20b', 'a'.repeat(256), '%0A']) {
  test(`topics - refuses to publish to ${JSON.stringify(path.slice(0, 9))}`, async (t) => {
    const { http, bodies } = await stageFor(t)
    const { status, text } = await post(http, `/topics/${path}`, '1')
    t.is(status, 400)
    t.regex(text, /^[^\n]+ has no topic; write \/topics\/a\.b\.c[^\n]*\n$/)
    t.deepEqual(bodies(), [])
  })
}

test('topics - refuses a body that is not of its type', async (t) => {
  const { http, bodies } = await stageFor(t)
  t.is((await post(http, '/topics/a', '{', 'application/json')).status, 400)
  t.is((await post(http, '/topics/a', '', 'application/json')).status, 400)
  const bytes = Buffer.from(`${headFor(http, 1)}\xff`, 'latin1')
  const call = await RawCall.open(t, http.port, bytes)
  await waitUntil(
    () => call.isClosed,
    () => 'an answer',
  )
  t.regex(
    call.received,
    /^HTTP\/1\.1 400 [\s\S]*not UTF-8; send bytes as application\/octet-stream/,
  )
  t.deepEqual(bodies(), [])
})

test('topics - a body may be as large as an item, and one byte more is refused', async (t) => {
  const { http, bodies } = await stageFor(t)
  const most = 'x'.repeat(ITEM_BYTES_MAX - 'a""'.length)
  t.is((await post(http, '/topics/a', most)).status, 201)
  t.is((await post(http, '/topics/a', `${most}x`)).status, 413)
  const bytes = 'x'.repeat(ITEM_BYTES_MAX)
  t.is((await post(http, '/topics/a', bytes, 'application/octet-stream')).status, 413)
  t.is(bodies().length, 1)
})

test('topics - a body that is too long is read to its end first, up to 1 MiB', async (t) => {
  const { http, bodies } = await stageFor(t)
  const half = Buffer.alloc(DRAINED_BYTES_MAX / 2, 'x')
  const call = await RawCall.open(t, http.port, headFor(http, DRAINED_BYTES_MAX))
  call.socket.write(half)
  // The node reads what was sent before it answers another connection.
  await http.ask('/health')
  t.is(call.received, '')
  call.socket.write(half)
  const longer = await RawCall.open(t, http.port, headFor(http, 10 * DRAINED_BYTES_MAX))
  for (let n = 0; n < 3; n += 1) longer.socket.write(half)
  for (const each of [call, longer]) {
    await waitUntil(
      () => each.isClosed,
      () => 'the end of a connection',
    )
  }
  t.regex(call.received, /^HTTP\/1\.1 413 /)
  t.deepEqual(bodies(), [])
})

test('topics - what a client has not sent to its end is not published', async (t) => {
  const { http, bodies } = await stageFor(t)
  const head = headFor(http, 9)
  const call = await RawCall.open(t, http.port, `${head}12345678`)
  await http.ask('/health')
  call.socket.destroy()
  await http.ask('/health')
  await waitUntil(
    async () => (await post(http, '/topics/a', 'next')).status === 201,
    () => 'another one',
  )
  t.deepEqual(bodies(), [['a', 'next']])
})

test('topics - a client that waits for each answer is never refused, on one connection', async (t) => {
  const { http, bodies } = await stageFor(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const ports = new Set<number | undefined>()
  const count = 50
  for (let n = 0; n < count; n += 1) {
    const status = await new Promise((resolve, reject) => {
      const target = {
        host: '127.0.0.1',
        port: http.port,
        path: '/topics/a',
        method: 'POST',
        agent,
      }
      const asked = request(target, (response) => {
        ports.add(response.socket.localPort)
        response.resume().on('end', () => resolve(response.statusCode))
      })
      asked.on('error', reject).end(String(n))
    })
    t.is(status, 201)
  }
  t.is(ports.size, 1)
  t.deepEqual(
    bodies(),
    Array.from({ length: count }, (_, n) => ['a', String(n)]),
  )
})

test('topics - requests that are sent together are published in their order', async (t) => {
  const { http, bodies } = await stageFor(t)
  const one = (n: number): string => `${headFor(http, 3)}${String(n).padStart(3)}`
  const count = 2 * REQUESTS_BURST
  const numbers = Array.from({ length: count }, (_, n) => n)
  const call = await RawCall.open(t, http.port, numbers.map(one).join(''))
  await waitUntil(
    () => call.received.split('HTTP/1.1 201').length === count + 1,
    () => `${count} answers`,
  )
  t.deepEqual(
    bodies(),
    numbers.map((n) => ['a', String(n).padStart(3)]),
  )
})

test('topics - slow bodies up to the limit delay no other, and one more waits for its turn', async (t) => {
  const published: unknown[] = []
  const publications = new Publications((topic, body) => {
    published.push([topic, body])
    return { feed: '', seq: published.length }
  }, new BodyReader())
  const request = () => {
    const body = new IncomingMessage(new Socket())
    const answer = publications.answer(body, '/topics/a')
    return { body, answer, isRead: () => body.listenerCount('data') > 0 }
  }
  const slow = Array.from({ length: PUBLICATIONS_MAX - 1 }, request)
  const quick = request()
  const [first] = slow
  const waiting = [request(), request()]
  for (const { isRead } of [...slow, quick]) t.true(isRead())
  for (const { isRead } of waiting) t.false(isRead())
  for (const { body } of [...waiting, quick]) body.push('x') && body.push(null)
  t.like(await quick.answer, { status: 201 })
  t.like(await waiting[0]?.answer, { status: 201 })
  t.like(await waiting[1]?.answer, { status: 201 })
  // All places are taken again, by one that a client has given up meanwhile.
  const last = [request(), request(), request()]
  t.deepEqual(
    last.map(({ isRead }) => isRead()),
    [true, false, false],
  )
  last[1]?.body.destroy()
  last[2]?.body.push(null)
  first?.body.push(null)
  t.like(await last[1]?.answer, { status: 400 })
  t.like(await last[2]?.answer, { status: 201 })
  t.is(published.length, 5)
  publications.close()
  t.like(await last[0]?.answer, { status: 503 })
})

test('topics - a node that stops refuses, also what it is reading', async (t) => {
  const { http, bodies } = await stageFor(t)
  const head = headFor(http, 2)
  const call = await RawCall.open(t, http.port, `${head}1`)
  await http.ask('/health')
  http.handler.close()
  await waitUntil(
    () => /^HTTP\/1\.1 503 [\s\S]*the message was not published/.test(call.received),
    () => 'an answer',
  )
  t.is((await post(http, '/topics/a', '1')).status, 503)
  t.is((await http.ask('/topics/a')).status, 503)
  t.deepEqual(bodies(), [])
})

// --- Who may -------------------------------------------------------------------------------------

const REFUSED = [
  [403, { origin: 'http://evil.example' }],
  [403, { origin: 'http://localhost:3000' }],
  [403, { origin: 'null' }],
  [403, { 'sec-fetch-site': 'cross-site' }],
  [
    403,
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
  ],
  [421, { host: 'evil.example' }],
  [403, { 'x-forwarded-for': '127.0.0.1' }],
] as const

for (const [expected, headers] of REFUSED) {
  test(`topics - are closed to ${JSON.stringify(headers)}`, async (t) => {
    const { http, topics, bodies } = await stageFor(t)
    for (const method of ['GET', 'POST', 'HEAD']) {
      const { status } = await http.ask('/topics/a', { method, headers })
      t.is(status, expected)
    }
    t.deepEqual(bodies(), [])
    t.is(topics.followers, 0)
  })
}

test('topics - TOPICS_ALLOW opens both, HTTP_ALLOW none of them', async (t) => {
  const all = parseIpRanges('*')
  if (all.kind !== 'value') return t.fail()
  const headers = { via: 'a proxy' }
  const looking = await stageFor(t, { allow: all.value })
  t.is((await looking.http.ask('/health', { headers })).status, 200)
  for (const method of ['POST', 'HEAD']) {
    const { status, text } = await looking.http.ask('/topics/a', { method, headers })
    t.is(status, 403)
    if (method === 'POST') t.regex(text, /; set TOPICS_ALLOW=127\.0\.0\.1 on the node/)
  }
  const open = await stageFor(t, { topicsAllow: all.value })
  t.is((await open.http.ask('/health', { headers })).status, 403)
  t.is((await open.http.ask('/topics/a', { method: 'HEAD', headers })).status, 200)
  t.is((await open.http.ask('/topics/a', { method: 'POST', headers })).status, 201)
})

test('topics - the page of the node itself may publish', async (t) => {
  const { http } = await stageFor(t)
  const host = `localhost:${http.port}`
  const headers = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }
  t.is((await http.ask('/topics/a', { method: 'POST', headers })).status, 201)
})

test('topics - other methods are refused, and none is allowed to other sites', async (t) => {
  const { http } = await stageFor(t)
  for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await http.ask('/topics/a', { method })
    t.is(status, 405)
    t.is(headers.allow, 'GET, HEAD, POST')
    t.is(headers['access-control-allow-origin'], undefined)
  }
})

// --- Following -----------------------------------------------------------------------------------

test('topics - a follower gets what matches from now on, with its sender', async (t) => {
  const { http, topics } = await stageFor(t)
  topics.publish('a.b', 'before')
  const reader = await EventReader.open(t, http.port, '/topics/a.*')
  t.is(reader.response.headers['content-type'], 'text/event-stream')
  t.is(reader.response.headers['x-content-type-options'], 'nosniff')
  topics.publish('a', 'other')
  topics.publish('a.c', { n: 1 }, Uint8Array.of(1, 255))
  await gets(reader, 2)
  const facts = { topic: 'a.c', from: 'ws://localhost:4001', feed: topics.feed, relayed: false }
  t.like(dataOf(reader), [
    { ...facts, body: { n: 1 }, seq: 3 },
    { ...facts, body: { base64: 'Af8=' }, seq: 4 },
  ])
  for (const { data } of reader.events) {
    const keys = ['ageMs', 'body', 'feed', 'from', 'relayed', 'seq', 'topic']
    t.deepEqual(Object.keys(JSON.parse(data)).sort(), keys)
  }
  t.is(reader.events[0]?.name, 'message')
  reader.disconnect()
  await waitUntil(
    () => topics.followers === 0,
    () => 'the end of the cursor',
  )
})

test('topics - a pattern may have its > as it is or encoded, and a history', async (t) => {
  const { http, topics } = await stageFor(t)
  topics.publish('a.b', 'one')
  for (const path of ['>', '%3E', 'a.>', 'a.%3e']) {
    for (const history of ['run', 'kept']) {
      const reader = await EventReader.open(t, http.port, `/topics/${path}?history=${history}`)
      await gets(reader, 1)
      t.like(dataOf(reader), [{ body: 'one' }])
    }
  }
})

for (const target of ['', 'a.>.b', 'a b', '%FF', 'a?history=all', 'a?since=1', 'a?history=run&x']) {
  test(`topics - refuses to follow ${JSON.stringify(target)}`, async (t) => {
    const { http, topics } = await stageFor(t)
    const { status, text } = await http.ask(`/topics/${target.replace(' ', '%20')}`)
    t.is(status, 400)
    t.regex(text, /^[^\n]+; write \/topics\/a\.b, [^\n]+\n$/)
    t.is(topics.followers, 0)
  })
}

test('topics - a follower goes on after its last event, also in the middle of a frame', async (t) => {
  const { http, topics } = await stageFor(t)
  const first = await EventReader.open(t, http.port, '/topics/a')
  topics.publish('a', 1, 2, 3)
  topics.publish('b', 4)
  topics.publish('a', 5, 6)
  await gets(first, 5)
  for (const [index, { id = '' }] of first.events.entries()) {
    const headers = { 'last-event-id': id }
    const next = await EventReader.open(t, http.port, '/topics/a?history=kept', headers)
    await gets(next, 4 - index)
    t.deepEqual(seqsOf(next), [1, 2, 3, 5, 6].slice(index + 1))
    next.disconnect()
  }
  // Before any event there is an id, too.
  const fresh = await EventReader.open(t, http.port, '/topics/a')
  await waitUntil(
    () => fresh.lastId !== '',
    () => 'an id',
  )
  fresh.disconnect()
  topics.publish('a', 7)
  const headers = { 'last-event-id': fresh.lastId }
  const next = await EventReader.open(t, http.port, '/topics/a', headers)
  await gets(next, 1)
  t.deepEqual(seqsOf(next), [7])
})

test('topics - an id of another run, or none of ours, begins with what came in this run', async (t) => {
  const { http, topics } = await stageFor(t)
  topics.publish('a', 1, 2)
  const own = (await EventReader.open(t, http.port, '/topics/a')).lastId
  for (const id of ['ffffffff-1.0', own.slice(1), 'x', '00000000-1', '']) {
    const reader = await EventReader.open(t, http.port, '/topics/a', { 'last-event-id': id })
    await gets(reader, 2)
    t.deepEqual(seqsOf(reader), [1, 2])
    reader.disconnect()
  }
  for (const id of ['00000000-9.0', '00000000-999999999999999.7', '00000000-1.999']) {
    const reader = await EventReader.open(t, http.port, '/topics/a', { 'last-event-id': id })
    topics.publish('a', id)
    await waitUntil(
      () => reader.events.some(({ data }) => JSON.parse(data).body === id),
      () => `the next one after ${id}`,
    )
    reader.disconnect()
  }
})

test('topics - whoever comes back too late gets a gap, and then the rest', async (t) => {
  const { http, topics } = await stageFor(t, {}, { logBytes: 100_000 })
  const first = await EventReader.open(t, http.port, '/topics/a')
  topics.publish('a', 'x')
  await gets(first, 1)
  first.disconnect()
  for (let n = 0; n < 10; n += 1) topics.publish('a', 'x'.repeat(10_000))
  const kept = await EventReader.open(t, http.port, '/topics/a?history=kept')
  await gets(kept, 1)
  const [from = 0] = seqsOf(kept)
  t.true(from > 2)
  const headers = { 'last-event-id': first.lastId }
  const again = await EventReader.open(t, http.port, '/topics/a', headers)
  await gets(again, 12 - from + 1)
  const [gap, ...rest] = again.events
  t.is(gap?.name, 'gap')
  const expected = { from: 'ws://localhost:4001', feed: topics.feed, first: 1, last: from - 1 }
  t.deepEqual(JSON.parse(gap?.data ?? ''), expected)
  t.deepEqual(
    rest.map(({ data }) => Number(JSON.parse(data).seq)),
    Array.from({ length: 12 - from }, (_, n) => from + n),
  )
})

test('topics - one that does not read lags, gets a gap, and delays no other', async (t) => {
  const { http, topics } = await stageFor(t, {}, { logBytes: 4 * 1024 * 1024 })
  const slow = await EventReader.open(t, http.port, '/topics/>')
  slow.response.pause()
  const quick = await EventReader.open(t, http.port, '/topics/>')
  const rss = process.memoryUsage.rss()
  const count = 400
  for (let seq = 1; seq <= count; seq += 1) {
    topics.publish('a', 'x'.repeat(100_000))
    // Of one feed it keeps ten of these.
    if (seq % 8 === 0) await gets(quick, seq)
  }
  t.deepEqual(
    seqsOf(quick),
    Array.from({ length: count }, (_, n) => n + 1),
  )
  t.true(process.memoryUsage.rss() < rss + 150 * 1024 * 1024)
  slow.response.resume()
  await waitUntil(
    () => slow.events.some(({ data }) => JSON.parse(data).seq === count),
    () => 'the last one',
  )
  // Each number came once and in order, or is in a gap.
  let next = 1
  for (const { name, data } of slow.events) {
    const { first, last, seq } = JSON.parse(data)
    t.is(name === 'gap' ? first : seq, next)
    next = Number(name === 'gap' ? last : seq) + 1
  }
  t.true(slow.events.some(({ name }) => name === 'gap'))
})

test('topics - one that is far behind gets all, in turns', async (t) => {
  const { http, topics } = await stageFor(t)
  for (let n = 0; n < 500; n += 1) topics.publish('a', n, n)
  const reader = await EventReader.open(t, http.port, '/topics/a?history=run')
  await gets(reader, 1_000)
  t.deepEqual(
    seqsOf(reader),
    Array.from({ length: 1_000 }, (_, n) => n + 1),
  )
})

test('topics - a body that is nested too deep is refused', async (t) => {
  const { http, bodies } = await stageFor(t)
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`
  for (const depth of [NESTING_MAX + 1, 60_000]) {
    const { status, text } = await post(http, '/topics/a', nested(depth), 'application/json')
    t.is(status, 413)
    t.is(text, 'a body has at most 256 arrays and objects within each other\n')
  }
  t.is((await post(http, '/topics/a', nested(NESTING_MAX), 'application/json')).status, 201)
  t.is(bodies().length, 1)
})

test('topics - a follower is told its place while nothing matches', async (t) => {
  const topics = new TestTopics(1)
  const followers = new Followers({ ...topics.facts(), run: topics.feed, keepAliveMs: 20 })
  topics.onNews = () => followers.wake()
  const pattern = parsePattern('a')
  if (pattern === undefined) return t.fail()
  const server = createServer((_request, response) => followers.open(response, pattern, 'none'))
  const port = await freePort(t)
  t.teardown(() => {
    followers.close()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const reader = await EventReader.open(t, port, '/')
  topics.publish('b', 1)
  topics.publish('b', 2)
  await waitUntil(
    () => reader.lastId === '00000000-2.0',
    () => `a place, got ${reader.lastId}`,
  )
  t.is(reader.events.length, 0)
  followers.close()
  await waitUntil(
    () => reader.isClosed,
    () => 'the end of the stream',
  )
})

test('topics - refuses one follower more than the limit, with Retry-After', async (t) => {
  const { http, topics } = await stageFor(t)
  const readers = await Promise.all(
    Array.from({ length: FOLLOWERS_MAX }, () => EventReader.open(t, http.port, '/topics/a')),
  )
  t.is(topics.followers, FOLLOWERS_MAX)
  const { status, headers } = await http.ask('/topics/a')
  t.is(status, 503)
  t.truthy(headers['retry-after'])
  t.is((await post(http, '/topics/a', 'x')).status, 201)
  for (const reader of readers) await gets(reader, 1)
  readers[0]?.disconnect()
  await waitUntil(
    () => topics.followers < FOLLOWERS_MAX,
    () => 'a place',
  )
  t.is((await EventReader.open(t, http.port, '/topics/a')).response.statusCode, 200)
})
