/** What a source names is dialed, and is no member before it was reached. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { SOURCE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, identityAt, startNode, type TestNode } from '../helpers/core.ts'

const SOURCE = 'dns:mesh.example:4001'
const OWN = address('ws://10.0.0.1:4001')
const TWO = address('ws://10.0.0.2:4001')
const THREE = address('ws://10.0.0.3:4001')
const TWO_IDENTITY = identityAt(4002, { address: TWO })

function startOnNetwork(knownPeers: readonly Address[] = []): TestNode {
  const node = startNode({ ownAddresses: [OWN], knownPeers })
  answers(node)
  return node
}

function answers(node: TestNode, ...addresses: readonly Address[]): void {
  node.handle({ kind: 'source-answered', source: SOURCE, addresses })
}

function completenessOf(node: TestNode): string {
  const completeness = node.mesh.completeness(node.nowMs)
  return completeness.kind === 'missing' ? `missing ${completeness.count}` : completeness.kind
}

test('sources - what one names is dialed at once, our own address is not', (t) => {
  const node = startOnNetwork()
  answers(node, OWN, TWO, THREE)
  t.deepEqual(node.dials, [TWO, THREE])
  answers(node, OWN, TWO, THREE)
  t.deepEqual(node.dials, [])
})

test('sources - a node that never had a peer waits, and is complete with what it reached', (t) => {
  const node = startOnNetwork()
  t.is(completenessOf(node), 'waiting')
  answers(node, OWN, TWO, THREE)
  t.is(completenessOf(node), 'waiting')
  const link = node.reaches(TWO, TWO_IDENTITY)
  t.is(completenessOf(node), 'complete', 'what DNS names is not missing while it is dialed')
  node.failsToReach(THREE)
  t.is(completenessOf(node), 'complete', 'nor when the dial has failed')
  t.deepEqual(
    node.mesh.overview(node.nowMs).nodes.map(({ state }) => state.kind),
    ['connected', 'gone'],
  )
  node.loses(link)
  t.is(completenessOf(node), 'missing 1', 'what was reached is')
})

test('sources - a peer that dialed us ends the wait, too: DNS may be down', (t) => {
  const node = startOnNetwork()
  node.accepts(TWO_IDENTITY)
  t.is(completenessOf(node), 'complete')
})

test('sources - a node without peers whose only source is removed does not wait', (t) => {
  const node = startOnNetwork()
  node.handle({ kind: 'source-removed', source: SOURCE })
  t.is(completenessOf(node), 'complete')
})

test('sources - known peers beside them are missing as before', (t) => {
  const node = startOnNetwork([THREE])
  answers(node, TWO)
  node.reaches(TWO, TWO_IDENTITY)
  t.is(completenessOf(node), 'missing 1')
})

test('sources - an answer without addresses disconnects nobody', (t) => {
  const node = startOnNetwork()
  answers(node, TWO)
  node.reaches(TWO, TWO_IDENTITY)
  answers(node)
  t.deepEqual(node.closes, [])
  t.deepEqual(node.connected, [TWO])
  node.handle({ kind: 'source-removed', source: SOURCE })
  t.deepEqual(node.connected, [TWO])
})

test('sources - a dead address is dialed more and more seldom while one names it, then forgotten', (t) => {
  const node = startOnNetwork()
  const dialsIn = (ms: number): number => {
    let dials = 0
    for (const untilMs = node.nowMs + ms; node.nowMs < untilMs; ) {
      node.waits(1_000)
      for (const dialed of node.dials) {
        dials += 1
        node.failsToReach(dialed)
      }
    }
    return dials
  }
  answers(node, TWO)
  node.failsToReach(TWO)
  for (let asked = 0; asked < 20; asked += 1) {
    dialsIn(30_000)
    answers(node, TWO)
    t.deepEqual(node.dials, [], 'it waits for the end of its pause')
  }
  const dials = dialsIn(600_000)
  // The mean pause is 30 s by then.
  t.true(dials >= 15 && dials <= 25, `${dials}`)
  answers(node, THREE)
  node.failsToReach(THREE)
  dialsIn(120_000)
  t.is(node.mesh.sizes().book, 1, 'only the one that is named now')
})

test('sources - a peer that says goodbye is dialed again when it is named', (t) => {
  const node = startOnNetwork()
  answers(node, TWO)
  node.loses(node.reaches(TWO, TWO_IDENTITY), CloseCode.GOING_AWAY)
  t.is(completenessOf(node), 'complete')
  node.waits(60_000)
  t.true(node.dials.includes(TWO))
})

test('sources - what the operator forgot is not dialed because a source names it', (t) => {
  const node = startOnNetwork()
  answers(node, TWO)
  node.failsToReach(TWO)
  node.handle({ kind: 'forget-requested', address: TWO })
  answers(node, TWO)
  t.deepEqual(node.dials, [])
})

test('sources - the policy for what peers name holds: no metadata service, no own machine', (t) => {
  const node = startOnNetwork()
  const metadata = address('ws://169.254.169.254:80')
  const loopback = address('ws://127.0.0.1:6379')
  answers(node, metadata, loopback, TWO)
  t.deepEqual(node.dials, [TWO])
  const [event] = node.eventsOf('addresses-refused')
  t.like(event, { peer: SOURCE, refusedByPolicy: 2, tooMany: 0 })
})

test('sources - of one answer 256 addresses count', (t) => {
  const list = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      address(`ws://10.1.${Math.floor(index / 250)}.${index % 250}:4001`),
    )
  const node = startOnNetwork()
  answers(node, ...list(SOURCE_ADDRESSES_MAX))
  t.deepEqual(node.eventsOf('addresses-refused'), [])
  t.is(node.mesh.sizes().book, SOURCE_ADDRESSES_MAX)
  const other = startOnNetwork()
  answers(other, ...list(SOURCE_ADDRESSES_MAX + 1))
  t.like(other.eventsOf('addresses-refused')[0], { tooMany: 1 })
  t.is(other.mesh.sizes().book, SOURCE_ADDRESSES_MAX)
})

test('sources - a peer that one named may say that our address is wrong', (t) => {
  const node = startOnNetwork()
  answers(node, TWO)
  node.loses(node.reaches(TWO, TWO_IDENTITY), CloseCode.ADDRESS_TAKEN)
  t.is(completenessOf(node), 'address-taken')
})
