/** Two of our nodes end with one link, the same on both ends, in whatever order things arrive. */

import test from 'ava'
import fc from 'fast-check'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, startNode, TestNode } from '../helpers/core.ts'
import { TestNetwork } from '../helpers/network.ts'
import { holds } from '../helpers/property.ts'

/** Long enough for verification, probes and redials. */
const SETTLED_MS = 14_000

/** Which delivery arrives next; the oldest when no choices are left. */
const orders = fc.array(fc.nat(), { maxLength: 60 })

/** Delivers in this order, and then the rest. */
function playOut(network: TestNetwork, order: readonly number[]): void {
  for (const choice of order) if (network.deliverable > 0) network.deliver(choice)
  network.settle(SETTLED_MS)
}

/** What is wrong with the links between two nodes, or undefined. */
function flaw(network: TestNetwork, a: TestNode, b: TestNode): string | undefined {
  const links = network.linksBetween(a, b)
  if (links.length !== 1 || b.linkIds.length !== a.linkIds.length) return `${links.length} links`
  if (links[0]?.[1] === undefined) return 'not the same link on both ends'
  if (!a.mesh.connectedAddresses.has(at(b.port))) return `${a.port} does not list ${b.port}`
  if (!b.mesh.connectedAddresses.has(at(a.port))) return `${b.port} does not list ${a.port}`
  return undefined
}

function expectOneLink(network: TestNetwork, a: TestNode, b: TestNode): void {
  const found = flaw(network, a, b)
  if (found !== undefined) throw new Error(found)
}

test('simultaneous dials - end with one link, in every order of arrival', (t) => {
  holds(
    t,
    500,
    fc.property(orders, (order) => {
      const a = new TestNode({ port: 4001, knownPeers: [at(4002)] })
      const b = new TestNode({ port: 4002, knownPeers: [at(4001)] })
      const network = new TestNetwork([a, b])
      network.start(a)
      network.start(b)
      playOut(network, order)
      expectOneLink(network, a, b)
    }),
  )
})

test('simultaneous dials - a node that starts while the other dials ends with one link', (t) => {
  holds(
    t,
    300,
    fc.property(orders, fc.nat(10), (order, startAfter) => {
      const a = new TestNode({ port: 4001, knownPeers: [at(4002)] })
      const b = new TestNode({ port: 4002, knownPeers: [at(4001)] })
      const network = new TestNetwork([a, b])
      network.start(b)
      for (const choice of order.slice(0, startAfter)) {
        if (network.deliverable > 0) network.deliver(choice)
      }
      network.start(a)
      playOut(network, order.slice(startAfter))
      expectOneLink(network, a, b)
    }),
  )
})

test('simultaneous dials - three nodes end with one link a pair, in every order of arrival', (t) => {
  holds(
    t,
    200,
    fc.property(orders, (order) => {
      const nodes = [4001, 4002, 4003].map(
        (port) => new TestNode({ port, knownPeers: [at(4001), at(4002), at(4003)] }),
      )
      const network = new TestNetwork(nodes)
      for (const node of nodes) network.start(node)
      playOut(network, order)
      for (const node of nodes) {
        if (node.linkIds.length !== 2) throw new Error(`${node.linkIds.length} links`)
        if (node.connected.length !== 2) throw new Error(`lists ${node.connected}`)
        if (node.attempting.length > 0) throw new Error(`attempts ${node.attempting}`)
      }
    }),
  )
})

// --- One end -------------------------------------------------------------------------------------

const LARGER = identityAt(4002)
const SMALLER = identityAt(4000)

test('duplicates - the node with the larger id keeps the link that it dialed', (t) => {
  const node = startNode({ knownPeers: [at(4000)] })
  const accepted = node.accepts(SMALLER)
  node.reaches(at(4000), SMALLER)
  t.deepEqual(node.closes, [{ link: accepted, code: CloseCode.DUPLICATE, reason: 'duplicate' }])
  t.deepEqual(node.connected, [at(4000)])
})

test('duplicates - the node with the smaller id decides nothing', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.receivesHandshake(node.accepts(LARGER), [at(4002)])
  const dialed = node.reaches(at(4002), LARGER)
  node.waits(10_000)
  t.deepEqual(node.closes, [])
  node.loses(dialed, CloseCode.DUPLICATE)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.eventsOf('peer-left'), [])
})

test('duplicates - the peer joins once and does not leave when the second link ends', (t) => {
  const node = startNode()
  node.accepts(SMALLER)
  t.is(node.eventsOf('peer-joined').length, 1)
  node.reaches(at(4000), SMALLER)
  t.deepEqual(node.eventsOf('peer-joined'), [])
  t.deepEqual(node.eventsOf('peer-left'), [])
})

test('duplicates - an old link that answers stays, and the new one is closed', (t) => {
  const node = startNode()
  const old = node.reaches(at(4000), SMALLER)
  const young = node.accepts(SMALLER)
  t.deepEqual(node.pings, [old])
  t.deepEqual(node.closes, [])
  node.receivesPong(old)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[young, CloseCode.DUPLICATE]],
  )
})

test('duplicates - an old link that is silent for 2 s is closed for the new one', (t) => {
  const node = startNode()
  const old = node.reaches(at(4000), SMALLER)
  const young = node.accepts(SMALLER)
  node.waits(1_999, { peersAnswer: false })
  t.deepEqual(node.closes, [])
  node.waits(1, { peersAnswer: false })
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[old, CloseCode.SILENT]],
  )
  t.deepEqual(node.linkIds, [young])
  t.deepEqual(node.connected, [at(4000)])
})

test('duplicates - an answer that is late for one new link does not count for the next', (t) => {
  const node = startNode()
  const old = node.reaches(at(4000), SMALLER)
  node.loses(node.accepts(SMALLER))
  node.receivesPong(old)
  node.nowMs += 10_000
  const young = node.accepts(SMALLER)
  t.deepEqual(node.closes, [])
  t.deepEqual(node.pings, [old])
  node.waits(2_000, { peersAnswer: false })
  t.deepEqual(node.linkIds, [young])
})

test('duplicates - an old link without a duplicate is not closed for silence', (t) => {
  const node = startNode()
  const old = node.reaches(at(4000), SMALLER)
  node.loses(node.accepts(SMALLER))
  node.waits(2_000, { peersAnswer: false })
  t.deepEqual(node.linkIds, [old])
})

test('duplicates - of two links that wait for an old one to answer, one closes when the old one breaks', (t) => {
  const node = startNode()
  const old = node.reaches(at(4000), SMALLER)
  const [first = 0, second = 0] = [node.accepts(SMALLER), node.accepts(SMALLER)]
  for (const link of [first, second]) node.receivesHandshake(link, [SMALLER.address])
  node.loses(old)
  t.deepEqual(node.dials, [at(4000)], 'an id can be copied')
  node.failsToReach(at(4000))
  t.deepEqual(node.pings, [first])
  node.receivesPong(first)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[second, CloseCode.DUPLICATE]],
  )
  t.deepEqual(node.linkIds, [first])
})
