/** What a peer may send: none of it throws, none of it touches another link. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import {
  BOOK_ADDRESSES_MAX,
  DIALS_MAX,
  HANDSHAKE_ADDRESSES_MAX,
  LEARN_BURST,
  LEARN_PER_SECOND,
  PLACE_ADDRESSES_MAX,
  QUEUE_ADDRESSES_MAX,
  READ_BURST,
  READ_PER_SECOND,
  TAUGHT_ADDRESSES_MAX,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

/** A node with two good peers and a hostile one. */
function withHostilePeer() {
  const node = startNode()
  node.reaches(at(4002), identityAt(4002))
  node.reaches(at(4003), PLAIN)
  const hostile = node.accepts(PLAIN)
  return { node, hostile, goodLinks: [1, 2] }
}

const BRACKETS = 100_000

const MALFORMED: readonly (readonly [what: string, text: string, code: CloseCode])[] = [
  ['nothing', '', CloseCode.INVALID_PAYLOAD],
  ['not JSON', 'HANDSHAKE', CloseCode.INVALID_PAYLOAD],
  ['half of a JSON text', '{"type":"HANDSHAKE","data":[', CloseCode.INVALID_PAYLOAD],
  ['null', 'null', CloseCode.INVALID_PAYLOAD],
  ['a number', '1e999', CloseCode.INVALID_PAYLOAD],
  ['a string', '"HANDSHAKE"', CloseCode.INVALID_PAYLOAD],
  ['an array', '["HANDSHAKE",[]]', CloseCode.INVALID_PAYLOAD],
  ['an empty object', '{}', CloseCode.INVALID_PAYLOAD],
  ['a type that is no string', '{"type":1,"data":[]}', CloseCode.INVALID_PAYLOAD],
  ['no type, but a prototype', '{"__proto__":{"type":"HANDSHAKE"}}', CloseCode.INVALID_PAYLOAD],
  ['no data', '{"type":"HANDSHAKE"}', CloseCode.INVALID_PAYLOAD],
  ['data that is no array', '{"type":"HANDSHAKE","data":{"length":1}}', CloseCode.INVALID_PAYLOAD],
  ['an address that is no string', '{"type":"HANDSHAKE","data":[1]}', CloseCode.INVALID_PAYLOAD],
  ['nested brackets', '['.repeat(BRACKETS) + ']'.repeat(BRACKETS), CloseCode.INVALID_PAYLOAD],
  ['unclosed brackets', '['.repeat(BRACKETS), CloseCode.INVALID_PAYLOAD],
  [
    'nested brackets as data',
    `{"type":"HANDSHAKE","data":[${'['.repeat(BRACKETS)}${']'.repeat(BRACKETS)}]}`,
    CloseCode.INVALID_PAYLOAD,
  ],
]

for (const [what, text, code] of MALFORMED) {
  test(`hostile input - a frame of ${what} closes that link and no other`, (t) => {
    const { node, hostile, goodLinks } = withHostilePeer()
    node.receives(hostile, text)
    t.deepEqual(
      node.closes.map((close) => [close.link, close.code]),
      [[hostile, code]],
    )
    t.deepEqual(node.linkIds, goodLinks)
    t.deepEqual(node.connected, [at(4002), at(4003)])
  })
}

test('hostile input - a binary frame closes the link', (t) => {
  const { node, hostile, goodLinks } = withHostilePeer()
  node.handle({
    kind: 'frame-received',
    link: hostile,
    frame: { kind: 'binary', bytes: 3 },
    bytes: 3,
  })
  t.deepEqual(node.closeCodes, [CloseCode.UNSUPPORTED_DATA])
  t.deepEqual(node.linkIds, goodLinks)
})

test('hostile input - a frame that cannot be read closes the link with the code of the shell', (t) => {
  const { node, hostile, goodLinks } = withHostilePeer()
  const { TOO_BIG } = CloseCode
  node.handle({ kind: 'frame-unreadable', link: hostile, code: TOO_BIG, reason: 'too large' })
  t.deepEqual(node.closes, [{ link: hostile, code: TOO_BIG, reason: 'too large' }])
  t.deepEqual(node.linkIds, goodLinks)
})

test('hostile input - a peer that does not read is closed', (t) => {
  const { node, goodLinks } = withHostilePeer()
  node.handle({ kind: 'backlog-stuck', link: goodLinks[0] ?? 0 })
  t.deepEqual(node.closeCodes, [CloseCode.BACKLOG])
  t.deepEqual(node.connected, [at(4003)])
})

test('hostile input - messages of a later version are ignored, and the link stays open', (t) => {
  const { node, hostile } = withHostilePeer()
  for (const type of ['', 'handshake', 'LATER', '__proto__', 'constructor', 'toString']) {
    node.receives(hostile, JSON.stringify({ type, data: [at(4009)] }))
    t.deepEqual(node.closes, [], type)
    t.deepEqual(node.dials, [], type)
    t.is(node.eventsOf('message-ignored')[0]?.type, type)
  }
})

