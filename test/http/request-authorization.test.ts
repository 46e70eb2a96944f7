import type { IncomingHttpHeaders } from 'node:http'
import test from 'ava'
import {
  type OwnEndpoint,
  problemWithOrigin,
  type RequestFacts,
  refusalOfChange,
  refusalOfRequest,
  refusalOfTopics,
} from '../../src/http/request-authorization.ts'
import { type IpRange, parseIpRanges } from '../../src/mesh/address/ip-range.ts'

type Rules = readonly [own: OwnEndpoint, allow: readonly IpRange[]]

function rules(allow = '', address = 'ws://localhost:4001', port = 4001, hosts = ''): Rules {
  const parsed = parseIpRanges(allow)
  const httpHosts = hosts.split(' ').filter((host) => host !== '')
  return [{ address, port, httpHosts }, parsed.kind === 'value' ? parsed.value : []]
}

/** Of a program on this machine. */
const REQUEST: RequestFacts = {
  ip: '127.0.0.1',
  localIp: '127.0.0.1',
  path: '/peers',
  headers: { host: 'localhost:4001' },
}

function statusFor(change: Partial<RequestFacts>, to = rules()): number | undefined {
  return refusalOfRequest({ ...REQUEST, ...change }, ...to)?.status
}

function withHeaders(headers: IncomingHttpHeaders): Partial<RequestFacts> {
  return { headers: { ...REQUEST.headers, ...headers } }
}

// --- Tokens -------------------------------------------------------------------------------------

const OTHER_MACHINE = { ip: '192.168.1.7', localIp: '192.168.1.5', path: '/topics/a' }

test('request authorization - with a secret, topics of other machines need its token', (t) => {
  const asked: string[] = []
  const isToken = (text: string): boolean => {
    asked.push(text)
    return text === 'right'
  }
  const refusal = (authorization?: string, change: Partial<RequestFacts> = OTHER_MACHINE) => {
    const headers = {
      host: 'localhost:4001',
      ...(authorization !== undefined && { authorization }),
    }
    return refusalOfTopics({ ...REQUEST, headers, ...change }, ...rules('192.168.1.7'), isToken)
  }
  t.is(refusal('Bearer right'), undefined)
  t.is(refusal('bearer  right'), undefined)
  for (const wrong of [undefined, '', 'right', 'Basic right', 'Bearer', 'Bearer right x']) {
    const { status, headers, text = '' } = refusal(wrong) ?? {}
    t.is(status, 401, wrong)
    t.is(headers?.['WWW-Authenticate'], 'Bearer')
    t.regex(text, /^a token is missing; send Authorization: Bearer TOKEN, .*secret --token/)
  }
  t.is(refusal(`Bearer ${'x'.repeat(65)}`)?.status, 401, 'not compared')
  t.deepEqual(asked, ['right', 'right'])
  t.regex(refusal('Bearer wrong')?.text ?? '', /^the token is wrong; /)
  t.is(refusal(undefined, {}), undefined, 'a program of this machine')
  t.is(refusal('Bearer right', { ...OTHER_MACHINE, ip: '192.168.1.8' })?.status, 403, 'its IP')
})

test('request authorization - with a secret, topics through a proxy on this machine need its token', (t) => {
  const to = rules('127.0.0.1')
  const request = { ...REQUEST, ...withHeaders({ via: 'x' }) }
  t.is(refusalOfTopics(request, ...to), undefined)
  t.is(refusalOfTopics(request, ...to, () => true)?.status, 401)
  const { headers } = withHeaders({ via: 'x', authorization: 'Bearer a' })
  t.is(
    refusalOfTopics({ ...request, ...(headers && { headers }) }, ...to, () => true),
    undefined,
  )
})

// --- IPs -----------------------------------------------------------------------------------------

for (const ip of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1']) {
  test(`request authorization - allows this machine, as ${ip}`, (t) => {
    t.is(statusFor({ ip }), undefined)
  })
}

