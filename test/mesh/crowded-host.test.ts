/** A stranger that answers on as many addresses of its own host as it likes. */

import test from 'ava'
import type { Address } from '../../src/mesh/address/address.ts'
import {
  ACCEPTED_LINKS_MAX,
  HANDSHAKE_ADDRESSES_MAX,
  TAUGHT_LINKS_MAX,
  UNVERIFIED_LINKS_MIN,
} from '../../src/mesh/limits.ts'
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

/** The first addresses of these. */
function first(count: number, ofNumber: (number: number) => Address): readonly Address[] {
  return Array.from({ length: count }, (_, n) => ofNumber(n))
}

/** We dial these addresses, which lead to an IP, and are answered on all. */
function reachesAll(ours: TestNode, addresses: readonly Address[], ip?: string): void {
  for (const dialed of addresses) {
    const link = ours.newLinkId()
    const facts = { link, identity: PLAIN, ...(ip && { ip }) }
    ours.handle({ kind: 'dial-succeeded', address: dialed, ...facts })
  }
}

/** The links that were closed because there are too many. */
function refused(ours: TestNode): readonly number[] {
  return ours.closes.flatMap(({ link, code }) => (code === CloseCode.TRY_AGAIN_LATER ? link : []))
}

test('crowded host - beyond the limit its own links give way to those of other hosts', (t) => {
  const ours = newNode()
  reachesAll(ours, first(TAUGHT_LINKS_MAX, fake))
  t.is(ours.connected.length, TAUGHT_LINKS_MAX)
  t.deepEqual(refused(ours), [])
  const more = fake(TAUGHT_LINKS_MAX)
  const identity = identityAt(4003, { address: more })
  t.deepEqual([ours.reaches(more, identity)], refused(ours), 'one more is refused')
  const [link] = ours.linkIds
  ours.loses(link ?? 0)
  const newest = ours.reaches(more, identity)
  t.deepEqual(refused(ours), [], 'one was lost')
  const honest = ours.reaches(node(2), identityAt(4002, { address: node(2) }))
  t.deepEqual(refused(ours), [newest], 'the newest of the host gives way to another host')
  t.true(ours.linkIds.includes(honest))
  const dialer = ours.accepts(identity, STRANGER)
  ours.receivesHandshake(dialer, [more])
  ours.reaches(more, identity)
  t.is(refused(ours).length, 1, 'and to a node there that has dialed us')
  t.true(ours.linkIds.includes(dialer))
})

test('crowded host - counts by the IP that names lead to, and by what was dialed', (t) => {
  const ours = newNode()
  const named = (n: number): Address => address(`ws://n${n}.stranger.example:4000`)
  reachesAll(ours, first(TAUGHT_LINKS_MAX / 2, named), STRANGER)
  for (const [n, dialed] of first(TAUGHT_LINKS_MAX / 2, fake).entries()) {
    ours.reaches(dialed, identityAt(20_000 + n, { address: `ws://${STRANGER}:${20_000 + n}` }))
  }
  t.deepEqual([ours.reaches(fake(TAUGHT_LINKS_MAX), PLAIN)], refused(ours))
})

test('crowded host - of hosts with one node each none gives way, and what is linked stays', (t) => {
  const ours = newNode()
  reachesAll(
    ours,
    first(TAUGHT_LINKS_MAX, (n) => node(n + 2)),
  )
  t.deepEqual([ours.reaches(node(9_998), PLAIN)], refused(ours))
  const identity = identityAt(4002, { address: node(9_999) })
  const link = ours.accepts(identity, '10.0.39.15')
  ours.receivesHandshake(link, [node(9_999)])
  const newest = ours.mesh.linkTo(node(TAUGHT_LINKS_MAX + 1))?.id
  ours.reaches(node(9_999), identity)
  t.deepEqual(refused(ours), [newest], 'but the newest to a dial that verifies')
  t.true(ours.connected.includes(node(9_999)))
})

test('crowded host - half of the links are never given up, however many hosts come later', (t) => {
  const ours = newNode()
  const old = first(TAUGHT_LINKS_MAX / 2, fake)
  reachesAll(ours, old)
  reachesAll(
    ours,
    first(TAUGHT_LINKS_MAX, (n) => node(n + 2)),
  )
  t.is(ours.connected.length, TAUGHT_LINKS_MAX)
  t.deepEqual(
    old.filter((one) => !ours.connected.includes(one)),
    [],
  )
})

