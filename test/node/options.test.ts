/** The options of a node, and the errors for wrong ones. */

import test from 'ava'
import { LISTEN_IPS_MAX } from '../../src/config/setting-values.ts'
import type { NodeErrorCode } from '../../src/errors/node-error.ts'
import { BOOK_ADDRESSES_MAX, NODE_DATA_BYTES_MAX } from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { type MeshNodeOptions, parseOptions } from '../../src/node/options.ts'
import { at, address as canonical } from '../helpers/core.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'

test('node options - a port is enough', (t) => {
  const { address, listen, knownPeers, timings, identity } = parseOptions({ port: 4001 })
  t.is(address, at(4001))
  t.deepEqual(listen, ['127.0.0.1', '::1'])
  t.deepEqual(knownPeers, [])
  t.deepEqual(timings, DEFAULT_TIMINGS)
  t.like(identity, { mesh: 'default', address: 'ws://localhost:4001', code: '' })
})

test('node options - undefined is the default, of every option but the port', (t) => {
  t.deepEqual(parseOptions({ port: 4001, messages: { keepMib: 2 } }).messages.keepMib, 2)
  const all = { address: undefined, listen: undefined, knownPeers: undefined, mesh: undefined }
  const more = { data: undefined, httpHosts: undefined, messages: undefined, timings: undefined }
  const { identity, ...parsed } = parseOptions({ port: 4001, ...all, ...more })
  t.deepEqual(parseOptions({ port: 4001, httpHosts: [] }).httpHosts, [])
  const { identity: other, ...expected } = parseOptions({ port: 4001 })
  t.deepEqual(parsed, expected)
  t.deepEqual({ ...identity, id: '' }, { ...other, id: '' })
})

test('node options - data is kept as it was when it was given', (t) => {
  const data = { name: 'anna', roles: ['worker'] }
  const node = new MeshNode({ port: 4001, data })
  data.roles.push('leader')
  t.deepEqual(node.data, { name: 'anna', roles: ['worker'] })
  t.not(node.data, node.data)
  t.deepEqual(new MeshNode({ port: 4001 }).data, {})
})

test('node options - each node draws an id of its own', (t) => {
  const [one, other] = [4001, 4002].map((port) => new MeshNode({ port }).id)
  t.regex(one ?? '', /^[0-9a-f]{32}$/)
  t.not(one, other)
})

test('node options - an address elsewhere is listened for on all interfaces', (t) => {
  const { listen } = parseOptions({ port: 4001, address: 'ws://192.0.2.7:4001' })
  t.deepEqual(listen, ['0.0.0.0', '::'])
})

test('node options - the address is an IP of listen that localhost does not lead to', (t) => {
  const { address, listen } = parseOptions({ port: 4001, listen: ['192.0.2.7'] })
  t.is(address, canonical('ws://192.0.2.7:4001'))
  t.deepEqual(listen, ['192.0.2.7'])
})

test('node options - addresses become canonical, each known peer once', (t) => {
  const { address, knownPeers } = parseOptions({
    port: 4001,
    address: 'WS://LocalHost:4001/',
    knownPeers: ['ws://localhost:4002/', 'ws://LOCALHOST:4002'],
  })
  t.is(address, at(4001))
  t.deepEqual(knownPeers, [at(4002)])
})

test('node options - timings that are not given are the default', (t) => {
  const { timings } = parseOptions({
    port: 4001,
    timings: { antiEntropyMs: 2000, verifyMs: undefined },
  })
  t.deepEqual(timings, { ...DEFAULT_TIMINGS, antiEntropyMs: 2000 })
})

