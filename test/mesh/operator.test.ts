/** What an operator changes while the node runs: known peers are added, peers are forgotten. */

import test from 'ava'
import {
  BOOK_ADDRESSES_MAX,
  FAILURES_BEFORE_DROPPING,
  FORGET_AFTER_MS,
  FORGOTTEN_ADDRESSES_MAX,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, PLAIN, startNode, TestNode } from '../helpers/core.ts'

/** Its peers are on other hosts. */
const ON_NETWORK = { ownAddresses: [address('ws://10.0.0.1:4001')] } as const
const PEER = address('ws://10.0.0.2:4001')
const PEER_NAME = address('ws://peer.example:4001')

function adds(node: TestNode, peer: ReturnType<typeof at>): void {
  node.handle({ kind: 'add-requested', address: peer })
}

function forgets(node: TestNode, peer: ReturnType<typeof at>): void {
  node.handle({ kind: 'forget-requested', address: peer })
}

/** Two are connected, the second is lost without a goodbye. */
function nodeThatMisses4003(): TestNode {
  const node = startNode({ knownPeers: [at(4002)] })
  node.reaches(at(4002), identityAt(4002))
  node.loses(node.reaches(at(4003), identityAt(4003)))
  return node
}

function missing(node: TestNode): string {
  const completeness = node.mesh.completeness(node.nowMs)
  return completeness.kind === 'missing' ? `missing ${completeness.count}` : completeness.kind
}

// --- A known peer is added -----------------------------------------------------------------------

test('operator - a peer that is added is dialed at once and for ever, and is a member', (t) => {
  const node = startNode()
  adds(node, at(4002))
  t.deepEqual(node.eventsOf('known-peer-added'), [{ kind: 'known-peer-added', address: at(4002) }])
  t.deepEqual([...node.mesh.knownPeers], [at(4002)])
  t.is(missing(node), 'waiting')
  node.waits(0)
  t.deepEqual(node.dials, [at(4002)])
  for (let failures = 0; failures <= FAILURES_BEFORE_DROPPING; failures += 1) {
    node.failsToReach(at(4002))
    node.waits(60_000)
    t.deepEqual(node.dials, [at(4002)])
  }
  node.reaches(at(4002), identityAt(4002))
  t.is(missing(node), 'complete')
})

test('operator - a peer is added once, our own address never', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  for (const known of [at(4002), at(4001)]) {
    adds(node, known)
    t.deepEqual(node.orders, [], known)
  }
  t.deepEqual([...node.mesh.knownPeers], [at(4002)])
})

test('operator - what is added before the start is dialed at the start', (t) => {
  const node = new TestNode()
  adds(node, at(4002))
  t.deepEqual(node.dials, [])
  node.handle({ kind: 'started' })
  t.deepEqual(node.dials, [at(4002)])
})

test('operator - a connected peer that is added counts as reached, under another spelling, too', (t) => {
  for (const added of [PEER, PEER_NAME]) {
    const node = startNode(ON_NETWORK)
    const peer = identityAt(4002, { address: PEER })
    const link = node.accepts(peer, '10.0.0.2')
    adds(node, added)
    node.waits(0)
    if (added === PEER_NAME) node.reaches(PEER_NAME, peer)
    else t.deepEqual(node.dials, [])
    t.is(missing(node), 'complete', added)
    node.loses(link, CloseCode.GOING_AWAY)
  }
})

test('operator - a learned peer that is added is no longer forgotten, and its backoff ends', (t) => {
  const node = startNode()
  node.receivesHandshake(node.accepts(PLAIN), [at(4002), at(4003)])
  node.failsToReach(at(4002))
  adds(node, at(4002))
  node.waits(0)
  t.deepEqual(node.dials, [at(4002)])
  for (let failures = 0; failures <= FAILURES_BEFORE_DROPPING; failures += 1) {
    node.failsToReach(at(4002))
    node.waits(60_000)
    t.true(node.dials.includes(at(4002)))
  }
})

test('operator - there are as many known peers as the book has places', (t) => {
  const known = Array.from({ length: BOOK_ADDRESSES_MAX - 1 }, (_none, index) =>
    address(`ws://peer${index}.example:4001`),
  )
  const node = new TestNode({ knownPeers: known })
  adds(node, at(4002))
  t.is(node.mesh.knownPeers.size, BOOK_ADDRESSES_MAX)
  adds(node, at(4003))
  t.is(node.mesh.knownPeers.size, BOOK_ADDRESSES_MAX)
  t.false(node.mesh.knownPeers.has(at(4003)))
})

// --- A peer is forgotten -------------------------------------------------------------------------

test('operator - a peer that is forgotten is no member, not dialed and not shown', (t) => {
  const node = nodeThatMisses4003()
  t.is(missing(node), 'missing 1')
  forgets(node, at(4003))
  t.deepEqual(node.eventsOf('peer-forgotten'), [{ kind: 'peer-forgotten', address: at(4003) }])
  t.is(missing(node), 'complete')
  const { nodes } = node.mesh.overview(node.nowMs)
  t.deepEqual(
    nodes.map((view) => view.address),
    [at(4002)],
  )
  node.waits(3 * 60_000)
  t.false(node.dials.includes(at(4003)))
  forgets(node, at(4003))
  t.deepEqual(node.events, [])
})

test('operator - a known peer is forgotten, too', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  node.reaches(at(4002), identityAt(4002))
  node.failsToReach(at(4003))
  forgets(node, at(4003))
  t.deepEqual([...node.mesh.knownPeers], [at(4002)])
  t.is(missing(node), 'complete')
  node.waits(3 * 60_000)
  t.false(node.dials.includes(at(4003)))
})

