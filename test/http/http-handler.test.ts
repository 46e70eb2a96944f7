/** What the HTTP side serves, and what it refuses, over real HTTP on loopback. */

import test from 'ava'
import { RECENT_EVENTS_MAX, URL_CHARS_MAX } from '../../src/http/limits.ts'
import { parseIpRanges } from '../../src/mesh/address/ip-range.ts'
import { handlerFor, nodeAt, overviewWith, PAGE, type Reply } from '../helpers/http-handler.ts'

/** A node that is not connected at the moment. */
const AWAY = nodeAt(4003, { state: { kind: 'backing-off', untilMs: 0, failures: 1 } })

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
