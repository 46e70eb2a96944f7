/**
 * Peers that say that an address is theirs: believed at once, looked into soon, and gone when it
 * was not true.
 */

import test from 'ava'
import { LINKS_PER_PEER_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, meshId, PLAIN, startNode } from '../helpers/core.ts'

const REAL = identityAt(4002)
/** Another node that says it is the one on port 4002. */
const PRETENDER = identityAt(4002, { id: meshId(9_999) })
const VERIFY_MS = 1_000

test('impostors - a caller counts as connected at the address it names, and is not dialed back at once', (t) => {
  const node = startNode({ knownPeers: [] })
  const link = node.accepts(REAL)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.dials, [])
  t.deepEqual(node.handshakes, [{ link, addresses: [at(4001), at(4002)] }])
})

test('impostors - what a caller says of its address is looked into after a second', (t) => {
  const node = startNode()
  node.accepts(REAL)
  node.waits(VERIFY_MS - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials, [at(4002)])
  t.deepEqual(node.attempting, [], 'we are connected to it')
})

test('impostors - who answers on an address owns it, and the impostor has to go', (t) => {
  const node = startNode()
  const impostor = node.accepts(PRETENDER)
  node.waits(VERIFY_MS)
  const real = node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[impostor, CloseCode.ADDRESS_TAKEN]],
  )
  t.deepEqual(node.linkIds, [real])
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - a plain peer that answers on an address owns it, too', (t) => {
  const node = startNode()
  node.accepts(PRETENDER)
  node.waits(VERIFY_MS)
  const real = node.reaches(at(4002), PLAIN)
  t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_TAKEN])
  t.deepEqual(node.linkIds, [real])
})

test('impostors - a caller that tells the truth is looked into once, and the second link ends as a duplicate', (t) => {
  const node = startNode({ port: 5_000 })
  node.accepts(REAL)
  node.waits(VERIFY_MS)
  node.reaches(at(4002), REAL)
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  t.deepEqual(node.connected, [at(4002)])
  t.is(node.mesh.sizes().claims, 0)
  node.waits(60 * 60 * 1_000)
  t.deepEqual(node.dials, [])
})

test('impostors - a claim that nobody could look into stays, and is looked into again after a minute', (t) => {
  const node = startNode()
  node.accepts(REAL)
  node.hearsHandshake(1, [at(4002)])
  node.waits(VERIFY_MS)
  node.failsToReach(at(4002))
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.eventsOf('dial-failed'), [])
  node.waits(58_999)
  t.deepEqual(node.dials, [])
  node.waits(1_001)
  t.deepEqual(node.dials, [at(4002)])
})

test('impostors - a claim waits for no other than its turn, whatever became of older ones', (t) => {
  const node = startNode()
  node.accepts(PRETENDER)
  node.waits(VERIFY_MS)
  node.failsToReach(at(4002))
  node.waits(VERIFY_MS)
  node.accepts(identityAt(4003))
  node.waits(2 * VERIFY_MS)
  t.deepEqual(node.dials, [at(4003)])
})

test('impostors - claims are looked into at one a second, however many there are', (t) => {
  const node = startNode()
  for (let n = 0; n < 100; n += 1) node.accepts(identityAt(10_000 + n))
  node.waits(5_000)
  t.is(node.dials.length, 5)
})

test('impostors - our own dial to a peer is proof enough', (t) => {
  const node = startNode()
  node.reaches(at(4002), REAL)
  node.accepts(REAL)
  t.is(node.mesh.sizes().claims, 0)
})