for (const ip of ['192.168.1.5', '::ffff:192.168.1.5', '2001:db8::5', 'fe80::5%eth0']) {
  test(`request authorization - allows this machine, which dials its own ${ip}`, (t) => {
    t.is(statusFor({ ip, localIp: ip }), undefined)
    t.is(statusFor({ ...withHeaders({ via: 'x' }), ip, localIp: ip }), 403)
    t.is(statusFor({ ip: ip.replace('5', '6'), localIp: ip }), 403)
  })
}

test('request authorization - an unknown IP is not that of this machine', (t) => {
  for (const localIp of [undefined, '']) t.is(statusFor({ ip: '', localIp }), 403)
})

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

test('request authorization - HTTP_ALLOW is for looking: only this machine may change the node', (t) => {
  const [own, allow] = rules('*')
  const statusOf = (change: Partial<RequestFacts>): number | undefined =>
    refusalOfChange({ ...REQUEST, ...change }, own)?.status
  t.is(statusOf({}), undefined)
  t.is(statusOf({ ip: '192.168.1.5', localIp: '192.168.1.5' }), undefined)
  for (const change of [{ ip: '192.168.1.7' }, withHeaders({ via: 'x' })]) {
    t.is(refusalOfRequest({ ...REQUEST, ...change }, own, allow), undefined)
    t.is(statusOf(change), 403)
  }
  t.is(statusOf(withHeaders({ host: 'evil.example' })), 421)
  t.is(statusOf(withHeaders({ origin: 'https://evil.example' })), 403)
})

test('request authorization - a request without Host, as HTTP/1.0 has it, is allowed from the same IPs', (t) => {
  t.is(statusFor({ headers: {} }), undefined)
  t.is(statusFor({ headers: {}, ip: '192.168.1.7' }), 403)
  t.is(statusFor({ headers: {}, ip: '192.168.1.7' }, rules('192.168.1.0/24')), undefined)
  t.is(statusFor({ headers: { host: '' } }), 421)
})

// --- Names ---------------------------------------------------------------------------------------

for (const host of ['localhost:4002', 'LOCALHOST', '192.0.2.7:8080', '[::1]:8080']) {
  test(`request authorization - the Host ${host} is refused for its port`, (t) => {
    const refusal = refusalOfRequest({ ...REQUEST, headers: { host } }, ...rules())
    const fix = `set HTTP_HOSTS=${host.toLowerCase()} on the node if it is forwarded`
    t.is(refusal?.status, 421)
    t.is(
      refusal?.text,
      `wrong port in Host '${host}', this node listens on 4001; use that port, or ${fix}\n`,
    )
  })
}

const NAMED: readonly (readonly [httpHosts: string, allowed: string, refused: string])[] = [
  [
    'mesh.example',
    'mesh.example:8080 Mesh.Example mesh.example:4001',
    'a.mesh.example mesh.exampl',
  ],
  ['localhost:8080', 'localhost:8080 localhost:4001', 'localhost:8081 localhost mesh:8080'],
  ['[::1]:8080 node-1', '[::1]:8080 node-1 node-1:4001', '[::1]:8081 node-2 1:8080'],
  ['mesh.example:80', 'mesh.example', 'mesh.example:443 mesh.example:4001'],
]

for (const [httpHosts, allowed, refused] of NAMED) {
  test(`request authorization - HTTP_HOSTS ${httpHosts} allows ${allowed}`, (t) => {
    const named = rules('', 'ws://localhost:4001', 4001, httpHosts)
    for (const host of allowed.split(' ')) t.is(statusFor({ headers: { host } }, named), undefined)
    for (const host of refused.split(' ')) t.is(statusFor({ headers: { host } }, named), 421)
    for (const host of allowed.split(' ')) {
      const origin = `http://${host}`
      t.is(statusFor({ headers: { host, origin } }, named), undefined)
      // A page of another port or name, which the browser lets dial this one.
      t.is(statusFor({ headers: { host, origin: 'http://mesh.example:1' } }, named), 403)
    }
  })
}

