/** Who is a member of the mesh, and whether it is complete. */

import test from 'ava'
import { FAILURES_BEFORE_DROPPING } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

const SELF_NAME = address('ws://mesh.example:4001')
const SELF_IP = address('ws://10.0.0.1:4001')
const ON_NETWORK = { ownAddresses: [address('ws://node.example:4001')] } as const

function completenessOf(node: TestNode): string {
  const completeness = node.mesh.completeness(node.nowMs)
  return completeness.kind === 'missing' ? `missing ${completeness.count}` : completeness.kind
}

test('membership - a node without known peers is complete alone', (t) => {
  t.is(completenessOf(startNode()), 'complete')
})

test('membership - a node whose known peers never answered waits for them', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  t.is(completenessOf(node), 'waiting')
  node.failsToReach(at(4002))
  node.failsToReach(at(4003))
  t.is(completenessOf(node), 'waiting')
  const link = node.reaches(at(4002), identityAt(4002))
  t.is(completenessOf(node), 'missing 1')
  node.reaches(at(4003), identityAt(4003))
  t.is(completenessOf(node), 'complete')
  node.loses(link)
  t.is(completenessOf(node), 'missing 1')
})

test('membership - a known peer is reached by an alias, too', (t) => {
  const node = startNode({ ...ON_NETWORK, knownPeers: [SELF_NAME] })
  node.reaches(SELF_NAME, identityAt(4002, { address: 'ws://10.0.0.2:4001' }))
  t.is(completenessOf(node), 'complete')
})

test('membership - a dead peer that is known by another spelling is missing once, and forgotten once', (t) => {
  const announced = address('ws://10.0.0.2:4001')
  const node = startNode({ ...ON_NETWORK, knownPeers: [SELF_NAME] })
  const peer = identityAt(4002, { address: announced })
  node.reaches(SELF_NAME, peer)
  node.reaches(announced, peer)
  for (const { id } of [...node.mesh.links()]) node.loses(id)
  node.waits(10_000)
  t.deepEqual(node.dials, [announced])
  node.failsToReach(announced)
  t.is(completenessOf(node), 'missing 1')
  t.deepEqual([...node.mesh.spellingsOf(SELF_NAME)].sort(), [announced, SELF_NAME].sort())
})

test('membership - a name that leads to ourselves may lead to others, an IP does not', (t) => {
  for (const [known, expected] of [
    [SELF_NAME, 'waiting'],
    [SELF_IP, 'complete'],
  ] as const) {
    const node = startNode({ ...ON_NETWORK, knownPeers: [known] })
    node.reachesItself(known)
    t.is(completenessOf(node), expected, known)
  }
  const node = startNode({ ...ON_NETWORK, knownPeers: [SELF_NAME] })
  node.reachesItself(SELF_NAME)
  node.accepts(identityAt(4002, { address: 'ws://10.0.0.2:4001' }))
  t.is(completenessOf(node), 'complete', 'a mesh that all know by the name of one of its nodes')
})

test('membership - a verified peer that is lost is missing', (t) => {
  const node = startNode()
  node.accepts(identityAt(4003))
  node.loses(node.reaches(at(4002), identityAt(4002)))
  t.is(completenessOf(node), 'missing 1')
})

test('membership - a peer that stops is no member until it comes back', (t) => {
  const node = startNode()
  node.loses(node.reaches(at(4002), identityAt(4002)), CloseCode.GOING_AWAY)
  t.is(completenessOf(node), 'complete')
  node.waits(60_000)
  node.failsToReach(at(4002))
  t.is(completenessOf(node), 'complete')
  node.loses(node.reaches(at(4002), identityAt(4002)))
  t.is(completenessOf(node), 'missing 1')
})

test('membership - a known peer that stops is missing', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.loses(node.reaches(at(4002), identityAt(4002)), CloseCode.GOING_AWAY)
  t.is(completenessOf(node), 'missing 1')
})

