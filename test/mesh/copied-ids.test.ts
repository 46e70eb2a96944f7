/** Peers that announce the id of another node, and addresses that several links claim. */

import test from 'ava'
import { CONTEST_PAUSE_MS_MIN, LINKS_PER_PEER_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, meshId, startNode } from '../helpers/core.ts'
import { IMPOSTOR, REAL } from '../helpers/impostor.ts'

test('impostors - a node that copies the id of a peer is verified once that peer is gone', (t) => {
  const node = startNode()
  const real = node.reaches(at(4002), REAL)
  const copy = node.accepts(REAL)
  node.receivesHandshake(copy, [at(4002)])
  node.waits(10_000)
  t.deepEqual(node.dials, [], 'it counts as the peer')
  node.loses(real)
  t.deepEqual(node.connected, [at(4002)])
  t.deepEqual(node.dials, [at(4002)], 'at once')
  node.reaches(at(4002), identityAt(4002, { id: meshId(12_345) }))
  t.true(node.closes.some(({ link, code }) => link === copy && code === CloseCode.ADDRESS_TAKEN))
})

test('impostors - a node with a copied id and address, dialed elsewhere, is closed for the real peer at once', (t) => {
  const node = startNode({ port: 5_000, knownPeers: [at(4002), at(4003)] })
  const copy = node.reaches(at(4003), REAL)
  const real = node.reaches(at(4002), REAL)
  t.deepEqual(
    node.closes.map(({ link, code }) => [link, code]),
    [[copy, CloseCode.DUPLICATE]],
  )
  t.deepEqual(node.linkIds, [real])
})

test("impostors - a node that copies the id of a peer, on another address, does not close that peer's link", (t) => {
  const copy = identityAt(4003, { id: REAL.id })
  for (const port of [4_000, 5_000]) {
    for (const [first, second] of [
      [REAL, copy],
      [copy, REAL],
    ] as const) {
      const node = startNode({ port, knownPeers: [at(4002), at(4003)] })
      const links = [first, second].map((peer) => node.reaches(address(peer.address), peer))
      node.waits(10_000)
      t.deepEqual(node.linkIds, links)
      t.deepEqual(node.connected.toSorted(), [at(4002), at(4003)])
    }
  }
})

/** Our id is smaller, so the peer decides about duplicates. */
const SMALLEST = { identity: { id: meshId(1) } }

test('impostors - links with a copied id do not keep the peer out: the host with most of them gives way', (t) => {
  const node = startNode(SMALLEST)
  const copies = Array.from({ length: LINKS_PER_PEER_MAX }, () => node.accepts(REAL, '10.0.0.9'))
  const real = node.accepts(REAL, '10.0.0.2')
  t.deepEqual(node.closes, [
    { link: copies[0], code: CloseCode.DUPLICATE, reason: 'too many links from one node' },
  ])
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
  node.accepts(REAL, '10.0.0.9')
  t.true(node.linkIds.includes(real))
  t.is(node.linkIds.length, LINKS_PER_PEER_MAX)
})

test('impostors - an address that two links claim is dialed at once', (t) => {
  for (const other of [REAL, IMPOSTOR]) {
    const node = startNode(SMALLEST)
    node.accepts(REAL)
    t.deepEqual(node.dials, [])
    node.accepts(other)
    t.deepEqual(node.dials, [at(4002)])
  }
})

test('impostors - an address that is claimed again and again is dialed every two seconds', (t) => {
  const node = startNode({ ...SMALLEST, timings: { verifyMs: 60_000 } })
  node.accepts(REAL)
  node.accepts(REAL)
  const link = node.reaches(at(4002), REAL)
  node.loses(link, CloseCode.DUPLICATE)
  node.accepts(REAL)
  node.waits(CONTEST_PAUSE_MS_MIN - 1)
  t.deepEqual(node.dials, [])
  node.waits(1)
  t.deepEqual(node.dials, [at(4002)])
})

test('impostors - of several that claim an address none is closed before a dial shows whose it is', (t) => {
  const node = startNode({ identity: { id: meshId(99_999) } })
  const copy = node.accepts(REAL)
  node.receivesHandshake(copy, [at(4002)])
  const real = node.accepts(REAL)
  t.deepEqual([node.dials, node.pings, node.closes], [[at(4002)], [], []])
  node.receivesHandshake(real, [at(4002)])
  t.deepEqual(node.closes, [])
  const dialed = node.opens(at(4002), REAL)
  t.deepEqual(node.closes, [], 'the peer may be about to refuse it')
  node.receivesHandshake(dialed, [at(4002)])
  t.deepEqual(
    node.closes.map(({ link }) => link),
    [copy, real],
  )
})

test('impostors - when the dial is refused before its HANDSHAKE, the address is dialed again', (t) => {
  const node = startNode({ identity: { id: meshId(99_999) } })
  for (let n = 0; n < 2; n += 1) node.receivesHandshake(node.accepts(REAL), [at(4002)])
  node.loses(node.opens(at(4002), REAL), CloseCode.DUPLICATE)
  node.waits(CONTEST_PAUSE_MS_MIN)
  t.deepEqual([node.dials, node.closes], [[at(4002)], []])
})

test('impostors - when four links of the peer explain the refusal, it is made room for', (t) => {
  const afterRefusal = (count: number) => {
    const node = startNode({ identity: { id: meshId(99_999) } })
    const links = Array.from({ length: count }, () => node.accepts(REAL))
    for (const link of links) node.receivesHandshake(link, [at(4002)])
    node.loses(node.opens(at(4002), REAL), CloseCode.DUPLICATE)
    for (const link of node.pings) node.receivesPong(link)
    const closed = node.closes.map(({ link }) => link)
    node.waits(CONTEST_PAUSE_MS_MIN)
    return { links, closed, dials: node.dials }
  }
  const few = afterRefusal(LINKS_PER_PEER_MAX - 1)
  t.deepEqual(few.closed, [], 'impostors may hold the others')
  const full = afterRefusal(LINKS_PER_PEER_MAX)
  t.deepEqual(full.closed, full.links.slice(1))
  for (const { dials } of [few, full]) t.deepEqual(dials, [at(4002)], 'again')
})