test('request authorization - the port of a name in HTTP_HOSTS can be wrong, too', (t) => {
  const named = rules('', 'ws://localhost:4001', 4001, 'mesh.example:8080')
  const refusal = refusalOfRequest({ ...REQUEST, headers: { host: 'mesh.example:1' } }, ...named)
  t.regex(refusal?.text ?? '', /^wrong port in Host 'mesh\.example:1'/)
})

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
  const fix = 'use localhost:4001, an IP, the host in ADDRESS, or a name in HTTP_HOSTS'
  t.is(refusal?.text, `unknown Host 'Evil.example'; ${fix}\n`)
})

test('request authorization - refuses a foreign Host also when every IP is allowed', (t) => {
  t.is(statusFor({ headers: { host: 'evil.example:4001' } }, rules('*')), 421)
})

// --- Origins -------------------------------------------------------------------------------------

const LOCAL: OwnEndpoint = { address: 'ws://localhost:4001', port: 4001, httpHosts: [] }
const PROXIED: OwnEndpoint = { ...LOCAL, address: 'wss://mesh.example/node' }

/** What a browser sends for a page: its origin, and the host that it connects to. */
type Page = readonly [origin: string, host: string]

const OURS: readonly (readonly [OwnEndpoint, Page])[] = [
  [LOCAL, ['http://localhost:4001', 'localhost:4001']],
  [LOCAL, ['HTTP://LocalHost:4001', 'LOCALHOST:4001']],
  // As Go's WebSocket package writes it.
  [LOCAL, ['http://localhost:4001/', 'localhost:4001']],
  [LOCAL, ['http://127.0.0.1:4001', '127.0.0.1:4001']],
  [LOCAL, ['http://[::1]:4001', '[::1]:4001']],
  [LOCAL, ['http://192.0.2.7:4001', '192.0.2.7:4001']],
  [{ ...LOCAL, port: 80 }, ['http://localhost', 'localhost']],
  [PROXIED, ['https://mesh.example', 'mesh.example']],
  [PROXIED, ['http://mesh.example:4001', 'mesh.example:4001']],
]

for (const [own, [origin, host]] of OURS) {
  test(`request authorization - a page of ${origin} may call ${own.address} as ${host}`, (t) => {
    t.is(problemWithOrigin({ origin, host }, own), undefined)
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
  [LOCAL, ['http://localhost:4001//', 'localhost:4001']],
  [LOCAL, ['http://localhost:4001/x', 'localhost:4001']],
  [LOCAL, ['http://localhost:4002/', 'localhost:4001']],
  [LOCAL, ['http://localhost/', 'localhost:4001']],
  [LOCAL, ['https://evil.example/', 'localhost:4001']],
  [LOCAL, ['http://evil.example:4001/', 'evil.example:4001']],
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
    t.truthy(problemWithOrigin({ origin, host }, own))
    t.true([403, 421].includes(statusFor({ headers: { origin, host } }, [own, []]) ?? 0))
  })
}

test('request authorization - a page that sends no Host may not call, a program may', (t) => {
  t.truthy(problemWithOrigin({ origin: 'http://localhost:4001' }, LOCAL))
  t.is(problemWithOrigin({ host: 'localhost:4001' }, LOCAL), undefined)
  t.is(problemWithOrigin({}, LOCAL), undefined)
})

test('request authorization - a refusal of a page has its Origin, and the fix', (t) => {
  const host = 'localhost:4001'
  const foreign = 'not allowed from a web page of another site, Origin'
  t.is(
    problemWithOrigin({ origin: 'http://localhost/', host }, LOCAL),
    `${foreign} 'http://localhost/' at Host '${host}'; a program sends no Origin, a proxy keeps Host`,
  )
  const origin = 'https://mesh.example:8443'
  t.is(
    problemWithOrigin({ origin, host: 'mesh.example:8443' }, LOCAL),
    `${foreign} '${origin}'; add its host to HTTP_HOSTS on the node if that is the page of the node`,
  )
  const load = withHeaders({ 'sec-fetch-site': 'cross-site' })
  t.regex(
    refusalOfRequest({ ...REQUEST, ...load }, ...rules())?.text ?? '',
    /, Sec-Fetch-Site 'cross-site'; open the page of the node itself\n$/,
  )
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
