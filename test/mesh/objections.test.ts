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

test('objections - nothing speaks against a plain peer or a node of the same mesh', (t) => {
  t.is(objectionToPeer(OWN, PLAIN, nothingIsOurs), undefined)
  t.is(objectionToPeer(OWN, identityAt(4002), nothingIsOurs), undefined)
})

test('objections - a node of another mesh is refused, and told both names', (t) => {
  const objection = objectionToPeer(OWN, identityAt(4002, { mesh: 'other' }), nothingIsOurs)
  t.is(objection?.code, CloseCode.OTHER_MESH)
  t.regex(objection?.reason ?? '', /\bmesh\b.*\bother\b/)
})

test('objections - a node that says our address is its own is refused', (t) => {
  const impostor = identityAt(4002, { address: 'ws://LOCALHOST:4001/' })
  const objection = objectionToPeer(OWN, impostor, (address) => address === at(4001))
  t.is(objection?.code, CloseCode.ADDRESS_TAKEN)
})

test('objections - a claim is an address, or none', (t) => {
  t.is(announcedAddressOf(identityAt(4002, { address: 'ws://LOCALHOST:4002/' })), at(4002))
  t.is(announcedAddressOf(identityAt(4002, { address: 'rubbish' })), undefined)
  t.is(announcedAddressOf(PLAIN), undefined)
})

test('objections - a node of another mesh is refused whoever dialed, and the mesh is told of it', (t) => {
  const stranger = identityAt(4002, { mesh: 'other' })
  const node = startNode({ knownPeers: [at(4002)] })
  node.accepts(stranger)
  t.deepEqual(node.closeCodes, [CloseCode.OTHER_MESH])
  t.is(node.eventsOf('link-refused')[0]?.ending.code, CloseCode.OTHER_MESH)
  node.reaches(at(4002), stranger)
  t.deepEqual(node.closeCodes, [CloseCode.OTHER_MESH])
  t.deepEqual(node.connected, [])
  t.deepEqual(node.attempting, [])
})

test('objections - a known peer of another mesh is tried again, in case it changes its mind', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.reaches(at(4002), identityAt(4002, { mesh: 'other' }))
  node.waits(60_000)
  t.deepEqual(node.dials, [at(4002)])
})

/** Accepts links, each of a different plain peer, that say HANDSHAKE or stay silent. */
function crowd(node: TestNode, { speaking, silent }: { speaking: number; silent: number }): void {
  for (let n = 0; n < speaking; n += 1) node.hearsHandshake(node.accepts(PLAIN), [])
  for (let n = 0; n < silent; n += 1) node.accepts(PLAIN)
}

test('objections - 128 plain callers may be silent; for one more the longest silent is closed', (t) => {
  const node = startNode()
  crowd(node, { speaking: 1, silent: LINKS_WITHOUT_HANDSHAKE_MAX })
  t.deepEqual(node.closeCodes, [])
  const [speaking, longestSilent] = node.linkIds
  const newcomer = node.accepts(PLAIN)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[longestSilent, CloseCode.NO_HANDSHAKE]],
  )
  t.true(node.linkIds.includes(speaking ?? 0))
  t.true(node.linkIds.includes(newcomer))
})

test('objections - peers with identity are not closed for the silence of others, nor others for theirs', (t) => {
  const node = startNode()
  const ours = node.accepts(identityAt(4002))
  crowd(node, { speaking: 0, silent: LINKS_WITHOUT_HANDSHAKE_MAX })
  node.accepts(identityAt(4003))
  t.deepEqual(node.closeCodes, [])
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [CloseCode.NO_HANDSHAKE])
  t.true(node.linkIds.includes(ours))
})

test('objections - a link that says HANDSHAKE makes room for another silent one', (t) => {
  const node = startNode()
  crowd(node, { speaking: 0, silent: LINKS_WITHOUT_HANDSHAKE_MAX })
  node.hearsHandshake(node.linkIds[0] ?? 0, [])
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [])
})

test('objections - 1,200 links are accepted, and not one more', (t) => {
  const node = startNode()
  crowd(node, { speaking: ACCEPTED_LINKS_MAX, silent: 0 })
  t.is(node.linkIds.length, ACCEPTED_LINKS_MAX)
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [CloseCode.TRY_AGAIN_LATER])
})

test('objections - a full node still dials, and takes newcomers again when somebody leaves', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  crowd(node, { speaking: ACCEPTED_LINKS_MAX, silent: 0 })
  node.reaches(at(4002), PLAIN)
  t.deepEqual(node.connected, [at(4002)])
  node.loses(node.linkIds[0] ?? 0)
  node.accepts(PLAIN)
  t.deepEqual(node.closeCodes, [])
})

test('objections - one identity holds 4 links, and not one more', (t) => {
  // The smaller id decides nothing about duplicates, so all of them stay for now.
  const node = startNode({ identity: { id: meshId(1) } })
  for (let n = 0; n < LINKS_PER_PEER_MAX; n += 1) node.accepts(identityAt(4002))
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
  node.accepts(identityAt(4002))
  t.deepEqual(node.closeCodes, [CloseCode.DUPLICATE])
  t.deepEqual(node.connected, [at(4002)])
})

test('objections - an accepted link that says no HANDSHAKE within 6 s is closed', (t) => {
  const node = startNode()
  node.accepts(PLAIN)
  node.waits(5_999)
  t.deepEqual(node.closeCodes, [])
  node.waits(1)
  t.deepEqual(node.closeCodes, [CloseCode.NO_HANDSHAKE])
  t.deepEqual(node.linkIds, [])
})

test('objections - honors the handshakeTimeoutMs option', (t) => {
  const node = startNode({ timings: { dialTimeoutMs: 50, handshakeTimeoutMs: 100 } })
  node.accepts(PLAIN)
  node.waits(100)
  t.deepEqual(node.closeCodes, [CloseCode.NO_HANDSHAKE])
})