test('impostors - a peer reached by another spelling is looked into under the address it names', (t) => {
  const node = startNode({ knownPeers: [at(5002)] })
  const liar = node.reaches(at(5002), PRETENDER)
  t.deepEqual(node.connected, [at(4002)])
  node.waits(VERIFY_MS)
  t.deepEqual(node.dials, [at(4002)])
  node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[liar, CloseCode.ADDRESS_TAKEN]],
  )
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - a restarted peer with a new id takes its address over from its old link', (t) => {
  const node = startNode()
  const old = node.reaches(at(4002), REAL)
  const reborn = identityAt(4002, { id: meshId(12_345) })
  const young = node.accepts(reborn)
  node.hearsHandshake(young, [at(4002)])
  t.deepEqual(node.connected, [at(4002)])
  node.waits(VERIFY_MS)
  t.deepEqual(node.dials, [at(4002)])
  node.reaches(at(4002), reborn)
  t.true(node.closes.some(({ link, code }) => link === old && code === CloseCode.ADDRESS_TAKEN))
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - two nodes that were both told that a third is the other find each other', (t) => {
  const both = [
    { node: startNode({ port: 4001 }), other: identityAt(4002) },
    { node: startNode({ port: 4002 }), other: identityAt(4001) },
  ]
  for (const { node, other } of both) {
    node.hearsHandshake(node.accepts({ ...other, id: meshId(9_999) }), [other.address])
    t.deepEqual(node.dials, [], 'fooled: it seems connected')
    node.waits(VERIFY_MS)
    t.deepEqual(node.dials, [at(Number(other.address.slice(-4)))])
    const link = node.reaches(at(Number(other.address.slice(-4))), other)
    t.deepEqual(node.linkIds, [link])
  }
})

test('impostors - who says that our own address is its is refused', (t) => {
  const node = startNode()
  node.accepts(identityAt(4001, { id: meshId(9_999) }))
  t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_TAKEN])
  t.deepEqual(node.connected, [])
})

test('impostors - a name that is no address stands for none', (t) => {
  const node = startNode()
  node.accepts(identityAt(4002, { address: 'rubbish' }))
  t.deepEqual(node.connected, [])
  t.deepEqual(node.closes, [])
})

test('impostors - one that copies the id of a peer is looked into once that peer is gone', (t) => {
  const node = startNode()
  const real = node.reaches(at(4002), REAL)
  const copy = node.accepts(REAL)
  node.hearsHandshake(copy, [at(4002)])
  node.waits(10_000)
  t.deepEqual(node.dials, [], 'it is taken for the peer')
  node.loses(real)
  t.deepEqual(node.connected, [at(4002)])
  node.waits(VERIFY_MS)
  t.deepEqual(node.dials, [at(4002)])
  node.reaches(at(4002), identityAt(4002, { id: meshId(12_345) }))
  t.true(node.closes.some(({ link, code }) => link === copy && code === CloseCode.ADDRESS_TAKEN))
})

test('impostors - a peer is not looked into again because a duplicate of its link was closed', (t) => {
  const node = startNode()
  const first = node.reaches(at(4002), REAL)
  node.hearsHandshake(node.accepts(REAL), [at(4002)])
  node.loses(first, CloseCode.DUPLICATE)
  node.waits(10_000)
  t.deepEqual(node.dials, [])
})

test('impostors - a known peer that calls itself another node counts under the address we dialed', (t) => {
  const node = startNode({ knownPeers: [at(4003)] })
  const impostor = node.reaches(at(4003), PRETENDER)
  t.deepEqual(node.connected, [at(4002)], 'believed at first')
  node.waits(VERIFY_MS)
  node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link }) => link),
    [impostor],
  )
  t.deepEqual(node.dials, [at(4003)], 'the operator named it, so it is dialed again')
  node.reaches(at(4003), PRETENDER)
  t.deepEqual(node.connected, [at(4002), at(4003)])
})

test('impostors - a caller that names an address we may never dial is sent away and told', (t) => {
  const own = address('ws://192.168.0.1:4001')
  for (const claimed of ['ws://localhost:4002', 'ws://169.254.169.254']) {
    const node = startNode({ ownAddresses: [own], knownPeers: [] })
    node.accepts(identityAt(4002, { address: claimed }))
    t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_UNREACHABLE], claimed)
    t.regex(node.closes[0]?.reason ?? '', /set ADDRESS/)
    t.deepEqual(node.connected, [])
    t.deepEqual(node.handshakes, [])
  }
})