/** A node on a network that has reached one peer, and another that has its id. */
function nodeThatReached(peer: string) {
  const node = startNode(ON_NETWORK)
  const [dialed, identity] = [address(peer), identityAt(4002, { address: peer })]
  const link = node.reaches(dialed, identity)
  /** Another node claims the address of the peer. */
  const claims = (host: string, trusted = false) => {
    const claim = node.accepts(identityAt(6_666, { address: peer }), host, undefined, trusted)
    node.receivesHandshake(claim, [peer])
    return claim
  }
  return { node, link, claims }
}

const PEER = 'ws://10.0.0.2:4001'

test('membership - a stranger that claims the address of a killed peer and stops does not stand for it', (t) => {
  for (const [host, expected] of [
    ['10.6.6.6', 'missing 1'],
    ['10.0.0.2', 'complete'],
    ['127.0.0.1', 'complete'],
  ] as const) {
    const { node, link, claims } = nodeThatReached(PEER)
    node.loses(link)
    node.loses(claims(host), CloseCode.GOING_AWAY)
    t.is(completenessOf(node), expected, host)
  }
  const { node, link, claims } = nodeThatReached(PEER)
  node.loses(link)
  node.loses(claims('10.6.6.6', true), CloseCode.GOING_AWAY)
  t.is(completenessOf(node), 'complete', 'a peer with the secret')
})

test('membership - a stranger that claims the address of a peer that has stopped and vanishes is not missing', (t) => {
  const { node, link, claims } = nodeThatReached(PEER)
  node.loses(link, CloseCode.GOING_AWAY)
  node.loses(claims('10.6.6.6'))
  t.is(completenessOf(node), 'complete')
  node.loses(claims('10.0.0.2'))
  t.is(completenessOf(node), 'missing 1', 'the peer itself')
})

test('membership - a peer that no dial ever reached stops like any other', (t) => {
  const node = startNode(ON_NETWORK)
  const claim = node.accepts(identityAt(4002, { address: PEER }), '10.0.0.9')
  node.receivesHandshake(claim, [PEER])
  const other = node.accepts(identityAt(4003, { address: 'ws://10.0.0.3:4001' }), '10.0.0.3')
  node.receivesHandshake(other, ['ws://10.0.0.3:4001', PEER])
  node.loses(claim, CloseCode.GOING_AWAY)
  t.is(completenessOf(node), 'complete')
})

test('membership - what only a stranger named is no member', (t) => {
  const node = startNode()
  node.receivesHandshake(node.accepts(PLAIN, '10.0.0.9'), [at(4003)])
  t.deepEqual(node.dials, [at(4003)])
  t.is(completenessOf(node), 'complete')
})

test('membership - what a verified peer names is a member until a dial has failed, or when a second one names it', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  const first = node.reaches(at(4002), identityAt(4002))
  const second = node.reaches(at(4003), identityAt(4003))
  node.receivesHandshake(first, [at(4002), at(4004)])
  t.is(completenessOf(node), 'missing 1')
  node.waits(1_000)
  node.failsToReach(at(4004))
  t.is(completenessOf(node), 'complete')
  node.receivesHandshake(second, [at(4003), at(4004)])
  t.is(completenessOf(node), 'missing 1')
})

test('membership - a claim that is gone was a member only if a second peer named it', (t) => {
  for (const [host, expected] of [
    ['10.0.0.2', 'missing 1'],
    ['10.0.0.9', 'complete'],
  ] as const) {
    const node = startNode()
    const claim = node.accepts(identityAt(4002), '10.0.0.9')
    node.receivesHandshake(claim, [at(4002)])
    node.receivesHandshake(node.accepts(identityAt(4003), host), [at(4003), at(4002)])
    node.loses(claim)
    t.is(completenessOf(node), expected, host)
    for (let dials = 0; dials < FAILURES_BEFORE_DROPPING; dials += 1) {
      node.waits(60_000)
      node.failsToReach(at(4002))
    }
    t.is(completenessOf(node), 'complete', 'a dial never reached it')
  }
})
