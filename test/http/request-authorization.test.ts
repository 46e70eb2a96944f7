import type { IncomingHttpHeaders } from 'node:http'
import test from 'ava'
import {
  isForeignOrigin,
  type OwnEndpoint,
  type RequestFacts,
  refusalOfRequest,
} from '../../src/http/request-authorization.ts'
import { type IpRange, parseIpRanges } from '../../src/mesh/address/ip-range.ts'

type Rules = readonly [own: OwnEndpoint, allow: readonly IpRange[]]

function rules(allow = '', address = 'ws://localhost:4001', port = 4001): Rules {
  const parsed = parseIpRanges(allow)
  return [{ address, port }, parsed.kind === 'value' ? parsed.value : []]
}

/** Of a program on this machine. */
const REQUEST: RequestFacts = {
  ip: '127.0.0.1',
  path: '/peers',
  headers: { host: 'localhost:4001' },
}

function statusFor(change: Partial<RequestFacts>, to = rules()): number | undefined {
  return refusalOfRequest({ ...REQUEST, ...change }, ...to)?.status
}

function withHeaders(headers: IncomingHttpHeaders): Partial<RequestFacts> {
  return { headers: { ...REQUEST.headers, ...headers } }
}

// --- IPs -----------------------------------------------------------------------------------------

for (const ip of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1']) {
  test(`request authorization - allows this machine, as ${ip}`, (t) => {
    t.is(statusFor({ ip }), undefined)
  })
}

for (const ip of ['192.168.1.7', '::ffff:192.168.1.7', 'fe80::1%eth0', '2001:db8::1', '', 'x']) {
  test(`request authorization - refuses the IP '${ip}' without HTTP_ALLOW`, (t) => {
    t.is(statusFor({ ip }), 403)
  })
}

test('request authorization - refuses a request whose socket is closed', (t) => {
  t.is(statusFor({ ip: undefined }), 403)
})

test('request authorization - a refusal of an IP has the setting to change, in one line', (t) => {
  const refusal = refusalOfRequest({ ...REQUEST, ip: '::ffff:192.168.1.7' }, ...rules())
  t.regex(refusal?.text ?? '', /^[^\n]+ 192\.168\.1\.7; set HTTP_ALLOW=192\.168\.1\.7 on the node/)
})

test('request authorization - allows HTTP_ALLOW, and this machine besides', (t) => {
  const opened = rules('192.168.1.0/24,fe80::/10')
  t.is(statusFor({ ip: '::ffff:192.168.1.7' }, opened), undefined)
  t.is(statusFor({ ip: 'fe80::1%eth0' }, opened), undefined)
  t.is(statusFor({ ip: '127.0.0.1' }, opened), undefined)
  t.is(statusFor({ ip: '192.168.2.7' }, opened), 403)
  t.is(statusFor({ ip: '203.0.113.9' }, rules('*')), undefined)
})

for (const header of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-port', 'x-real-ip']) {
  test(`request authorization - ${header} marks a request through a proxy`, (t) => {
    const passedOn = withHeaders({ [header]: '203.0.113.9' })
    t.is(statusFor(passedOn), 403)
    t.is(statusFor(passedOn, rules('192.168.1.0/24')), 403)
    t.is(statusFor(passedOn, rules('127.0.0.1')), undefined)
    // The sender chooses the header, so it allows nothing.
    const faked = withHeaders({ [header]: '127.0.0.1' })
    t.is(statusFor({ ...faked, ip: '203.0.113.9' }), 403)
  })
}

test('request authorization - a request without Host, as HTTP/1.0 has it, is allowed from the same IPs', (t) => {
  t.is(statusFor({ headers: {} }), undefined)
  t.is(statusFor({ headers: {}, ip: '192.168.1.7' }), 403)
  t.is(statusFor({ headers: {}, ip: '192.168.1.7' }, rules('192.168.1.0/24')), undefined)
  t.is(statusFor({ headers: { host: '' } }), 421)
})

// --- Names ---------------------------------------------------------------------------------------

const OWN_HOSTS: readonly (readonly [address: string, port: number, hosts: string])[] = [
  ['ws://localhost:4001', 4001, 'localhost:4001 LOCALHOST:4001 127.0.0.1:4001 [::1]:4001'],
  ['ws://localhost:4001', 4001, '192.0.2.7:4001 [2001:db8::1]:4001'],
  ['ws://mesh.example:4001', 4001, 'mesh.example:4001 Mesh.Example:4001 localhost:4001'],
  ['wss://mesh.example/node', 4001, 'mesh.example mesh.example:443 mesh.example:4001'],
  ['ws://localhost', 80, 'localhost localhost:80 127.0.0.1'],
]

for (const [address, port, hosts] of OWN_HOSTS) {
  for (const host of hosts.split(' ')) {
    test(`request authorization - ${address} on port ${port} allows the Host ${host}`, (t) => {
      t.is(statusFor({ headers: { host } }, rules('', address, port)), undefined)
    })
  }
}

const FOREIGN_HOSTS = [
  // DNS rebinding: a foreign name that leads here.
  'evil.example:4001 evil.example localhost.evil.example:4001 127.0.0.1.evil.example:4001',
  // Another node, or none.
  'localhost:4002 localhost 127.0.0.1 localhost:04001x localhost:99999 0x7f000001:4001 127.1:4001',
  // No host at all.
  '@localhost:4001 localhost:4001@evil.example localhost:4001/ localhost.:4001 [::1 ::1:4001 [:] :',
].flatMap((hosts) => hosts.split(' '))