test('hostile input - more keys than type and data are ignored', (t) => {
  const { node, hostile } = withHostilePeer()
  node.receives(hostile, `{"type":"HANDSHAKE","data":["${at(4009)}"],"extra":1}`)
  t.deepEqual(node.dials, [at(4009)])
})

function manyAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => at(10_000 + n))
}

test('hostile input - a HANDSHAKE of 1,000 addresses is accepted, one of 1,001 closes the link', (t) => {
  const { node, hostile } = withHostilePeer()
  node.receivesHandshake(hostile, manyAddresses(HANDSHAKE_ADDRESSES_MAX))
  t.deepEqual(node.closes, [])
  node.receivesHandshake(hostile, manyAddresses(HANDSHAKE_ADDRESSES_MAX + 1))
  t.deepEqual(node.closeCodes, [CloseCode.TOO_BIG])
})

test('hostile input - strings that are no address are counted, and the addresses are dialed', (t) => {
  const { node, hostile } = withHostilePeer()
  const rubbish = ['', 'rubbish', 'http://localhost:80', 'ws://localhost:0', 'x'.repeat(10_000)]
  node.receivesHandshake(hostile, [...rubbish, at(4009), '\ud800'])
  t.deepEqual(node.dials, [at(4009)])
  t.is(node.eventsOf('addresses-refused')[0]?.malformed, rubbish.length + 1)
})

test('hostile input - addresses that policy refuses are counted and not dialed', (t) => {
  const { node, hostile } = withHostilePeer()
  const elsewhere = [
    'ws://169.254.169.254',
    'ws://192.168.0.1',
    'ws://example.com',
    'ws://[fe80::1]',
  ]
  node.receivesHandshake(hostile, elsewhere)
  t.deepEqual(node.dials, [])
  t.is(node.eventsOf('addresses-refused')[0]?.refusedByPolicy, elsewhere.length)
})

test('hostile input - from one peer 1,000 addresses are learned at once, and then 10 a second', (t) => {
  const { node, hostile } = withHostilePeer()
  const before = node.mesh.sizes().book
  node.receivesHandshake(hostile, manyAddresses(LEARN_BURST))
  t.is(node.mesh.sizes().book, before + LEARN_BURST)
  const more = manyAddresses(LEARN_BURST + 100).slice(LEARN_BURST)
  node.receivesHandshake(hostile, more)
  t.is(node.eventsOf('addresses-refused')[0]?.tooMany, more.length)
  node.nowMs += 1_000
  node.receivesHandshake(hostile, more)
  t.is(node.mesh.sizes().book, before + LEARN_BURST + LEARN_PER_SECOND)
})

test('hostile input - addresses in the book do not count against the learn budget', (t) => {
  const { node, hostile } = withHostilePeer()
  node.receivesHandshake(hostile, manyAddresses(LEARN_BURST))
  for (let n = 0; n < 10; n += 1) {
    node.receivesHandshake(hostile, manyAddresses(LEARN_BURST))
    t.deepEqual(node.eventsOf('addresses-refused'), [])
  }
})

test('hostile input - many peers together do not exceed the limit of the book', (t) => {
  const { node } = withHostilePeer()
  const addresses = manyAddresses(6_000)
  for (let from = 0; from < addresses.length; from += 1_000) {
    const link = node.accepts(PLAIN, `10.6.6.${from / 1_000}`)
    node.receivesHandshake(link, addresses.slice(from, from + 1_000))
  }
  t.is(node.mesh.sizes().book, BOOK_ADDRESSES_MAX)
  t.true(node.mesh.sizes().queuedDials <= QUEUE_ADDRESSES_MAX)
})

test('hostile input - addresses that dialers only claimed are dropped for others', (t) => {
  const node = startNode()
  for (let n = 0; n < BOOK_ADDRESSES_MAX; n += 1) {
    node.loses(node.accepts(identityAt(10_000 + n), `10.6.6.${n % 5}`))
  }
  t.is(node.mesh.sizes().book, BOOK_ADDRESSES_MAX)
  const lastLink = node.accepts(PLAIN)
  node.receivesHandshake(lastLink, [at(4002)])
  t.deepEqual(node.eventsOf('addresses-refused'), [])
  t.is(node.mesh.sizes().book, BOOK_ADDRESSES_MAX)
})

test('hostile input - the peers of one host do not fill the book', (t) => {
  const node = startNode()
  for (let from = 0; from < 5_000; from += 1_000) {
    const addresses = Array.from({ length: 1_000 }, (_, n) => at(10_000 + from + n))
    node.receivesHandshake(node.accepts(PLAIN, '10.6.6.6'), addresses)
  }
  t.is(node.mesh.sizes().book, TAUGHT_ADDRESSES_MAX)
})

