/** Whose messages and requests the links with a copied id carry. */

import test from 'ava'
import type { Identity } from '../../src/wire/headers.ts'
import { address, at, identityAt, startNode, type TestNode } from '../helpers/core.ts'

const REAL = identityAt(4002, { messages: true })
/** A node at its own address, with the id of the one on port 4002. */
const COPY = identityAt(4003, { id: REAL.id, messages: true })
const OTHER_NAME = `${REAL.id} ${at(4003)}`

/** Who opened links for messages in the last input, and on which links who was verified. */
function facts(node: TestNode): readonly string[] {
  return node.orders.flatMap((order) => {
    if (order.kind !== 'messages') return []
    if (order.fact.kind === 'link-ready') return [order.fact.peer]
    return order.fact.kind === 'link-verified' ? [`verified ${order.fact.link}`] : []
  })
}

/** The node dials this peer. Who opened a link then. */
function reached(node: TestNode, identity: Identity): readonly string[] {
  node.reaches(address(identity.address), identity)
  return facts(node).filter((fact) => !fact.startsWith('verified'))
}

test('id owners - an id is the peer at the address that was verified with it first', (t) => {
  const node = startNode()
  t.deepEqual(reached(node, REAL), [REAL.id])
  t.deepEqual(reached(node, COPY), [OTHER_NAME])
})

test('id owners - it stays so when the peer is gone', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), REAL)
  node.loses(link)
  t.deepEqual(reached(node, COPY), [OTHER_NAME])
  t.deepEqual(reached(node, REAL), [REAL.id])
})

test('id owners - one that is verified later does not take it from a peer that was linked before', (t) => {
  const node = startNode()
  node.accepts(REAL, '10.0.0.2')
  t.deepEqual(facts(node), [REAL.id])
  node.accepts(COPY, '10.0.0.3')
  t.deepEqual(facts(node), [OTHER_NAME])
  node.reaches(at(4003), COPY)
  t.deepEqual(facts(node), [OTHER_NAME], 'the dial shows nothing of the id')
  node.reaches(at(4002), REAL)
  t.deepEqual(facts(node).toSorted(), [REAL.id, 'verified 1', 'verified 4'])
})

test('id owners - who only claims it first has it no longer than its link stands', (t) => {
  const node = startNode()
  const claim = node.accepts(COPY, '10.0.0.3')
  node.loses(node.reaches(at(4002), REAL))
  node.loses(claim)
  t.deepEqual(reached(node, REAL), [REAL.id])
  node.accepts(COPY, '10.0.0.3')
  t.deepEqual(reached(node, COPY), [OTHER_NAME])
})

test('id owners - a peer with the secret has its own id', (t) => {
  const node = startNode()
  node.reaches(at(4003), COPY)
  node.acceptsTrusted(REAL)
  t.deepEqual(facts(node), [REAL.id])
  t.deepEqual(reached(node, COPY), [OTHER_NAME])
})

test('id owners - the peer of a link keeps its name', (t) => {
  const node = startNode()
  node.reaches(at(4002), REAL)
  node.reaches(at(4003), COPY)
  const nameAt = (port: number): string | undefined => {
    const link = node.mesh.linkTo(at(port))
    return link && node.mesh.peerOn(link)
  }
  t.deepEqual([nameAt(4002), nameAt(4003)], [REAL.id, OTHER_NAME])
})
