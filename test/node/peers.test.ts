/** Peers as programs get them, from links and events of a fake core. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import type { MeshEvent } from '../../src/mesh/events.ts'
import { type Link, newLink } from '../../src/mesh/links/link.ts'
import { Peers } from '../../src/node/peers.ts'
import { at, identityAt, PLAIN } from '../helpers/core.ts'

const A = at(4001)
const B = at(4002)
const GONE = { by: 'peer', code: 1001, reason: 'node\nstops' } as const

function joined(address: Address): MeshEvent {
  return { kind: 'peer-joined', address, connected: 1 }
}

function left(address: Address): MeshEvent {
  return { kind: 'peer-left', address, connected: 0, ending: GONE }
}

/** What the peer at B tells of itself. */
const DATA = { name: 'ben' }

/** A link to a plain peer that we dialed. */
function dialed(address: Address): Link {
  return { ...newLink(1, { kind: 'dialed', address, host: 'localhost' }, PLAIN, 0), address }
}

/** A link to a node that dialed us. */
function accepted(address: Address): Link {
  const peer = identityAt(4002, { address, code: 'c'.repeat(64) })
  return {
    ...newLink(2, { kind: 'accepted', remote: '127.0.0.1:5', host: '127.0.0.1' }, peer, 0),
    address,
  }
}

/** Peers of a core that has these links. */
function peersWith(links: () => Iterable<Link>): Peers {
  return new Peers({
    linkTo: (address) => [...links()].find((link) => link.address === address),
    dataOf: (address) => (address === B ? DATA : {}),
  })
}

test('peers - have the side that dialed, and what a peer announces', (t) => {
  const links = [dialed(A), accepted(B)]
  const peers = peersWith(() => links)
  for (const of of [A, B]) t.is(peers.observe(joined(of))?.kind, 'up')
  const [plain, node] = peers.list()
  t.like(plain, { address: A, dialedBy: 'us', id: undefined, code: undefined, data: {} })
  t.like(node, { address: B, dialedBy: 'peer', id: links[1]?.identity?.id, code: 'c'.repeat(64) })
  t.deepEqual(node?.data, DATA)
  t.true(plain !== undefined && Date.now() - plain.since.getTime() < 60_000)
})

test('peers - go down as they came up, with the ending in words', (t) => {
  const links = [dialed(A)]
  const peers = peersWith(() => links)
  const up = peers.observe(joined(A))
  links.length = 0
  const down = peers.observe(left(A))
  t.is(down?.peer, up?.peer)
  const text = "closed by peer: 1001 'node\\nstops'"
  t.deepEqual(down?.kind === 'down' && down.ending, { ...GONE, text })
  t.deepEqual(peers.list(), [])
})

test('peers - have what they told last when they go down', (t) => {
  const links = [accepted(B)]
  const peers = peersWith(() => links)
  t.deepEqual(peers.observe(joined(B))?.peer.data, {})
  const told = peers.observe({ kind: 'peer-data', address: B, data: DATA })
  t.is(told?.kind, 'data')
  t.deepEqual(told?.peer.data, DATA)
  t.is(peers.observe(left(B))?.peer, told?.peer)
  t.is(peers.observe({ kind: 'peer-data', address: B, data: DATA }), undefined)
})

test('peers - one that left before its event gives no event', (t) => {
  const peers = peersWith(() => [])
  t.is(peers.observe(joined(A)), undefined)
  t.is(peers.observe(left(A)), undefined)
})

test('peers - are listed with the link that stands for them now, since they came', (t) => {
  const links = [dialed(A)]
  const peers = peersWith(() => links)
  const since = peers.observe(joined(A))?.peer.since
  links[0] = accepted(A)
  t.like(peers.list()[0], { address: A, dialedBy: 'peer', since })
  t.is(peers.list().length, 1)
})

test('peers - all go down at once, each of them once', (t) => {
  const links = [dialed(A), accepted(B)]
  const peers = peersWith(() => links)
  for (const of of [A, B]) peers.observe(joined(of))
  const ending = { by: 'us', code: 1001, reason: 'node stops' } as const
  const changes = peers.clear(ending)
  t.deepEqual(
    changes.map(({ kind, peer }) => [kind, peer.address]),
    [
      ['down', A],
      ['down', B],
    ],
  )
  t.deepEqual(peers.clear(ending), [])
  t.is(peers.observe(left(A)), undefined)
})

test('peers - ignore other events, and links without an address', (t) => {
  const peers = peersWith(() => [{ ...dialed(B), address: undefined }, dialed(A)])
  t.is(peers.observe({ kind: 'duplicate-closed', peer: A }), undefined)
  t.deepEqual(peers.list(), [])
  t.is(peers.observe(joined(A))?.kind, 'up')
  t.is(peers.list().length, 1)
})
