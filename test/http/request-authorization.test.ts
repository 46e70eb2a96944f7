import type { IncomingHttpHeaders } from 'node:http'
import test from 'ava'
import {
  type AuthorizationRules,
  type Caller,
  refusalOf,
} from '../../src/http/request-authorization.ts'
import { parseIpRanges } from '../../src/mesh/address/ip-range.ts'

function rules(allow = '', address = 'ws://localhost:4001', port = 4001): AuthorizationRules {
  const parsed = parseIpRanges(allow)
  const value = parsed.kind === 'value' ? parsed.value : []
  return { own: { address, port }, allow: value }
}

/** A program on this machine. */
const CALLER: Caller = { ip: '127.0.0.1', path: '/peers', headers: { host: 'localhost:4001' } }

function statusFor(change: Partial<Caller>, to = rules()): number | undefined {
  return refusalOf({ ...CALLER, ...change }, to)?.status
}

function withHeaders(headers: IncomingHttpHeaders): Partial<Caller> {
  return { headers: { ...CALLER.headers, ...headers } }
}

// --- Who -----------------------------------------------------------------------------------------

for (const ip of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1']) {
  test(`door - this machine may ask, as ${ip}`, (t) => {
    t.is(statusFor({ ip }), undefined)
  })
}

for (const ip of ['192.168.1.7', '::ffff:192.168.1.7', 'fe80::1%eth0', '2001:db8::1', '', 'x']) {
  test(`door - '${ip}' may not ask unless the operator allows it`, (t) => {
    t.is(statusFor({ ip }), 403)
  })
}

test('door - whose socket is gone may not ask', (t) => {
  t.is(statusFor({ ip: undefined }), 403)
})

test('door - tells a stranger in one line what to set, for its own IP', (t) => {
  const refusal = refusalOf({ ...CALLER, ip: '::ffff:192.168.1.7' }, rules())
  t.regex(refusal?.text ?? '', /^[^\n]+ 192\.168\.1\.7; set HTTP_ALLOW=192\.168\.1\.7 on the node/)
})

test('door - honors HTTP_ALLOW, and lets this machine in all the same', (t) => {
  const opened = rules('192.168.1.0/24,fe80::/10')
  t.is(statusFor({ ip: '::ffff:192.168.1.7' }, opened), undefined)
  t.is(statusFor({ ip: 'fe80::1%eth0' }, opened), undefined)
  t.is(statusFor({ ip: '127.0.0.1' }, opened), undefined)
  t.is(statusFor({ ip: '192.168.2.7' }, opened), 403)
  t.is(statusFor({ ip: '203.0.113.9' }, rules('*')), undefined)
})

for (const header of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-port', 'x-real-ip']) {
  test(`door - what a proxy of this machine passed on with ${header} is not from it`, (t) => {
    const passedOn = withHeaders({ [header]: '203.0.113.9' })
    t.is(statusFor(passedOn), 403)
    t.is(statusFor(passedOn, rules('192.168.1.0/24')), 403)
    t.is(statusFor(passedOn, rules('127.0.0.1')), undefined)
    // The header is the sender's word, so it opens no door either.
    const faked = withHeaders({ [header]: '127.0.0.1' })
    t.is(statusFor({ ...faked, ip: '203.0.113.9' }), 403)
  })
}

// --- Under which name ----------------------------------------------------------------------------

const OWN_HOSTS: readonly (readonly [address: string, port: number, hosts: string])[] = [
  ['ws://localhost:4001', 4001, 'localhost:4001 LOCALHOST:4001 127.0.0.1:4001 [::1]:4001'],
  ['ws://localhost:4001', 4001, '192.0.2.7:4001 [2001:db8::1]:4001'],
  ['ws://mesh.example:4001', 4001, 'mesh.example:4001 Mesh.Example:4001 localhost:4001'],
  ['wss://mesh.example/node', 4001, 'mesh.example mesh.example:443 mesh.example:4001'],
  ['ws://localhost', 80, 'localhost localhost:80 127.0.0.1'],
]

for (const [address, port, hosts] of OWN_HOSTS) {
  for (const host of hosts.split(' ')) {
    test(`door - ${address} on port ${port} may be asked for as ${host}`, (t) => {
      t.is(statusFor({ headers: { host } }, rules('', address, port)), undefined)
    })
  }
}

const FOREIGN_HOSTS = [
  // DNS rebinding: somebody's name leads here.
  'evil.example:4001 evil.example localhost.evil.example:4001 127.0.0.1.evil.example:4001',
  // Another node, or nobody.
  'localhost:4002 localhost 127.0.0.1 localhost:04001x localhost:99999 0x7f000001:4001 127.1:4001',
  // No host at all.
  '@localhost:4001 localhost:4001@evil.example localhost:4001/ localhost.:4001 [::1 ::1:4001 [:] :',
].flatMap((hosts) => hosts.split(' '))

for (const host of [...FOREIGN_HOSTS, '', 'localhost:4001, evil.example']) {
  test(`door - nobody may ask for '${host}'`, (t) => {
    t.is(statusFor({ headers: { host } }), 421)
  })
}

test('door - who names no host may not ask', (t) => {
  t.is(statusFor({ headers: {} }), 421)
})

test('door - the name is minded also where everybody may ask', (t) => {
  t.is(statusFor({ headers: { host: 'evil.example:4001' } }, rules('*')), 421)
})

// --- From which page -----------------------------------------------------------------------------

test('door - our own page may ask', (t) => {
  t.is(statusFor(withHeaders({ 'sec-fetch-site': 'same-origin' })), undefined)
  t.is(statusFor(withHeaders({ origin: 'http://localhost:4001' })), undefined)
})

test('door - who types the address or follows a bookmark may look', (t) => {
  const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }
  t.is(statusFor({ ...withHeaders(typed), path: '/' }), undefined)
  t.is(statusFor(withHeaders(typed)), undefined)
})

for (const site of ['cross-site', 'same-site', 'rubbish']) {
  test(`door - a page that is ${site} may link to the page, and nothing else`, (t) => {
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
  test(`door - a page of '${origin}' may not ask`, (t) => {
    t.is(statusFor(withHeaders({ origin })), 403)
  })
}