/** Programs in JavaScript can pass anything; the types would not let us. */
const WRONG: readonly [options: unknown, code: NodeErrorCode, ...facts: string[]][] = [
  [null, 'CONFIG_PORT_INVALID', 'new MeshNode', "'null'", 'new MeshNode({ port: 4001 })'],
  [4001, 'CONFIG_PORT_INVALID', 'an object that has a port', "'4001'"],
  [[], 'CONFIG_PORT_INVALID', 'an object that has a port'],
  [{ port: 4001, timings: null }, 'CONFIG_TIMING_INVALID', 'the option timings', "'null'"],
  [{ port: 4001, timings: 5 }, 'CONFIG_TIMING_INVALID', 'an object', "'5'"],
  [{ port: 4001, knownPeers: null }, 'CONFIG_KNOWN_PEERS_INVALID', 'must be an array'],
  [{}, 'CONFIG_PORT_INVALID', 'the option port', "'undefined'", 'port: 4001'],
  [{ port: -1 }, 'CONFIG_PORT_INVALID', 'from 1 to 65535', "got '-1'"],
  [{ port: 4001, messages: 64 }, 'CONFIG_MESSAGES_INVALID', 'the option messages', "'64'"],
  [{ port: 4001, messages: { keepMib: 0 } }, 'CONFIG_MESSAGES_INVALID', 'messages.keepMib', '1024'],
  [{ port: 4001, messages: { keepMib: '64' } }, 'CONFIG_MESSAGES_INVALID', 'not a number'],
  [
    { port: 4001, messages: { keepMiB: 64 } },
    'CONFIG_OPTION_UNKNOWN',
    "'keepMiB' is not an option of messages; did you mean keepMib?",
  ],
  [{ port: 65_536 }, 'CONFIG_PORT_INVALID', "'65536'"],
  [{ port: 4001.5 }, 'CONFIG_PORT_INVALID', "'4001.5'"],
  [{ port: Number.NaN }, 'CONFIG_PORT_INVALID', "'NaN'"],
  [{ port: '4001' }, 'CONFIG_PORT_INVALID', "'4001', which is not a number"],
  [{ port: 4001, address: 'localhost' }, 'CONFIG_ADDRESS_INVALID', 'the option address'],
  [{ port: 4001, address: 'ws://0.0.0.0:1' }, 'CONFIG_ADDRESS_INVALID', 'cannot be dialed'],
  [{ port: 4001, address: null }, 'CONFIG_ADDRESS_INVALID', "'null', which is not a string"],
  [{ port: 4001, address: {} }, 'CONFIG_ADDRESS_INVALID', '{…}'],
  [{ port: 4001, listen: '127.0.0.1' }, 'CONFIG_LISTEN_INVALID', 'which is not an array'],
  [{ port: 4001, listen: [] }, 'CONFIG_LISTEN_INVALID', 'the option listen'],
  [{ port: 4001, listen: [4001] }, 'CONFIG_LISTEN_INVALID', 'not a string'],
  [{ port: 4001, listen: ['localhost'] }, 'CONFIG_LISTEN_INVALID', "'localhost'"],
  [{ port: 4001, listen: ips(LISTEN_IPS_MAX + 1) }, 'CONFIG_LISTEN_INVALID', 'more than'],
  [{ port: 4001, listen: '::1' }, 'CONFIG_LISTEN_INVALID', "listen: ['127.0.0.1', '::1']"],
  [{ port: 4001, httpHosts: 'a' }, 'CONFIG_HTTP_HOSTS_INVALID', 'which is not an array'],
  [{ port: 4001, httpHosts: ['*'] }, 'CONFIG_HTTP_HOSTS_INVALID', "['localhost:8080']"],
  [
    { port: 4001, data: null },
    'CONFIG_NODE_DATA_INVALID',
    "got 'null', which is not a JSON object",
  ],
  [
    { port: 4001, data: '{}' },
    'CONFIG_NODE_DATA_INVALID',
    'the option data',
    'which is not a JSON',
  ],
  [{ port: 4001, data: ['a'] }, 'CONFIG_NODE_DATA_INVALID', "'[…]', which is not a JSON object"],
  [{ port: 4001, data: new Date(0) }, 'CONFIG_NODE_DATA_INVALID', "data: { role: 'worker'"],
  [
    { port: 4001, data: { a: 'x'.repeat(NODE_DATA_BYTES_MAX) } },
    'CONFIG_NODE_DATA_INVALID',
    'which has more than 1024 bytes as JSON: 1032',
  ],
  [
    { port: 4001, knownPears: [] },
    'CONFIG_OPTION_UNKNOWN',
    "'knownPears' is not an option of new MeshNode; did you mean knownPeers?",
  ],
  [
    { port: 4001, knownPeers: [], token: undefined },
    'CONFIG_OPTION_UNKNOWN',
    "'token' is not an option of new MeshNode; write one of port, address, listen, knownPeers, mesh",
  ],
  [
    { port: 4001, timings: { pingAfter: 500 } },
    'CONFIG_OPTION_UNKNOWN',
    "'pingAfter' is not a timing; did you mean pingAfterMs?",
  ],
  [{ port: 4001, timings: { PING_AFTER_MS: 500 } }, 'CONFIG_OPTION_UNKNOWN', 'pingAfterMs'],
  [{ port: 4001, secret: 'short' }, 'CONFIG_SECRET_INVALID', 'the option secret', 'of 5 char'],
  [{ port: 4001, secret: '' }, 'CONFIG_SECRET_INVALID', 'the command secret', 'no secret in it'],
  [{ port: 4001, secret: 12_345 }, 'CONFIG_SECRET_INVALID', 'is not a string'],
  [{ port: 4001, mesh: 'a b' }, 'CONFIG_MESH_INVALID', 'the option mesh', "'a b'"],
  [{ port: 4001, knownPeers: 'ws://a' }, 'CONFIG_KNOWN_PEERS_INVALID', 'must be an array'],
  [
    { port: 4001, knownPeers: ['ws://a', 'b'] },
    'CONFIG_KNOWN_PEERS_INVALID',
    'the option knownPeers',
    "2 of 2: 'b' is not a URL",
  ],
  [{ port: 4001, knownPeers: [{}] }, 'CONFIG_KNOWN_PEERS_INVALID', '1 of 1'],
  [{ port: 4001, knownPeers: peers(BOOK_ADDRESSES_MAX + 1) }, 'CONFIG_KNOWN_PEERS_INVALID', '4097'],
  [
    { port: 4001, timings: { antiEntropyMs: 1 } },
    'CONFIG_TIMING_INVALID',
    'the option timings.antiEntropyMs',
    "'1'",
    'timings: { antiEntropyMs: 30000 }',
  ],
  [{ port: 4001, timings: { antiEntropyMs: '1000' } }, 'CONFIG_TIMING_INVALID', 'not a number'],
  [
    { port: 4001, timings: { pingAfterMs: 50_000 } },
    'CONFIG_TIMING_INVALID',
    'pingAfterMs must be below silentAfterMs',
    'got 50000 and 45000',
    'the option timings',
  ],
]

for (const [options, code, ...facts] of WRONG) {
  test(`node options - ${JSON.stringify(options).slice(0, 60)} is refused with what is right`, (t) => {
    throwsNodeError(t, () => Reflect.construct(MeshNode, [options]), code, ...facts)
  })
}

test('node options - as many known peers and IPs as the limits allow', (t) => {
  const options: MeshNodeOptions = {
    port: 4001,
    listen: ips(LISTEN_IPS_MAX),
    knownPeers: peers(BOOK_ADDRESSES_MAX),
  }
  t.is(parseOptions(options).knownPeers.length, BOOK_ADDRESSES_MAX)
})

function ips(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `127.0.0.${index + 1}`)
}

function peers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `ws://peer-${index}:4001`)
}