for (const host of [...FOREIGN_HOSTS, '', 'localhost:4001, evil.example']) {
  test(`request authorization - refuses the Host '${host}'`, (t) => {
    t.is(statusFor({ headers: { host } }), 421)
  })
}

test('request authorization - a refusal of a Host names it, and what to use', (t) => {
  const refusal = refusalOfRequest({ ...REQUEST, headers: { host: 'Evil.example' } }, ...rules())
  const fix = 'use localhost:4001, an IP, or the host in ADDRESS'
  t.is(refusal?.text, `unknown Host 'Evil.example'; ${fix}\n`)
})

test('request authorization - refuses a foreign Host also when every IP is allowed', (t) => {
  t.is(statusFor({ headers: { host: 'evil.example:4001' } }, rules('*')), 421)
})

// --- Origins -------------------------------------------------------------------------------------

const LOCAL: OwnEndpoint = { address: 'ws://localhost:4001', port: 4001 }
const PROXIED: OwnEndpoint = { address: 'wss://mesh.example/node', port: 4001 }

/** What a browser sends for a page: its origin, and the host that it connects to. */
type Page = readonly [origin: string, host: string]

const OURS: readonly (readonly [OwnEndpoint, Page])[] = [
  [LOCAL, ['http://localhost:4001', 'localhost:4001']],
  [LOCAL, ['HTTP://LocalHost:4001', 'LOCALHOST:4001']],
  [LOCAL, ['http://127.0.0.1:4001', '127.0.0.1:4001']],
  [LOCAL, ['http://[::1]:4001', '[::1]:4001']],
  [LOCAL, ['http://192.0.2.7:4001', '192.0.2.7:4001']],
  [{ ...LOCAL, port: 80 }, ['http://localhost', 'localhost']],
  [PROXIED, ['https://mesh.example', 'mesh.example']],
  [PROXIED, ['http://mesh.example:4001', 'mesh.example:4001']],
]

for (const [own, [origin, host]] of OURS) {
  test(`request authorization - a page of ${origin} may call ${own.address} as ${host}`, (t) => {
    t.false(isForeignOrigin({ origin, host }, own))
    t.is(statusFor({ headers: { origin, host } }, [own, []]), undefined)
  })
}

const FOREIGN: readonly (readonly [OwnEndpoint, Page])[] = [
  // Another site, another port, no web page.
  [LOCAL, ['https://evil.example', 'localhost:4001']],
  [LOCAL, ['http://localhost:4002', 'localhost:4001']],
  [LOCAL, ['http://localhost:4002', 'localhost:4002']],
  [LOCAL, ['null', 'localhost:4001']],
  [LOCAL, ['', '']],
  [LOCAL, ['file://', '']],
  [LOCAL, ['http://localhost:4001, http://localhost:4001', 'localhost:4001']],
  [LOCAL, ['ws://localhost:4001', 'localhost:4001']],
  // No origin as a browser writes it.
  [LOCAL, ['http://user@localhost:4001', 'localhost:4001']],
  [LOCAL, ['http://localhost:4001/', 'localhost:4001']],
  [{ ...LOCAL, port: 80 }, ['http://localhost:80', 'localhost']],
  // DNS rebinding: the attacker's own name leads here.
  [LOCAL, ['http://evil.example:4001', 'evil.example:4001']],
  [LOCAL, ['http://localhost.evil.example:4001', 'localhost.evil.example:4001']],
  [LOCAL, ['http://127.0.0.1.evil.example:4001', '127.0.0.1.evil.example:4001']],
  [PROXIED, ['https://evil.example', 'evil.example']],
  [PROXIED, ['https://mesh.example:8443', 'mesh.example:8443']],
]

for (const [own, [origin, host]] of FOREIGN) {
  test(`request authorization - a page of '${origin}' may not call ${own.address} as '${host}'`, (t) => {
    t.true(isForeignOrigin({ origin, host }, own))
    t.true([403, 421].includes(statusFor({ headers: { origin, host } }, [own, []]) ?? 0))
  })
}

test('request authorization - a page that sends no Host may not call, a program may', (t) => {
  t.true(isForeignOrigin({ origin: 'http://localhost:4001' }, LOCAL))
  t.false(isForeignOrigin({ host: 'localhost:4001' }, LOCAL))
  t.false(isForeignOrigin({}, LOCAL))
})

// --- Pages ---------------------------------------------------------------------------------------

test('request authorization - allows the page of this node', (t) => {
  t.is(statusFor(withHeaders({ 'sec-fetch-site': 'same-origin' })), undefined)
  t.is(statusFor(withHeaders({ origin: 'http://localhost:4001' })), undefined)
})

test('request authorization - allows a typed address and a bookmark', (t) => {
  const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }
  t.is(statusFor({ ...withHeaders(typed), path: '/' }), undefined)
  t.is(statusFor(withHeaders(typed)), undefined)
})

for (const site of ['cross-site', 'same-site', 'rubbish']) {
  test(`request authorization - a page that is ${site} may link to the page only`, (t) => {
    const link = {
      'sec-fetch-site': site,
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    t.is(statusFor({ ...withHeaders(link), path: '/' }), undefined)
    t.is(statusFor({ ...withHeaders(link), path: '/peers' }), 403)
    const frame = { ...link, 'sec-fetch-dest': 'iframe' }
    t.is(statusFor({ ...withHeaders(frame), path: '/' }), 403)
    const load = { ...link, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }
    t.is(statusFor({ ...withHeaders(load), path: '/' }), 403)
  })
}

for (const origin of ['https://evil.example', 'http://localhost:4002', 'null', '', 'file://']) {
  test(`request authorization - refuses a page of '${origin}'`, (t) => {
    t.is(statusFor(withHeaders({ origin })), 403)
  })
}