test('crowded host - known peers there and peers with the secret are linked, and do not count', (t) => {
  const known = fake(TAUGHT_LINKS_MAX)
  const ours = newNode([known])
  const knownLink = ours.reaches(known, PLAIN)
  const trusted = fake(TAUGHT_LINKS_MAX + 1)
  const identity = identityAt(4002, { address: trusted })
  const link = ours.newLinkId()
  ours.handle({ kind: 'dial-succeeded', address: trusted, link, identity, trusted: true })
  reachesAll(ours, first(TAUGHT_LINKS_MAX, fake))
  t.is(ours.connected.length, TAUGHT_LINKS_MAX + 2)
  ours.loses(knownLink)
  ours.reaches(known, PLAIN)
  t.deepEqual(refused(ours), [])
  const named = fake(TAUGHT_LINKS_MAX + 2)
  ours.handle({ kind: 'source-answered', source: 'dns:a.example', addresses: [named] })
  ours.reaches(named, PLAIN)
  t.deepEqual(refused(ours), [], 'nor does what a name in DNS leads to')
})

test('crowded host - its verified links give way to others in a node that is full', (t) => {
  const ours = newNode()
  for (let n = 0; n < ACCEPTED_LINKS_MAX; n += 1) {
    const identity = identityAt(20_000 + n, { address: fake(n) })
    ours.accepts(identity, STRANGER)
    ours.loses(ours.reaches(fake(n), identity), CloseCode.DUPLICATE)
  }
  const another = ours.accepts(identityAt(4003, { address: fake(5_000) }), STRANGER)
  t.deepEqual([another], refused(ours), 'not to one of its own')
  const others = Array.from({ length: UNVERIFIED_LINKS_MIN }, (_, n) =>
    ours.accepts(identityAt(4_100 + n, { address: node(2 + n) }), `10.0.0.${2 + n}`),
  )
  t.deepEqual(
    others.filter((link) => !ours.linkIds.includes(link)),
    [],
    'and the others keep their places',
  )
  t.is(ours.linkIds.length, ACCEPTED_LINKS_MAX)
  ours.accepts(identityAt(4002, { address: node(999) }), '10.0.3.231')
  t.deepEqual(refused(ours), [others[0]], 'one more takes that of another unverified one')
})

/** The addresses that a node names to one that has just dialed it. */
function namedBy(ours: TestNode, newcomer: Address, host: string): readonly string[] {
  ours.accepts(identityAt(60_000, { address: newcomer }), host)
  return ours.handshakes[0]?.addresses ?? []
}

test('crowded host - a newcomer is told of all other hosts, whenever they came', (t) => {
  const ours = newNode()
  const honest = first(300, (n) => node(n + 2))
  reachesAll(ours, honest.slice(0, 2))
  reachesAll(ours, first(HANDSHAKE_ADDRESSES_MAX, fake))
  reachesAll(ours, honest.slice(2))
  const named = namedBy(ours, address('ws://10.1.0.1:4000'), '10.1.0.1')
  t.is(named.length, HANDSHAKE_ADDRESSES_MAX)
  t.is(new Set(named).size, HANDSHAKE_ADDRESSES_MAX)
  t.deepEqual(
    honest.filter((one) => !named.includes(one)),
    [],
  )
})

test('crowded host - this machine has no limit; what was connected first is named, and a sample', (t) => {
  let drawn = 0
  const ours = startNode({ random: () => drawn })
  const all = first(TAUGHT_LINKS_MAX + 1, (n) => at(10_000 + n))
  reachesAll(ours, all, '127.0.0.1')
  t.deepEqual(ours.connected, all)
  const one = namedBy(ours, at(50_001), '127.0.0.1')
  const old = all.slice(0, HANDSHAKE_ADDRESSES_MAX / 2)
  t.deepEqual(one.slice(1, 1 + old.length), old)
  drawn = 0.5
  const two = namedBy(ours, at(50_002), '127.0.0.1')
  t.deepEqual(two.slice(0, 1 + old.length), one.slice(0, 1 + old.length))
  t.is(new Set([...one, ...two]).size, HANDSHAKE_ADDRESSES_MAX * 1.5 - 1)
})
