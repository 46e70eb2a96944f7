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

test('own address - that a peer may not dial it is told once, and again after it took a link', (t) => {
  const node = startNode({ ownAddresses: [OWN], knownPeers: [PEER] })
  const peer = identityAt(4002, { address: PEER })
  const refused = {
    kind: 'own-address-refused',
    address: OWN,
    by: PEER,
    isPeerLocal: false,
  } as const
  const isRefused = () => {
    node.loses(node.opens(PEER, peer), CloseCode.ADDRESS_UNREACHABLE)
    return node.eventsOf('own-address-refused')
  }
  t.deepEqual(isRefused(), [refused])
  t.deepEqual(isRefused(), [])
  t.deepEqual(node.mesh.completeness(node.nowMs).kind, 'missing')
  node.loses(node.reaches(PEER, peer))
  t.deepEqual(isRefused(), [refused])
})

test('own address - a peer that dials only its own machine is the one that needs ADDRESS', (t) => {
  const known = address('ws://192.0.2.7:4002')
  const node = startNode({ ownAddresses: [OWN], knownPeers: [known] })
  node.loses(node.opens(known, identityAt(4002)), CloseCode.ADDRESS_UNREACHABLE)
  const [refused] = node.eventsOf('own-address-refused')
  t.true(refused?.isPeerLocal)
})

for (const code of [CloseCode.ADDRESS_TAKEN, CloseCode.ADDRESS_UNREACHABLE]) {
  test(`own address - what a stranger says of it is no proof: ${code}`, (t) => {
    const node = startNode({ ownAddresses: [OWN] })
    const assertNothing = (about: string) => {
      const events = node.events.filter(({ kind }) => kind.startsWith('own-address'))
      t.deepEqual(events, [], about)
      t.not(node.mesh.completeness(node.nowMs).kind, 'address-taken', about)
    }
    const stranger = address('ws://192.0.2.66:4002')
    const itself = node.accepts(identityAt(4002, { address: stranger }), '192.0.2.66')
    const other = address('ws://192.0.2.66:4003')
    node.receivesHandshake(itself, [stranger, other])
    node.waits(5_000)
    t.true(node.mesh.attemptingToConnectToAddress.has(other))
    node.loses(node.opens(other, identityAt(4003, { address: other })), code)
    assertNothing('at an address that only it named')
    node.loses(itself, code)
    assertNothing('on a link that it dialed')
    node.loses(node.reaches(stranger, identityAt(4002, { address: stranger })), code)
    assertNothing('at its own address')
  })

  test(`own address - what a peer says that a peer named is no proof, however verified that is: ${code}`, (t) => {
    const node = startNode({ ownAddresses: [OWN], knownPeers: [PEER] })
    const named = address('ws://192.0.2.7:4003')
    node.receivesHandshake(node.opens(PEER, identityAt(4002, { address: PEER })), [PEER, named])
    node.waits(5_000)
    node.loses(node.opens(named, identityAt(4003, { address: named })), code)
    t.deepEqual(
      node.events.filter(({ kind }) => kind.startsWith('own-address')),
      [],
    )
    t.not(node.mesh.completeness(node.nowMs).kind, 'address-taken')
  })

  test(`own address - what a peer with the secret says is proof, whoever named it: ${code}`, (t) => {
    const node = startNode({ ownAddresses: [OWN] })
    const named = address('ws://192.0.2.7:4003')
    node.receivesHandshake(node.accepts(identityAt(4002, { address: PEER })), [PEER, named])
    node.waits(5_000)
    const identity = identityAt(4003, { address: named })
    const link = node.newLinkId()
    node.handle({ kind: 'dial-succeeded', address: named, link, identity, trusted: true })
    node.loses(link, code)
    t.true(node.events.some(({ kind }) => kind.startsWith('own-address')))
  })
}

