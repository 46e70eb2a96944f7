import test from 'ava'
import {
  ACCEPTED_LINKS_MAX,
  LINKS_PER_PEER_MAX,
  LINKS_WITHOUT_HANDSHAKE_MAX,
} from '../../src/mesh/limits.ts'
import { announcedAddressOf, objectionToPeer } from '../../src/mesh/links/objections.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { at, identityAt, meshId, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

const OWN = identityAt(4001)
const nothingIsOurs = () => false
const allAreAdmitted = () => true

test('objections - a plain peer and a node of the same mesh are accepted', (t) => {
  t.is(objectionToPeer(OWN, PLAIN, nothingIsOurs, allAreAdmitted), undefined)
  t.is(objectionToPeer(OWN, identityAt(4002), nothingIsOurs, allAreAdmitted), undefined)
})

test('objections - a node of another mesh is refused, and the reason gives both names', (t) => {
  const objection = objectionToPeer(
    OWN,
    identityAt(4002, { mesh: 'other' }),
    nothingIsOurs,
    allAreAdmitted,
  )
  t.is(objection?.code, CloseCode.OTHER_MESH)
  t.regex(objection?.reason ?? '', /\bmesh\b.*\bother\b/)
})

test('objections - a node that announces our address is refused', (t) => {
  const impostor = identityAt(4002, { address: 'ws://LOCALHOST:4001/' })
  const objection = objectionToPeer(
    OWN,
    impostor,
    (address) => address === at(4001),
    allAreAdmitted,
  )
  t.is(objection?.code, CloseCode.ADDRESS_TAKEN)
})

test('objections - localhost of another machine is not our localhost', (t) => {
  const admitsNoLoopback = (address: string) => address !== at(4001)
  const other = identityAt(4002, { address: at(4001) })
  const isOurs = (address: string) => address === at(4001)
  t.is(objectionToPeer(OWN, other, isOurs, admitsNoLoopback), undefined)
})

test('objections - a peer that cannot dial our address is dialed rarely, until we have another', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  const link = node.reaches(at(4002), identityAt(4002))
  node.loses(link, CloseCode.ADDRESS_UNREACHABLE)
  node.waits(29_000)
  t.is(node.dials.length, 0)
  node.waits(31_000)
  t.deepEqual(node.dials, [at(4002)])
})

test('objections - an announced address is an address, or undefined', (t) => {
  t.is(announcedAddressOf(identityAt(4002, { address: 'ws://LOCALHOST:4002/' })), at(4002))
  t.is(announcedAddressOf(identityAt(4002, { address: 'rubbish' })), undefined)
  t.is(announcedAddressOf(PLAIN), undefined)
})

test('objections - a node of another mesh is refused in both directions, and reported', (t) => {
  const foreign = identityAt(4002, { mesh: 'other' })
  const node = startNode({ knownPeers: [at(4002)] })
  node.accepts(foreign)
  t.deepEqual(node.closeCodes, [CloseCode.OTHER_MESH])
  t.is(node.eventsOf('link-refused')[0]?.ending.code, CloseCode.OTHER_MESH)
  node.reaches(at(4002), foreign)
  t.deepEqual(node.closeCodes, [CloseCode.OTHER_MESH])
  t.deepEqual(node.connected, [])
  t.deepEqual(node.attempting, [])
})

test('objections - a known peer of another mesh is dialed again, as its settings may change', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.reaches(at(4002), identityAt(4002, { mesh: 'other' }))
  node.waits(60_000)
  t.deepEqual(node.dials, [at(4002)])
})

/** Accepts links of plain peers, of which some send HANDSHAKE and the others nothing. */
function acceptPlain(node: TestNode, ready: number, withoutHandshake: number): void {
  for (let n = 0; n < ready; n += 1) node.receivesHandshake(node.accepts(PLAIN), [])
  for (let n = 0; n < withoutHandshake; n += 1) node.accepts(PLAIN)
}

test('accept - 128 links of plain peers may be without HANDSHAKE; one more closes the oldest of them', (t) => {
  const node = startNode()
  acceptPlain(node, 1, LINKS_WITHOUT_HANDSHAKE_MAX)
  t.deepEqual(node.closeCodes, [])
  const [ready, oldestWithout] = node.linkIds
  const newest = node.accepts(PLAIN)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[oldestWithout, CloseCode.NO_HANDSHAKE]],
  )
  t.true(node.linkIds.includes(ready ?? 0))
  t.true(node.linkIds.includes(newest))
})

