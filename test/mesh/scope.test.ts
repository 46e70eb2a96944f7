import test from 'ava'
import fc from 'fast-check'
import {
  admitsAddress,
  admitsIp,
  type DialPolicy,
  isLoopbackHost,
  learnedPolicyFor,
} from '../../src/mesh/address/scope.ts'
import { SCOPES_MAX } from '../../src/mesh/limits.ts'
import { address } from '../helpers/core.ts'
import { holds } from '../helpers/property.ts'

const LOOPBACK = ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1']

const NETWORK = [
  '8.8.8.8',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '100.64.0.1',
  '126.255.255.255',
  '128.0.0.1',
  '223.255.255.255',
  '2001:db8::1',
  '2606:4700::1111',
  'fd00::1',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
  '2002:808:808::1',
]

const FORBIDDEN: readonly (readonly [ip: string, why: string])[] = [
  ['0.0.0.0', 'this network'],
  ['0.1.2.3', 'this network'],
  ['169.254.0.1', 'link-local'],
  ['169.254.169.254', 'metadata of most clouds'],
  ['100.100.100.200', 'metadata, Alibaba'],
  ['168.63.129.16', 'host agent, Azure'],
  ['192.0.0.192', 'metadata, Oracle'],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['::', 'unspecified'],
  ['fe80::1', 'link-local'],
  ['febf::1', 'link-local'],
  ['fe80::1%eth0', 'link-local with a zone'],
  ['ff02::1', 'multicast'],
  ['fd00:ec2::254', 'metadata, AWS'],
  ['fd20:ce::254', 'metadata, Google'],
  ['::ffff:169.254.169.254', 'IPv4-mapped metadata'],
  ['::ffff:0.0.0.0', 'IPv4-mapped unspecified'],
  ['::127.0.0.1', 'IPv4-compatible loopback'],
  ['::169.254.169.254', 'IPv4-compatible metadata'],
  ['::2', 'IPv4-compatible 0.0.0.2'],
  ['::ffff:0:127.0.0.1', 'IPv4-translated loopback'],
  ['64:ff9b::127.0.0.1', 'NAT64 loopback'],
  ['64:ff9b::169.254.169.254', 'NAT64 metadata'],
  ['64:ff9b:1:a9fe:a9:fe00:808:808', 'local NAT64 (RFC 8215) metadata'],
  ['2002:7f00:1::', '6to4 loopback'],
  ['2002:a9fe:a9fe::', '6to4 metadata'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'Teredo'],
  ['2001::1', 'Teredo'],
]

test('scope - a node on loopback dials loopback only', (t) => {
  for (const ip of LOOPBACK) t.true(admitsIp('loopback', ip), ip)
  for (const ip of NETWORK) t.false(admitsIp('loopback', ip), ip)
  for (const [ip, why] of FORBIDDEN) t.false(admitsIp('loopback', ip), `${ip}: ${why}`)
})

test('scope - a node on a network never dials its own machine or an address that is only valid there', (t) => {
  for (const ip of LOOPBACK) t.false(admitsIp('network', ip), ip)
  for (const ip of NETWORK) t.true(admitsIp('network', ip), ip)
  for (const [ip, why] of FORBIDDEN) t.false(admitsIp('network', ip), `${ip}: ${why}`)
})

test("scope - the operator's addresses are dialed in any scope", (t) => {
  for (const ip of [...LOOPBACK, ...NETWORK]) t.true(admitsIp('operator', ip), ip)
  t.true(admitsAddress('operator', address('ws://169.254.169.254')))
})

test('scope - text that is no IP literal may not be dialed as one', (t) => {
  const texts = ['', 'localhost', '127.1', '1.2.3', '1.2.3.256', '1.2.3.4.5', ':', '::g']
  // Octal, hexadecimal, and what the URL parser makes an IP of.
  texts.push('0127.0.0.1', '127.0.0.01', '0x7f.0.0.1', '::127.0.0.01', 'a@[::1', ':@[::1]')
  for (const text of texts) {
    t.false(admitsIp('network', text), text)
    t.false(admitsIp('loopback', text), text)
  }
})

test('scope - every IPv4 address is in the scope of its mapped IPv6 form', (t) => {
  const policies: readonly DialPolicy[] = ['loopback', 'network']
  holds(
    t,
    1_000,
    fc.property(fc.ipV4(), fc.constantFrom(...policies), (ip, policy) => {
      return admitsIp(policy, ip) === admitsIp(policy, `::ffff:${ip}`)
    }),
  )
})

test('scope - no IP is admitted both to a node on loopback and to one on a network', (t) => {
  holds(
    t,
    1_000,
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (ip) => {
      return !(admitsIp('loopback', ip) && admitsIp('network', ip))
    }),
  )
})

test('scope - on a network the resolved IP decides for a host name, on loopback it must be localhost', (t) => {
  const cases: readonly (readonly [text: string, loopback: boolean, network: boolean])[] = [
    ['ws://localhost:4001', true, false],
    ['ws://node.localhost:4001', false, false],
    ['ws://127.0.0.1:4001', true, false],
    ['ws://[::1]:4001', true, false],
    ['ws://localhost.example.com', false, true],
    ['ws://example.com', false, true],
    ['ws://192.168.0.1', false, true],
    ['ws://[fe80::1]', false, false],
    ['ws://2852039166', false, false],
  ]
  for (const [text, loopback, network] of cases) {
    t.is(admitsAddress('loopback', address(text)), loopback, text)
    t.is(admitsAddress('network', address(text)), network, text)
  }
})

test('scope - the policy for learned addresses follows from our own address', (t) => {
  t.is(learnedPolicyFor(address('ws://localhost:4001')), 'loopback')
  t.is(learnedPolicyFor(address('ws://127.0.0.1:4001')), 'loopback')
  t.is(learnedPolicyFor(address('ws://[::1]:4001')), 'loopback')
  t.is(learnedPolicyFor(address('ws://192.168.0.1:4001')), 'network')
  t.is(learnedPolicyFor(address('wss://example.com')), 'network')
})

test('scope - localhost is recognized by its name', (t) => {
  t.true(isLoopbackHost('localhost'))
  t.true(isLoopbackHost('a.b.localhost'))
  t.false(isLoopbackHost('notlocalhost'))
  t.false(isLoopbackHost('localhost.com'))
})

test('scope - is the same when it was asked before, or has been dropped since', (t) => {
  const hosts = [...LOOPBACK, ...NETWORK, 'name', '169.254.169.254']
  const scopes = () => hosts.map((host) => [admitsIp('loopback', host), admitsIp('network', host)])
  const first = scopes()
  t.deepEqual(scopes(), first)
  for (let host = 0; host < SCOPES_MAX; host += 1) {
    t.true(admitsIp('network', `10.0.${Math.floor(host / 256)}.${host % 256}`))
  }
  t.deepEqual(scopes(), first)
})
