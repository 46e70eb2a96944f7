/** The HTTP side over real HTTP on loopback. */

import { Agent, createServer, request, type ServerResponse } from 'node:http'
import test from 'ava'
import {
  ANSWER_MS_MAX,
  RECENT_EVENTS_MAX,
  REQUESTS_BURST,
  REQUESTS_PER_SECOND,
  URL_CHARS_MAX,
  WAITING_MAX,
} from '../../src/http/limits.ts'
import { IDLE_MS } from '../../src/io/limits.ts'
import { parseIpRanges } from '../../src/mesh/address/ip-range.ts'
import { RawCall } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import {
  handlerFor,
  nodeAt,
  overviewWith,
  PAGE,
  type Reply,
  type TestHandler,
} from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A node that is not connected at the moment. */
const AWAY = nodeAt(4003, { state: { kind: 'backing-off', untilMs: 0, failures: 1 } })

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

// --- Paths ---------------------------------------------------------------------------------------

test('http handler - serves the files of the page', async (t) => {
  const { ask } = await handlerFor(t)
  for (const { path, type, text } of PAGE) {
    const reply = await ask(path)
    t.is(reply.status, 200)
    t.is(reply.headers['content-type'], type)
    t.is(reply.text, text)
  }
})

test('http handler - /health is 200 when nodes are missing', async (t) => {
  const test = await handlerFor(t)
  test.overview = overviewWith([nodeAt(4002), AWAY])
  const { status, headers, text } = await test.ask('/health')
  t.is(status, 200)
  t.is(headers['content-type'], 'application/json')
  t.is(text, '{"status":"ok","summary":"2 of 3 nodes connected, 1 missing"}\n')
})

test('http handler - /health?complete is 503 until no node is missing', async (t) => {
  const test = await handlerFor(t)
  const alone = await test.ask('/health?complete')
  t.is(alone.status, 200)
  t.is(alone.text, '{"status":"complete","summary":"no other node connected"}\n')
  test.overview = overviewWith([nodeAt(4002), AWAY])
  const missing = await test.ask('/health?complete')
  t.is(missing.status, 503)
  t.is(missing.text, '{"status":"incomplete","summary":"2 of 3 nodes connected, 1 missing"}\n')
  test.overview = overviewWith([nodeAt(4002), { ...AWAY, state: { kind: 'gone' } }])
  t.is((await test.ask('/health?complete')).status, 200)
})

test('http handler - /health?complete&nodes=3 is 503 until three nodes are connected, this one counted', async (t) => {
  const test = await handlerFor(t)
  test.overview = overviewWith([nodeAt(4002)])
  const two = await test.ask('/health?complete&nodes=3')
  t.is(two.status, 503)
  t.is(two.text, '{"status":"incomplete","summary":"2 of 3 nodes connected"}\n')
  test.overview = overviewWith([nodeAt(4002), nodeAt(4003)])
  t.is((await test.ask('/health?complete&nodes=3')).status, 200)
  t.is((await test.ask('/health?complete&nodes=4')).status, 503)
  test.overview = overviewWith([nodeAt(4002), nodeAt(4003), AWAY])
  t.is((await test.ask('/health?complete&nodes=3')).status, 503)
})

for (const query of [
  'complet',
  'complete=',
  'complete=1',
  'complete&x',
  'complete&nodes=',
  'complete&nodes=0',
  'complete&nodes=3&nodes=3',
  '%63omplete',
  '?complete',
]) {
  test(`http handler - refuses /health?${query}`, async (t) => {
    const { ask } = await handlerFor(t)
    const { status, text } = await ask(`/health?${query}`)
    t.is(status, 400)
    t.regex(text, /\?complete or \?complete&nodes=3\n$/)
  })
}

test('http handler - /peers is the status', async (t) => {
  const test = await handlerFor(t)
  test.overview = overviewWith([nodeAt(4002)])
  const { status, headers, text } = await test.ask('/peers')
  t.is(status, 200)
  t.is(headers['content-type'], 'application/json')
  t.like(JSON.parse(text), {
    format: 1,
    complete: true,
    summary: 'all 2 nodes connected',
    peers: [{ address: 'ws://localhost:4002', state: 'connected' }],
  })
})

test('http handler - serves joins and leaves in the words of the log', async (t) => {
  const { handler, ask } = await handlerFor(t)
  const address = nodeAt(4002).address
  handler.observe({ kind: 'peer-joined', address, connected: 1 })
  handler.observe({ kind: 'self-found', address })
  const ending = { by: 'peer', code: 1001, reason: 'node stops' } as const
  handler.observe({ kind: 'peer-left', address, connected: 0, ending })
  const { log }: { log: readonly { at: string; text: string }[] } = JSON.parse(
    (await ask('/peers')).text,
  )
  t.deepEqual(
    log.map((line) => line.text),
    [
      'connected to ws://localhost:4002 (1 peer)',
      "disconnected from ws://localhost:4002 (0 peers), closed by peer: 1001 'node stops'",
    ],
  )
  for (const { at } of log) t.true(Math.abs(Date.parse(at) - Date.now()) < 60_000, at)
})

