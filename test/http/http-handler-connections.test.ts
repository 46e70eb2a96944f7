/** Connections of the HTTP side: how many requests, for how long, and hostile bytes. */

import { Agent, createServer, request, type ServerResponse } from 'node:http'
import test from 'ava'
import {
  ANSWER_MS_MAX,
  REQUESTS_BURST,
  REQUESTS_PER_SECOND,
  WAITING_MAX,
} from '../../src/http/limits.ts'
import { IDLE_MS } from '../../src/io/limits.ts'
import { RawCall } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { handlerFor, type TestHandler } from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Bytes of a request, and a blank line after them. */
function bytesOf(port: number, ...lines: readonly string[]): string {
  return [...lines, `Host: localhost:${port}`, '\r\n'].join('\r\n')
}

/** Sends bytes and gives all that came back until the connection was closed. */
async function answerTo(
  t: Parameters<typeof RawCall.open>[0],
  port: number,
  bytes: string | Uint8Array,
): Promise<string> {
  const caller = await RawCall.open(t, port, bytes)
  await waitUntil(
    () => caller.isClosed,
    () => `the end of a connection that got '${caller.received.slice(0, 200)}'`,
  )
  return caller.received
}

// --- Connections ---------------------------------------------------------------------------------

test('http handler - as many requests at once on one connection as there may be, and one more', async (t) => {
  const { port } = await handlerFor(t)
  const startMs = performance.now()
  const one = bytesOf(port, 'GET /health HTTP/1.1')
  const received = await answerTo(t, port, one.repeat(REQUESTS_BURST * 3))
  const regainedMax = Math.ceil(((performance.now() - startMs) / 1000) * REQUESTS_PER_SECOND)
  const count = (status: number): number => received.split(`HTTP/1.1 ${status} `).length - 1
  t.true(count(200) >= REQUESTS_BURST, `${count(200)} answers`)
  t.true(count(200) <= REQUESTS_BURST + regainedMax, `${count(200)} answers`)
  t.is(count(429), 1)
  t.regex(received, /\nmore than \d+ requests at once, or \d+ a second, on one connection; send /)
})

test('http handler - refuses many requests in one packet with one response', async (t) => {
  const { handler } = await handlerFor(t)
  const port = await freePort(t)
  const responses: ServerResponse[] = []
  const server = createServer((incoming, response) => {
    responses.push(response)
    handler.handle(incoming, response)
  })
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  // The port in Host is that of another node.
  const received = await answerTo(t, port, bytesOf(port, 'GET /health HTTP/1.1').repeat(50))
  t.is(received.split('HTTP/1.1 421 ').length - 1, 1)
  t.is(responses.length, 50)
  t.is(responses.filter(({ writableEnded }) => writableEnded).length, 1)
})

for (const path of ['/peers', '/metrics']) {
  test(`http handler - makes few ${path} at once for one connection`, async (t) => {
    const { port } = await handlerFor(t)
    const one = bytesOf(port, `GET ${path} HTTP/1.1`)
    const received = await answerTo(t, port, one.repeat(WAITING_MAX * 3))
    const count = (status: number): number => received.split(`HTTP/1.1 ${status} `).length - 1
    t.is(count(200), WAITING_MAX)
    t.is(count(429), 1)
    t.regex(received, /\nmore than \d+ requests wait on one connection; wait for their answers\n/)
  })
}

test('http handler - takes a target with the host before it, as for a proxy, if that is Host', async (t) => {
  const { port } = await handlerFor(t)
  const statusOf = async (target: string): Promise<string | undefined> => {
    const bytes = bytesOf(port, `GET ${target} HTTP/1.1`, 'Connection: close')
    return /^HTTP\/1.1 (\d+)/.exec(await answerTo(t, port, bytes))?.[1]
  }
  t.is(await statusOf(`http://localhost:${port}/health`), '200')
  t.is(await statusOf(`HTTP://LOCALHOST:${port}/health?complete`), '200')
  t.is(await statusOf(`http://localhost:${port}/health?other`), '400')
  t.is(await statusOf('http://other.example/health'), '404')
})

test('http handler - refuses a request with two hosts', async (t) => {
  const { port } = await handlerFor(t)
  const bytes = bytesOf(port, 'GET /health HTTP/1.1', `host: localhost:${port}`)
  t.regex(await answerTo(t, port, bytes), /^HTTP\/1.1 400 .*more than one Host header; send one/s)
})