test('accept - of links without HANDSHAKE those of the host with most go', (t) => {
  const node = startNode()
  const slow = node.accepts(PLAIN, '10.0.0.2')
  const first = node.accepts(PLAIN)
  acceptPlain(node, 0, LINKS_WITHOUT_HANDSHAKE_MAX - 1)
  t.deepEqual(
    node.closes.map(({ link }) => link),
    [first],
  )
  t.true(node.linkIds.includes(slow))
})

test('accept - links with identity do not count as links without HANDSHAKE', (t) => {
  const node = startNode()
  const ours = node.accepts(identityAt(4002))
  acceptPlain(node, 0, LINKS_WITHOUT_HANDSHAKE_MAX)
  node.accepts(identityAt(4003))
  t.deepEqual(node.closeCodes, [])
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [CloseCode.NO_HANDSHAKE])
  t.true(node.linkIds.includes(ours))
})

test('accept - a link that received HANDSHAKE frees its place among those without', (t) => {
  const node = startNode()
  acceptPlain(node, 0, LINKS_WITHOUT_HANDSHAKE_MAX)
  node.receivesHandshake(node.linkIds[0] ?? 0, [])
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [])
})

test('accept - at most 1,200 links are accepted; one more takes the place of the newest of the host with most', (t) => {
  const node = startNode()
  const neighbour = node.accepts(PLAIN, '10.0.0.2')
  node.receivesHandshake(neighbour, [])
  acceptPlain(node, ACCEPTED_LINKS_MAX - 1, 0)
  t.is(node.linkIds.length, ACCEPTED_LINKS_MAX)
  const newest = node.linkIds.at(-1)
  const newcomer = node.accepts(PLAIN, '10.0.0.3')
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[newest, CloseCode.TRY_AGAIN_LATER]],
  )
  t.true(node.linkIds.includes(newcomer))
  t.true(node.linkIds.includes(neighbour))
})

test('accept - of a full node a link without HANDSHAKE goes first', (t) => {
  const node = startNode()
  acceptPlain(node, ACCEPTED_LINKS_MAX - 2, 0)
  const silent = node.accepts(PLAIN)
  acceptPlain(node, 1, 0)
  node.accepts(PLAIN)
  t.deepEqual(
    node.closes.map(({ link }) => link),
    [silent],
  )
})

test('accept - a full node whose links are all verified refuses one more of their host', (t) => {
  const node = startNode({ identity: { id: meshId(1) } })
  for (let port = 10_000; port < 10_000 + ACCEPTED_LINKS_MAX; port += 1) {
    const peer = identityAt(port)
    node.accepts(peer)
    node.loses(node.reaches(at(port), peer), CloseCode.DUPLICATE)
  }
  t.is(node.linkIds.length, ACCEPTED_LINKS_MAX)
  const newcomer = node.accepts(PLAIN)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[newcomer, CloseCode.TRY_AGAIN_LATER]],
  )
})

test('accept - a full node still dials, and accepts again when a link closes', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  acceptPlain(node, ACCEPTED_LINKS_MAX, 0)
  node.reaches(at(4002), PLAIN)
  t.deepEqual(node.connected, [at(4002)])
  node.loses(node.linkIds[0] ?? 0)
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [])
})

test('accept - one identity has at most 4 links', (t) => {
  // The node with the smaller id does not decide about duplicates, so all of them stay open.
  const node = startNode({ identity: { id: meshId(1) } })
  for (let n = 0; n < LINKS_PER_PEER_MAX; n += 1) node.accepts(identityAt(4002))
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
  node.accepts(identityAt(4002))
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  t.deepEqual(node.connected, [at(4002)])
})

test('accept - an accepted link without HANDSHAKE for 6 s is closed', (t) => {
  const node = startNode()
  node.accepts(PLAIN)
  node.waits(5_999)
  t.deepEqual(node.closeCodes, [])
  node.waits(1)
  t.deepEqual(node.closeCodes, [CloseCode.NO_HANDSHAKE])
  t.deepEqual(node.linkIds, [])
})

test('accept - honors the handshakeTimeoutMs option', (t) => {
  const node = startNode({ timings: { dialTimeoutMs: 50, handshakeTimeoutMs: 100 } })
  node.accepts(PLAIN)
  node.waits(100)
  t.deepEqual(node.closeCodes, [CloseCode.NO_HANDSHAKE])
})
