/** The address that we announce, and whether it leads to us. */

import test from 'ava'
import { OWN_ADDRESS_CHECK_MS } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, identityAt, startNode } from '../helpers/core.ts'

const OWN = address('ws://node.example:4001')
const SET = { ownAddresses: [OWN], checksOwnAddress: true } as const
const PEER = address('ws://peer.example:4002')

test('own address - one that the operator set is dialed at the start, and is ours when our id answers', (t) => {
  const node = startNode(SET)
  t.deepEqual(node.dials, [OWN])
  t.deepEqual([...node.mesh.attemptingToConnectToAddress], [])
  node.reaches(OWN, node.identity)
  t.deepEqual(node.closeCodes, [CloseCode.SELF])
  t.deepEqual(node.events, [])
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.dials, [])
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'complete' })
})

test('own address - the default is not dialed', (t) => {
  t.deepEqual(startNode({ ownAddresses: [OWN] }).dials, [])
})

test('own address - with another node on it this one is not complete, until its own id answers', (t) => {
  const node = startNode(SET)
  node.opens(OWN, identityAt(4002))
  t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_TAKEN])
  const taken = { kind: 'own-address-taken', address: OWN, foundBy: undefined } as const
  t.deepEqual(node.eventsOf('own-address-taken'), [taken])
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'address-taken' })
  node.waits(OWN_ADDRESS_CHECK_MS)
  t.deepEqual(node.dials, [OWN])
  node.opens(OWN, identityAt(4002))
  t.deepEqual(node.eventsOf('own-address-taken'), [], 'said once')
  node.waits(OWN_ADDRESS_CHECK_MS)
  node.failsToReach(OWN)
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'address-taken' }, 'proves nothing')
  node.waits(OWN_ADDRESS_CHECK_MS)
  node.opens(OWN, node.identity)
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'complete' })
})

test('own address - when nobody answers, that is said once and changes nothing', (t) => {
  const node = startNode(SET)
  node.failsToReach(OWN)
  t.is(node.eventsOf('own-address-unanswered').length, 1)
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'complete' })
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.dials, [])
})

test('own address - a peer that we dialed and that found another node there is proof', (t) => {
  const node = startNode({ ownAddresses: [OWN], knownPeers: [PEER] })
  const peer = identityAt(4002, { address: PEER })
  node.loses(node.reaches(PEER, peer), CloseCode.ADDRESS_TAKEN)
  const taken = { kind: 'own-address-taken', address: OWN, foundBy: PEER } as const
  t.deepEqual(node.eventsOf('own-address-taken'), [taken])
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'address-taken' })
  node.reaches(PEER, peer)
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'complete' }, 'it takes the link')
})

test('own address - what a peer that dialed us says of it is no proof', (t) => {
  const node = startNode({ ownAddresses: [OWN] })
  node.loses(node.accepts(identityAt(4002, { address: PEER })), CloseCode.ADDRESS_TAKEN)
  t.deepEqual(node.eventsOf('own-address-taken'), [])
  t.not(node.mesh.completeness(node.nowMs).kind, 'address-taken')
})
