import test from 'ava'
import { loopbackSpellings } from '../../src/mesh/address.ts'
import { BOOK_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, meshId, PLAIN, startNode } from '../helpers/core.ts'

const PEER = identityAt(4002)
const ALIAS = address('ws://127.0.0.1:4002')

test('aliases - a peer that was reached by another spelling counts under the address it calls its own', (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  node.reaches(ALIAS, PEER)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.attempting, [])
  t.deepEqual(node.handshakes[0]?.addresses, [at(4001), at(4002)])
  t.deepEqual(node.eventsOf('alias-found'), [{ kind: 'alias-found', address: ALIAS, of: at(4002) }])
})

test('aliases - another spelling of a peer is not dialed again', (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  const link = node.reaches(ALIAS, PEER)
  node.hearsHandshake(link, [ALIAS])
  t.deepEqual(node.dials, [])
})

test('aliases - once the peer is gone for good, the spelling that the operator gave is tried again', (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  node.loses(node.reaches(ALIAS, PEER))
  node.waits(1_000)
  t.deepEqual(node.dials, [at(4002)])
  node.failsToReach(at(4002))
  t.deepEqual(node.dials, [ALIAS])
})

test("aliases - the operator's spelling is tried again even when the book had no place for the peer", (t) => {
  const node = startNode({ knownPeers: [ALIAS] })
  for (let from = 0; from < BOOK_ADDRESSES_MAX; from += 1_000) {
    const addresses = Array.from({ length: 1_000 }, (_, n) => at(10_000 + from + n))
    node.hearsHandshake(node.accepts(PLAIN), addresses)
  }
  node.loses(node.reaches(ALIAS, PEER))
  const dials: string[] = []
  while (node.attempting[0] !== undefined && !dials.includes(ALIAS)) {
    node.failsToReach(node.attempting[0])
    dials.push(...node.dials)
  }
  t.is(dials.at(-1), ALIAS)
})

test('aliases - a peer that calls itself what we may not dial counts under the address we dialed', (t) => {
  const own = address('ws://192.168.0.1:4001')
  const dialed = address('ws://192.168.0.2:4002')
  const node = startNode({ ownAddresses: [own], knownPeers: [dialed] })
  node.reaches(dialed, identityAt(4002))
  t.deepEqual(node.connected, [dialed])
})

test('self - no spelling of a loopback port that we listen on is ever dialed', (t) => {
  const [own, ...others] = loopbackSpellings(4001)
  if (own === undefined) return t.fail()
  const node = startNode({ ownAddresses: [own, ...others], knownPeers: loopbackSpellings(4001) })
  t.deepEqual(node.dials, [])
  node.hearsHandshake(node.accepts(PLAIN), loopbackSpellings(4001))
  t.deepEqual(node.dials, [])
})

test('self - an address that turns out to be ours is closed, remembered, and never dialed again', (t) => {
  const mirror = address('ws://node.localhost:4001')
  const node = startNode({ knownPeers: [mirror] })
  t.deepEqual(node.dials, [mirror])
  const link = node.reaches(mirror, node.identity)
  t.deepEqual(node.closes, [{ link, code: CloseCode.SELF, reason: 'this is yourself' }])
  t.deepEqual(node.eventsOf('self-found'), [{ kind: 'self-found', address: mirror }])
  t.deepEqual(node.connected, [])
  t.deepEqual(node.attempting, [])
  node.waits(10 * 60 * 1_000)
  t.deepEqual(node.dials, [])
  node.hearsHandshake(node.accepts(PLAIN), [mirror])
  t.deepEqual(node.dials, [])
})

test('self - the other end of a dial to ourselves is closed quietly', (t) => {
  const node = startNode()
  node.accepts(node.identity)
  t.deepEqual(node.closeCodes, [CloseCode.SELF])
  t.deepEqual(node.events, [])
})

test('self - a peer that was believed to be at an address that turns out to be ours has to go', (t) => {
  const mirror = address('ws://node.localhost:4001')
  const node = startNode()
  const pretender = node.accepts(identityAt(4002, { address: mirror }))
  node.waits(1_000)
  node.reaches(mirror, node.identity)
  t.true(node.closes.some((close) => close.link === pretender))
  t.deepEqual(node.connected, [])
})

test("aliases - the operator's spelling is tried again when the peer named an address that is ours", (t) => {
  const mirror = address('ws://node.localhost:4001')
  const node = startNode({ knownPeers: [ALIAS] })
  node.reaches(ALIAS, identityAt(4002, { address: mirror }))
  node.waits(1_000)
  node.reaches(mirror, node.identity)
  t.deepEqual(node.dials, [ALIAS])
})

test('aliases - peers that name each other as themselves are both tried again', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  const first = node.reaches(at(4002), identityAt(4003, { id: meshId(9_998) }))
  const second = node.reaches(at(4003), identityAt(4002, { id: meshId(9_999) }))
  node.loses(first)
  node.loses(second)
  const dials = new Set<string>()
  for (let seconds = 0; seconds < 10; seconds += 1) {
    node.waits(1_000)
    for (const one of node.attempting) {
      dials.add(one)
      node.failsToReach(one)
      for (const dialed of node.dials) dials.add(dialed)
    }
  }
  t.deepEqual([...dials].toSorted(), [at(4002), at(4003)])
})

test("aliases - the operator's spelling is tried again when the book gave the peer's place to another", (t) => {
  const node = startNode({ knownPeers: [ALIAS], random: () => 0.99 })
  const link = node.reaches(ALIAS, PEER)
  node.waits(100)
  node.loses(link)
  for (let from = 0; from < BOOK_ADDRESSES_MAX; from += 1_000) {
    const addresses = Array.from({ length: 1_000 }, (_, n) => at(10_000 + from + n))
    node.hearsHandshake(node.accepts(PLAIN), addresses)
  }
  const dials: string[] = []
  for (let seconds = 0; seconds < 10 && !dials.includes(ALIAS); seconds += 1) {
    while (node.attempting[0] !== undefined && !dials.includes(ALIAS)) {
      node.failsToReach(node.attempting[0])
      dials.push(...node.dials)
    }
    node.waits(1_000)
    dials.push(...node.dials)
  }
  t.true(dials.includes(ALIAS))
})