test('http handler - keeps as many joins as its limit, and drops the oldest for one more', async (t) => {
  const { handler } = await handlerFor(t)
  const firstAfter = (joins: number): string | undefined => {
    for (let count = 0; count < joins; count += 1) {
      joined += 1
      const { address } = nodeAt(4002)
      handler.observe({ kind: 'peer-joined', address, connected: joined })
    }
    const { log } = handler.status()
    t.is(log.length, RECENT_EVENTS_MAX)
    t.regex(log.at(-1)?.text ?? '', new RegExp(`\\(${joined} peers\\)`))
    return log[0]?.text
  }
  let joined = 0
  t.is(firstAfter(RECENT_EVENTS_MAX), 'connected to ws://localhost:4002 (1 peer)')
  t.is(firstAfter(1), 'connected to ws://localhost:4002 (2 peers)')
})

test('http handler - answers HEAD as GET, without the text', async (t) => {
  const { ask } = await handlerFor(t)
  for (const path of ['/', '/health', '/peers', '/metrics', '/events']) {
    const reply = await ask(path, { method: 'HEAD' })
    t.is(reply.status, 200, path)
    t.is(reply.text, '')
    t.truthy(reply.headers['content-type'])
  }
})

// --- Refusals ------------------------------------------------------------------------------------

const NOT_FOUND = [
  '/health/',
  '/HEALTH',
  '//health',
  '/./health',
  '/page.js/../peers',
  '/%68ealth',
  '/index.html',
  '/.env',
  '/../.env',
  '/favicon.ico',
  '/peers;x',
  '/__proto__',
]

for (const path of NOT_FOUND) {
  test(`http handler - answers ${path} with 404 and what there is`, async (t) => {
    const { ask } = await handlerFor(t)
    const { status, text } = await ask(path)
    t.is(status, 404)
    t.is(
      text,
      'not found; this node serves / /page.js /events /health /metrics /peers /topics/TOPIC /requests/TOPIC\n',
    )
  })
}

for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND']) {
  test(`http handler - ${method} is not allowed`, async (t) => {
    const { ask } = await handlerFor(t)
    const { status, headers } = await ask('/health', { method })
    t.is(status, 405)
    t.is(headers.allow, 'GET, HEAD')
  })
}

for (const method of ['PUT', 'OPTIONS', 'PATCH', 'PROPFIND']) {
  test(`http handler - ${method} does not change the peers`, async (t) => {
    const { ask } = await handlerFor(t)
    const { status, headers } = await ask('/peers', { method })
    t.is(status, 405)
    t.is(headers.allow, 'GET, HEAD, POST, DELETE')
  })
}

test('http handler - a target of as many characters as it may have, and of one more', async (t) => {
  const { ask } = await handlerFor(t)
  const target = (chars: number): string => '/peers?'.padEnd(chars, 'x')
  t.is((await ask(target(URL_CHARS_MAX))).status, 200)
  t.is((await ask(target(URL_CHARS_MAX + 1))).status, 414)
})

test('http handler - refuses a foreign Host, a foreign page and a proxy', async (t) => {
  const { ask } = await handlerFor(t)
  t.is((await ask('/peers', { headers: { Host: 'evil.example' } })).status, 421)
  t.is((await ask('/peers', { headers: { Origin: 'https://evil.example' } })).status, 403)
  t.is((await ask('/peers', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status, 403)
})

test('http handler - honors the allow option', async (t) => {
  const parsed = parseIpRanges('127.0.0.1')
  const allow = parsed.kind === 'value' ? parsed.value : []
  const { ask } = await handlerFor(t, { allow })
  t.is((await ask('/peers', { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status, 200)
})

test('http handler - every response has the security headers', async (t) => {
  const { ask } = await handlerFor(t)
  const replies: readonly Reply[] = await Promise.all([
    ...['/', '/page.js', '/health', '/peers', '/metrics', '/nowhere'].map((path) => ask(path)),
    ask('/', { method: 'POST' }),
    ask('/', { headers: { Host: 'evil.example' } }),
    ask('/events', { method: 'HEAD' }),
  ])
  for (const { headers, status } of replies) {
    t.like(
      headers,
      {
        'cache-control': 'no-store',
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      },
      String(status),
    )
    const cors = Object.keys(headers).filter((name) => name.startsWith('access-control-'))
    t.deepEqual(cors, [])
  }
})

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
  })
}

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

test('http handler - reports why it refuses a request, with Host or Origin', async (t) => {
  const reasons: string[] = []
  const { ask, port } = await handlerFor(t, { onRefused: (reason) => reasons.push(reason) })
  const headers = [
    { host: 'evil.example' },
    { host: `localhost:${port + 1}` },
    { host: `localhost:${port}`, origin: 'https://evil.example' },
    { host: `localhost:${port}`, via: '1.1 proxy' },
  ]
  for (const each of headers)
    t.true([403, 421].includes((await ask('/', { headers: each })).status))
  t.is((await ask('/missing')).status, 404)
  t.is(reasons.length, headers.length)
  for (const [index, text] of [
    "unknown Host 'evil.example'; ",
    `wrong port in Host 'localhost:${port + 1}', this node listens on ${port}; `,
    "Origin 'https://evil.example'",
    'through a proxy (header via); set HTTP_ALLOW=127.0.0.1 ',
  ].entries()) {
    t.true(reasons[index]?.includes(text), reasons[index])
  }
})