test('hostile input - of many addresses on one place 8 are dialed, and the others are counted', (t) => {
  const { node, hostile } = withHostilePeer()
  const paths = Array.from({ length: PLACE_ADDRESSES_MAX + 1 }, (_, n) => `${at(4009)}/${n}`)
  node.receivesHandshake(hostile, paths)
  t.is(node.eventsOf('addresses-refused')[0]?.tooMany, 1)
  const dialed: string[] = []
  for (let [next] = node.dials; next !== undefined; next = paths.find(isUnderWay)) {
    dialed.push(next)
    node.failsToReach(next as Address)
  }
  t.deepEqual(dialed, paths.slice(0, PLACE_ADDRESSES_MAX))

  function isUnderWay(path: string): path is Address {
    return node.attempting.includes(path as Address)
  }
})

/** Sends as many addresses on a link as may be read at once. */
function exhaustReading(node: TestNode, link: number): void {
  for (let read = 0; read < READ_BURST; read += HANDSHAKE_ADDRESSES_MAX) {
    node.receivesHandshake(link, manyAddresses(HANDSHAKE_ADDRESSES_MAX))
  }
}

test('hostile input - 20,000 addresses are read at once; one more closes that link and no other', (t) => {
  const { node, hostile, goodLinks } = withHostilePeer()
  exhaustReading(node, hostile)
  t.deepEqual(node.closes, [])
  node.receivesHandshake(hostile, [at(4009)])
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[hostile, CloseCode.FLOOD]],
  )
  t.deepEqual(node.dials, [])
  t.deepEqual(node.linkIds, goodLinks)
})

test('hostile input - after that at most 200 addresses a second are read', (t) => {
  for (const { count, closeCodes } of [
    { count: READ_PER_SECOND, closeCodes: [] },
    { count: READ_PER_SECOND + 1, closeCodes: [CloseCode.FLOOD] },
  ]) {
    const { node, hostile } = withHostilePeer()
    exhaustReading(node, hostile)
    node.nowMs += 1_000
    node.receivesHandshake(hostile, manyAddresses(count))
    t.deepEqual(node.closeCodes, closeCodes)
  }
})

test('hostile input - addresses that we are connected to do not count against the read budget', (t) => {
  const { node, hostile } = withHostilePeer()
  for (let read = 0; read <= READ_BURST; read += HANDSHAKE_ADDRESSES_MAX) {
    node.receivesHandshake(hostile, Array(HANDSHAKE_ADDRESSES_MAX).fill(at(4002)))
    t.deepEqual(node.closes, [])
  }
})

test('hostile input - a message without addresses counts as one, whatever its type', (t) => {
  for (const text of ['{"type":"HANDSHAKE","data":[]}', '{"type":"OTHER"}']) {
    const { node, hostile } = withHostilePeer()
    for (let sent = 0; sent < READ_BURST; sent += 1) node.receives(hostile, text)
    t.deepEqual(node.closes, [], text)
    node.receives(hostile, text)
    t.deepEqual(node.closeCodes, [CloseCode.FLOOD], text)
  }
})

/** A node to which a peer named many addresses, none of which answers. */
function withDeadAddresses({ knownPeers = [] as Address[] } = {}): TestNode {
  const node = startNode({ knownPeers })
  for (const known of knownPeers) node.failsToReach(known)
  node.receivesHandshake(node.accepts(PLAIN), manyAddresses(HANDSHAKE_ADDRESSES_MAX))
  return node
}

test("hostile input - addresses that never answer do not delay the operator's addresses", (t) => {
  const node = withDeadAddresses({ knownPeers: [at(4002)] })
  node.waits(1_000)
  t.deepEqual(node.dials, [at(4002)])
})

test('hostile input - addresses that never answer do not delay plain peers that dial us', (t) => {
  const node = withDeadAddresses()
  node.receivesHandshake(node.accepts(PLAIN), [at(4002)])
  t.deepEqual(node.dials, [at(4002)])
})

test('hostile input - addresses that never answer do not delay verification', (t) => {
  const node = withDeadAddresses()
  node.accepts(identityAt(4002))
  node.waits(1_000)
  t.deepEqual(node.dials, [at(4002)])
})

test("hostile input - dialers whose addresses never answer do not delay the operator's addresses", (t) => {
  const node = withDeadAddresses({ knownPeers: [at(4002)] })
  const dialer = node.accepts(PLAIN)
  for (let n = 0; n < DIALS_MAX; n += 1) node.receivesHandshake(dialer, [at(20_000 + n)])
  node.waits(1_000)
  t.deepEqual(node.dials, [at(4002)])
})