/** A node that a known peer has refused for its address. */
function refusedNode() {
  const node = startNode({ ownAddresses: [OWN], knownPeers: [PEER] })
  node.loses(node.reaches(PEER, identityAt(4002, { address: PEER })), CloseCode.ADDRESS_TAKEN)
  return node
}

test('own address - a peer that is out of reach since it refused us proves nothing any more', (t) => {
  const node = refusedNode()
  node.waits(5_000)
  node.failsToReach(PEER)
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'missing', count: 1 })
})

test('own address - nor does one that is reached by another spelling', (t) => {
  const alias = address('ws://192.0.2.7:5002')
  const node = startNode({ ownAddresses: [OWN], knownPeers: [alias] })
  node.loses(node.reaches(alias, identityAt(4002, { address: PEER })), CloseCode.ADDRESS_TAKEN)
  t.is(node.mesh.completeness(node.nowMs).kind, 'address-taken')
  node.waits(5_000)
  node.failsToReach(alias)
  t.not(node.mesh.completeness(node.nowMs).kind, 'address-taken')
})

test('own address - a stranger that is reached by another address and fails lifts nothing', (t) => {
  const stranger = address('ws://192.0.2.66:4002')
  const node = refusedNode()
  node.receivesHandshake(node.accepts(identityAt(4005), '192.0.2.66'), [stranger])
  node.waits(5_000)
  node.loses(node.reaches(stranger, identityAt(4002, { address: PEER })))
  node.failsToReach(stranger)
  t.is(node.mesh.completeness(node.nowMs).kind, 'address-taken')
})

test('own address - nor does one that the operator had forgotten', (t) => {
  const node = refusedNode()
  node.handle({ kind: 'forget-requested', address: PEER })
  t.deepEqual(node.mesh.completeness(node.nowMs), { kind: 'complete' })
})

test('own address - a warning that nobody answers is lifted when a verified peer reaches us there', (t) => {
  const node = startNode({ ...SET, knownPeers: [PEER] })
  const peer = identityAt(4002, { address: PEER })
  node.failsToReach(OWN)
  node.accepts(peer, '192.0.2.7', 'node.example:4001')
  t.deepEqual(node.eventsOf('own-address-reached'), [], 'it is a claim')
  node.reaches(PEER, peer)
  const reached = { kind: 'own-address-reached', address: OWN, by: PEER } as const
  t.deepEqual(node.eventsOf('own-address-reached'), [reached])
  node.accepts(peer, '192.0.2.7', 'node.example:4001')
  t.deepEqual(node.eventsOf('own-address-reached'), [], 'said once')
})

test('own address - a verified peer that reached us elsewhere lifts no warning', (t) => {
  const node = startNode({ ...SET, knownPeers: [PEER] })
  const peer = identityAt(4002, { address: PEER })
  node.failsToReach(OWN)
  node.reaches(PEER, peer)
  for (const dialed of [undefined, 'node.example', 'node.example:40011', '192.0.2.1:4001']) {
    node.accepts(peer, '192.0.2.7', dialed)
    t.deepEqual(node.eventsOf('own-address-reached'), [], dialed)
  }
})

test('own address - there is no warning when a verified peer reached us there before', (t) => {
  const node = startNode({ ...SET, knownPeers: [PEER] })
  const peer = identityAt(4002, { address: PEER })
  node.reaches(PEER, peer)
  node.loses(node.accepts(peer, '192.0.2.7', 'NODE.example:4001'))
  node.failsToReach(OWN)
  t.deepEqual(node.eventsOf('own-address-unanswered'), [])
})

test('own address - what a peer that dialed us says of it is no proof', (t) => {
  const node = startNode({ ownAddresses: [OWN] })
  node.loses(node.accepts(identityAt(4002, { address: PEER })), CloseCode.ADDRESS_TAKEN)
  t.deepEqual(node.eventsOf('own-address-taken'), [])
  t.not(node.mesh.completeness(node.nowMs).kind, 'address-taken')
})