test('impostors - a caller may name an address that only the operator lets us dial', (t) => {
  const node = startNode({
    ownAddresses: [address('ws://192.168.0.1:4001')],
    knownPeers: [at(4002)],
  })
  node.failsToReach(at(4002))
  node.accepts(identityAt(4002))
  t.deepEqual(node.connected, [at(4002)])
})

test('impostors - a caller whose address is none is a plain peer', (t) => {
  const node = startNode({ knownPeers: [] })
  const link = node.accepts(identityAt(4002, { address: 'nowhere' }))
  node.hearsHandshake(link, [at(4002)])
  t.deepEqual(node.dials, [at(4002)])
  t.deepEqual(node.connected, [])
  node.waits(60_000)
  t.deepEqual(node.pings, [], 'it may never read what comes on its link')
})

test('impostors - a learned address whose peer calls itself another node is not dialed again', (t) => {
  const node = startNode()
  node.hearsHandshake(node.accepts(PLAIN), [at(4003)])
  node.reaches(at(4003), PRETENDER)
  node.waits(VERIFY_MS)
  node.reaches(at(4002), REAL)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.dials, [])
})

test('impostors - a peer that claims the verified address of another counts under the one we dialed', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  node.reaches(at(4002), REAL)
  node.reaches(at(4003), PRETENDER)
  t.deepEqual(node.closes, [])
  t.deepEqual(node.connected, [at(4002), at(4003)])
  t.deepEqual(node.eventsOf('alias-found'), [])
})

test('impostors - a restarted peer that was reached by another spelling ends with one link', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  const old = node.reaches(at(4002), REAL)
  const reborn = identityAt(4002, { id: meshId(12_345) })
  node.reaches(at(4003), reborn)
  node.loses(old)
  node.waits(VERIFY_MS)
  const young = node.reaches(at(4002), reborn)
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  t.deepEqual(node.linkIds, [young])
})

// --- Stolen ids ----------------------------------------------------------------------------------

test('impostors - who copies id and address of a peer and was dialed elsewhere yields to it at once', (t) => {
  const node = startNode({ port: 5_000, knownPeers: [at(4002), at(4003)] })
  const thief = node.reaches(at(4003), REAL)
  const real = node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[thief, CloseCode.DUPLICATE]],
  )
  t.deepEqual(node.linkIds, [real])
})

test('impostors - who copies the id of a peer, on an address of its own, does not end its link', (t) => {
  const thief = identityAt(4003, { id: REAL.id })
  for (const port of [4_000, 5_000]) {
    for (const [first, second] of [
      [REAL, thief],
      [thief, REAL],
    ] as const) {
      const node = startNode({ port, knownPeers: [at(4002), at(4003)] })
      const links = [first, second].map((peer) => node.reaches(address(peer.address), peer))
      node.waits(10_000)
      t.deepEqual(node.linkIds, links)
      t.deepEqual(node.connected.toSorted(), [at(4002), at(4003)])
    }
  }
})

test('impostors - a thief of an id who holds all the links that the id may have cannot keep its owner out', (t) => {
  // The smaller id, which does not decide about duplicates.
  const node = startNode({ identity: { id: meshId(1) } })
  node.reaches(at(4002), REAL)
  const [own = 0] = node.linkIds
  for (let n = 1; n < LINKS_PER_PEER_MAX; n += 1) node.accepts(REAL)
  node.loses(own, CloseCode.DUPLICATE)
  node.accepts(REAL)
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
  t.is(node.mesh.sizes().claims, 0, 'all of them seem to be the owner')
  node.accepts(REAL)
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  node.waits(VERIFY_MS)
  t.deepEqual(node.dials, [at(4002)])
  const real = node.reaches(at(4002), REAL)
  t.true(node.linkIds.includes(real))
  node.accepts(REAL)
  node.waits(VERIFY_MS)
  t.deepEqual(node.dials, [], 'we have reached it')
})
