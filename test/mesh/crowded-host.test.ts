/** A stranger that answers on as many addresses of its own host as it likes. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import { HANDSHAKE_ADDRESSES_MAX, HOST_PEERS_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, at, identityAt, PLAIN, startNode, type TestNode } from '../helpers/core.ts'

const STRANGER = '10.6.6.6'

/** The address of a node on a host of its own. */
function node(number: number): Address {
  return address(`ws://10.0.${number >> 8}.${number & 255}:4000`)
}

function newNode(knownPeers: readonly Address[] = []): TestNode {
  return startNode({ ownAddresses: [node(1)], knownPeers })
}

function fake(number: number): Address {
  return address(`ws://${STRANGER}:${10_000 + number}`)
}

/** The stranger names these addresses, and answers on all of them, with an identity for each. */
function crowd(ours: TestNode, addresses: readonly Address[], ip?: string): void {
  for (const [n, dialed] of addresses.entries()) {
    const link = ours.newLinkId()
    const identity = identityAt(20_000 + n, { address: dialed })
    ours.handle({ kind: 'dial-succeeded', address: dialed, link, identity, ...(ip && { ip }) })
  }
}

const FAKES = Array.from({ length: HOST_PEERS_MAX }, (_, n) => fake(n))

test('crowded host - as many nodes of one host are linked as may be, and one more is refused', (t) => {
  const ours = newNode()
  crowd(ours, FAKES)
  t.is(ours.connected.length, HOST_PEERS_MAX)
  t.deepEqual(ours.closeCodes, [])
  const more = fake(HOST_PEERS_MAX)
  ours.reaches(more, identityAt(4002, { address: more }))
  t.deepEqual(ours.closeCodes, [CloseCode.TRY_AGAIN_LATER])
  ours.reaches(fake(HOST_PEERS_MAX + 1), PLAIN)
  t.deepEqual(ours.closeCodes, [CloseCode.TRY_AGAIN_LATER], 'plain peers, too')
  t.is(ours.connected.length, HOST_PEERS_MAX)
})

test('crowded host - a node whose link is lost makes room for another', (t) => {
  const ours = newNode()
  crowd(ours, FAKES)
  ours.loses(1)
  ours.reaches(fake(HOST_PEERS_MAX), PLAIN)
  t.deepEqual(ours.closeCodes, [])
})

test('crowded host - its names count by the IP that they lead to', (t) => {
  const ours = newNode()
  const names = FAKES.map((_, n) => address(`ws://n${n}.stranger.example:4000`))
  crowd(ours, names, STRANGER)
  ours.reaches(fake(0), PLAIN)
  t.deepEqual(ours.closeCodes, [CloseCode.TRY_AGAIN_LATER])
})

test('crowded host - addresses that it announces elsewhere than it answers count, too', (t) => {
  const ours = newNode()
  for (const [n, dialed] of FAKES.entries()) {
    ours.reaches(dialed, identityAt(20_000 + n, { address: `ws://${STRANGER}:${20_000 + n}` }))
  }
  ours.reaches(fake(HOST_PEERS_MAX), PLAIN)
  t.deepEqual(ours.closeCodes, [CloseCode.TRY_AGAIN_LATER])
})

test('crowded host - a known peer there, a peer with the secret and other hosts are linked', (t) => {
  const known = fake(HOST_PEERS_MAX)
  const ours = newNode([known])
  crowd(ours, FAKES)
  ours.reaches(known, PLAIN)
  const trusted = fake(HOST_PEERS_MAX + 1)
  const identity = identityAt(4002, { address: trusted })
  const link = ours.newLinkId()
  ours.handle({ kind: 'dial-succeeded', address: trusted, link, identity, trusted: true })
  ours.reaches(node(2), PLAIN)
  t.deepEqual(ours.closeCodes, [])
  t.is(ours.connected.length, HOST_PEERS_MAX + 3)
})

test('crowded host - this machine has no such limit', (t) => {
  const ours = startNode()
  for (let n = 0; n <= HOST_PEERS_MAX; n += 1) ours.reaches(at(10_000 + n), PLAIN)
  t.is(ours.connected.length, HOST_PEERS_MAX + 1)
})

/** The addresses that a node names to one that has just dialed it. */
function namedBy(ours: TestNode, newcomer: Address, host: string): readonly string[] {
  ours.accepts(identityAt(60_000, { address: newcomer }), host)
  return ours.handshakes[0]?.addresses ?? []
}

test('crowded host - a newcomer is told of all other hosts, whenever they came', (t) => {
  const ours = newNode()
  const honest = Array.from({ length: 300 }, (_, n) => node(2 + n))
  for (const one of honest.slice(0, 2)) ours.reaches(one, PLAIN)
  crowd(ours, FAKES)
  for (const one of honest.slice(2)) ours.reaches(one, PLAIN)
  const named = namedBy(ours, address('ws://10.1.0.1:4000'), '10.1.0.1')
  t.is(named.length, HANDSHAKE_ADDRESSES_MAX)
  t.is(new Set(named).size, HANDSHAKE_ADDRESSES_MAX)
  t.deepEqual(
    honest.filter((one) => !named.includes(one)),
    [],
  )
})

test('crowded host - of one host it is told what was connected first, and a sample of the rest', (t) => {
  let drawn = 0
  const ours = startNode({ random: () => drawn })
  crowd(
    ours,
    Array.from({ length: 2_000 }, (_, n) => at(10_000 + n)),
    '127.0.0.1',
  )
  const first = namedBy(ours, at(50_001), '127.0.0.1')
  const old = ours.connected.slice(0, HANDSHAKE_ADDRESSES_MAX / 2)
  t.deepEqual(first.slice(1, 1 + old.length), old)
  drawn = 0.5
  const second = namedBy(ours, at(50_002), '127.0.0.1')
  t.deepEqual(second.slice(0, 1 + old.length), first.slice(0, 1 + old.length))
  t.is(new Set([...first, ...second]).size, HANDSHAKE_ADDRESSES_MAX * 1.5 - 1)
})