test('operator - a dial that fails after its address was forgotten is the last one', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  t.deepEqual(node.dials, [at(4002)])
  forgets(node, at(4002))
  node.failsToReach(at(4002))
  node.waits(3 * 60_000)
  t.deepEqual(node.dials, [])
  t.is(missing(node), 'complete')
})

test('operator - what peers name does not bring a forgotten one back within a day', (t) => {
  const node = nodeThatMisses4003()
  forgets(node, at(4003))
  const [link = 0] = node.linkIds
  node.receivesHandshake(link, [at(4002), at(4003)])
  node.waits(60_000)
  t.false(node.dials.includes(at(4003)))
  t.is(missing(node), 'complete')
  node.nowMs += FORGET_AFTER_MS - 60_000 - 1
  node.receivesHandshake(link, [at(4002), at(4003)])
  t.false(node.mesh.spellingsOf(at(4003)).length > 0)
  node.nowMs += 1
  node.receivesHandshake(link, [at(4002), at(4003)])
  t.deepEqual(node.mesh.spellingsOf(at(4003)), [at(4003)])
})

test('operator - a forgotten peer comes back when it links to us', (t) => {
  const node = nodeThatMisses4003()
  forgets(node, at(4003))
  const link = node.accepts(identityAt(4003))
  t.deepEqual(node.connected, [at(4002), at(4003)])
  t.is(node.mesh.sizes().forgotten, 0)
  node.waits(2_000)
  node.reaches(at(4003), identityAt(4003))
  for (const id of node.linkIds.filter((each) => each >= link)) node.loses(id)
  t.is(missing(node), 'missing 1')
})

test('operator - a forgotten plain peer that dials is dialed back', (t) => {
  for (const data of [
    [at(4003), at(4009)],
    [at(4009), at(4003)],
  ]) {
    const node = startNode()
    node.loses(node.reaches(at(4003), PLAIN))
    forgets(node, at(4003))
    node.receivesHandshake(node.accepts(PLAIN), data)
    t.true(node.dials.includes(at(4003)), data.join())
  }
})

test('operator - a forgotten peer comes back when it is added', (t) => {
  const node = nodeThatMisses4003()
  forgets(node, at(4003))
  adds(node, at(4003))
  node.waits(0)
  t.deepEqual(node.dials, [at(4003)])
  t.is(missing(node), 'missing 1')
})

test('operator - a connected peer is not forgotten, under no spelling', (t) => {
  const node = startNode({ ...ON_NETWORK, knownPeers: [PEER_NAME] })
  node.reaches(PEER_NAME, identityAt(4002, { address: PEER }))
  for (const spelling of [PEER, PEER_NAME]) {
    forgets(node, spelling)
    t.deepEqual(node.orders, [], spelling)
    t.deepEqual(node.mesh.spellingsOf(spelling), [PEER, PEER_NAME])
  }
  t.deepEqual([...node.mesh.knownPeers], [PEER_NAME])
})

test('operator - a peer is forgotten under all its spellings', (t) => {
  for (const spelling of [PEER, PEER_NAME]) {
    const node = startNode({ ...ON_NETWORK, knownPeers: [PEER_NAME] })
    node.loses(node.reaches(PEER_NAME, identityAt(4002, { address: PEER })))
    forgets(node, spelling)
    t.deepEqual([...node.mesh.knownPeers], [])
    t.is(missing(node), 'complete', spelling)
    node.waits(3 * 60_000)
    t.deepEqual(node.dials, [], spelling)
  }
})

test('operator - what a claim and a second peer said of a forgotten peer counts no more', (t) => {
  const node = startNode(ON_NETWORK)
  const peer = identityAt(4002, { address: PEER })
  const claim = node.accepts(peer, '10.0.0.2')
  const third = address('ws://10.0.0.3:4001')
  const witness = node.reaches(third, identityAt(4003, { address: third }))
  node.receivesHandshake(witness, [third, PEER])
  node.loses(claim)
  t.is(missing(node), 'missing 1')
  forgets(node, PEER)
  t.is(missing(node), 'complete')
  node.loses(node.accepts(peer, '10.0.0.2'))
  t.is(missing(node), 'complete')
})

test('operator - the oldest of the forgotten makes room', (t) => {
  const node = startNode()
  const peers = Array.from({ length: FORGOTTEN_ADDRESSES_MAX + 1 }, (_none, index) =>
    at(5_000 + index),
  )
  const [oldest = at(5_000), newest = at(5_000)] = [peers[0], peers.at(-2)]
  for (const peer of peers.slice(0, -1)) {
    adds(node, peer)
    forgets(node, peer)
  }
  const link = node.reaches(at(4002), identityAt(4002))
  node.receivesHandshake(link, [at(4002), oldest, newest])
  t.deepEqual(node.mesh.spellingsOf(oldest), [])
  t.is(node.mesh.sizes().forgotten, FORGOTTEN_ADDRESSES_MAX)
  const last = peers.at(-1) ?? oldest
  adds(node, last)
  forgets(node, last)
  t.is(node.mesh.sizes().forgotten, FORGOTTEN_ADDRESSES_MAX)
  node.waits(1_000)
  node.receivesHandshake(link, [at(4002), oldest, newest])
  t.deepEqual(node.mesh.spellingsOf(oldest), [oldest])
  t.deepEqual(node.mesh.spellingsOf(newest), [])
})