test('http handler - closes a connection without further requests', async (t) => {
  const { port } = await handlerFor(t)
  const startMs = performance.now()
  const received = await answerTo(t, port, bytesOf(port, 'GET /health HTTP/1.1'))
  t.regex(received, /^HTTP\/1\.1 200 /)
  t.true(performance.now() - startMs > 0.9 * IDLE_MS)
})

test('http handler - drops a client that does not read a response in time', async (t) => {
  // More than the kernel buffers between two sockets of one machine.
  const text = 'x'.repeat(32 * 1024 * 1024)
  const { port } = await handlerFor(t, { page: [{ path: '/', type: 'text/html', text }] })
  const startMs = performance.now()
  const stalled = await RawCall.open(t, port, bytesOf(port, 'GET / HTTP/1.1'))
  await waitUntil(
    () => stalled.received !== '',
    () => 'the beginning of a response',
  )
  stalled.socket.pause()
  // Its time began when its request came, a little after it was sent.
  await waitUntil(
    () => performance.now() - startMs > 1.2 * ANSWER_MS_MAX,
    () => 'the end of its time',
  )
  stalled.socket.resume()
  await waitUntil(
    () => stalled.isClosed,
    () => 'the end of the connection',
  )
  t.true(stalled.received.length < text.length, `${stalled.received.length}`)
})

test('http handler - keeps a connection for the next request', async (t) => {
  const { port } = await handlerFor(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const ports = new Set<number | undefined>()
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise<void>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path: '/health', agent }, (response) => {
        ports.add(response.socket.localPort)
        response.resume().on('end', resolve)
      })
      asked.on('error', reject).end()
    })
  }
  t.is(ports.size, 1)
})

const CLOSED: readonly (readonly [what: string, status: number, lines: readonly string[]])[] = [
  ['is not found', 404, ['GET /nowhere HTTP/1.1']],
  ['has a body', 200, ['GET /health HTTP/1.1', 'Content-Length: 1000000']],
  ['has a body without end', 200, ['GET /health HTTP/1.1', 'Transfer-Encoding: chunked']],
  ['is no GET', 405, ['POST /health HTTP/1.1', 'Content-Length: 1000000']],
]

for (const [what, status, lines] of CLOSED) {
  test(`http handler - closes the connection after a request that ${what}`, async (t) => {
    const { port } = await handlerFor(t)
    const received = await answerTo(t, port, bytesOf(port, ...lines))
    t.true(received.startsWith(`HTTP/1.1 ${status} `), received)
  })
}

test('http handler - answers a health probe in HTTP/1.0 without Host', async (t) => {
  const { port } = await handlerFor(t)
  const received = await answerTo(t, port, 'GET /health HTTP/1.0\r\n\r\n')
  t.true(received.startsWith('HTTP/1.1 200 '), received)
})

test('http handler - a refusal is one line, and closes the connection', async (t) => {
  const { port } = await handlerFor(t)
  const received = await answerTo(t, port, 'GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n')
  t.regex(received, /^HTTP\/1\.1 421 /)
  t.regex(received, /\r\nConnection: close\r\n/)
  t.regex(received, /\r\n\r\nunknown Host 'evil\.example'; use localhost:\d+, an IP, [^\n]+\n$/)
})

// --- Hostile bytes -------------------------------------------------------------------------------

const HOSTILE: readonly (string | Uint8Array)[] = [
  '\r\n\r\n',
  'GET\r\n\r\n',
  'GET  HTTP/1.1\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'GET /\u0000 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET http://evil.example/peers HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET /? HTTP/1.1\r\nHost: [\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: localhost\r\nExpect: the-unexpected\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: ${'x'.repeat(10_000)}\r\n\r\n`,
  `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5_000)}\r\n`,
  Uint8Array.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  Uint8Array.from({ length: 4_096 }, (_, index) => (index * 167) % 256),
]

test('http handler - goes on answering after hostile bytes', async (t) => {
  const test: TestHandler = await handlerFor(t)
  for (const bytes of HOSTILE) {
    const caller = await RawCall.open(t, test.port, bytes)
    caller.socket.end()
    await waitUntil(
      () => caller.isClosed,
      () => `the end of ${JSON.stringify(String(bytes).slice(0, 80))}, got '${caller.received}'`,
    )
    t.notRegex(caller.received, /"format":1/)
  }
  t.is((await test.ask('/health')).status, 200)
})
