/** POST /topics/TOPIC: publishing over HTTP. */

import { Agent, IncomingMessage, request, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import test from 'ava'
import {
  BODIES_MAX,
  BODY_PIECES_MAX,
  DRAINED_BYTES_MAX,
  REQUESTS_BURST,
} from '../../src/http/limits.ts'
import { Publications } from '../../src/http/publications.ts'
import { BodyReader, bodyOf } from '../../src/http/request-body.ts'
import { line, send } from '../../src/http/response.ts'
import { ITEM_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { NESTING_MAX } from '../../src/wire/nesting.ts'
import { RawCall } from '../helpers/caller.ts'
import type { TestHandler } from '../helpers/http-handler.ts'
import { post, stageFor } from '../helpers/topics-stage.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** The start of a request to publish a body of so many bytes. */
function headFor({ port }: TestHandler, bytes: number): string {
  return `POST /topics/a HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: ${bytes}\r\n\r\n`
}

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

test('topics - refuses a query where one publishes', async (t) => {
  const { http, bodies } = await stageFor(t)
  const { status, text } = await post(http, '/topics/a?history=run', '1')
  t.is(status, 400)
  t.is(text, 'a topic to publish to has no query; write /topics/a.b.c\n')
  t.deepEqual(bodies(), [])
})

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
  const slow = Array.from({ length: BODIES_MAX - 1 }, request)
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

test('topics - a body in single bytes takes no more memory than its bytes', async (t) => {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') return t.fail('no gc')
  const request = new IncomingMessage(new Socket())
  const body = bodyOf(request, 10_000)
  const pieces: WeakRef<Buffer>[] = []
  for (let n = 0; n < 3 * BODY_PIECES_MAX; n += 1) {
    const piece = Buffer.from('x')
    pieces.push(new WeakRef(piece))
    request.push(piece)
    // Few turns: other tests share them, and a body has its time.
    if (n % 100 === 99) await new Promise((resolve) => setImmediate(resolve))
  }
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  const kept = pieces.filter((piece) => piece.deref() !== undefined)
  t.true(kept.length <= BODY_PIECES_MAX + 1, `${kept.length} of ${pieces.length}`)
  request.push(null)
  t.deepEqual(await body, Buffer.from('x'.repeat(3 * BODY_PIECES_MAX)))
})

test('topics - nothing is sent to a client that is gone', (t) => {
  const request = new IncomingMessage(new Socket())
  const response = new ServerResponse(request)
  response.destroy()
  send(request, response, line(200, 'late'))
  // Else a timer would keep the process alive.
  t.false(response.headersSent)
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
