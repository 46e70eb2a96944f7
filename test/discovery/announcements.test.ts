/** What a node keeps of the packets on its LAN, packet by packet and limit by limit. */

import test from 'ava'
import { Announcements, type Received } from '../../src/discovery/announcements.ts'
import { encodeLanPackets, type LanMesh } from '../../src/discovery/lan-packet.ts'
import {
  LAN_HOST_ADDRESSES_MAX,
  LAN_NAMED_MS,
  LAN_PACKETS_BURST,
  LAN_PACKETS_PER_SECOND,
} from '../../src/discovery/limits.ts'
import { SOURCE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { address } from '../helpers/core.ts'

const MESH: LanMesh = { name: 'default', keys: [], isOpen: true }
const OTHER: LanMesh = { ...MESH, name: 'other' }
const OWN = address('ws://192.168.1.17:4001')

/** A node on a LAN, at a time that the test sets. */
class World {
  nowMs = 1_000
  readonly announcements = new Announcements(OWN, this.nowMs)

  receives(text: string, { host = hostIn(text), mesh = MESH } = {}): Received {
    const [packet = ''] = encodeLanPackets(mesh, address(text))
    return this.receivesBytes(packet, host)
  }

  receivesBytes(packet: string, host = '192.168.1.99'): Received {
    return this.announcements.receive(MESH, Buffer.from(packet), host, this.nowMs)
  }

  get addresses(): readonly string[] {
    return this.announcements.addresses(this.nowMs)
  }
}

function hostIn(text: string): string {
  return new URL(text).hostname
}

/** Hosts of their own. */
function nth(index: number): string {
  return `ws://10.0.${Math.floor(index / 250)}.${(index % 250) + 1}:4001`
}

test('announcements - an address is new once, and counts until two minutes after the last', (t) => {
  const world = new World()
  t.is(world.receives(nth(1)), 'new')
  t.is(world.receives(nth(1)), 'nothing-new')
  world.nowMs += LAN_NAMED_MS - 1
  t.is(world.receives(nth(1)), 'nothing-new')
  world.nowMs += LAN_NAMED_MS - 1
  t.deepEqual(world.addresses, [nth(1)])
  world.nowMs += 1
  t.deepEqual(world.addresses, [])
  t.is(world.receives(nth(1)), 'new')
})

test('announcements - one that was refreshed does not keep those before it', (t) => {
  const world = new World()
  world.receives(nth(1))
  world.receives(nth(2))
  world.nowMs += LAN_NAMED_MS / 2
  world.receives(nth(1))
  world.nowMs += LAN_NAMED_MS / 2
  t.deepEqual(world.addresses, [nth(1)])
})

test('announcements - its own come back, and do not count', (t) => {
  const world = new World()
  t.is(world.receives(OWN), 'nothing-new')
  t.deepEqual(world.addresses, [])
  t.false(world.announcements.areForeign(world.nowMs))
})

test('announcements - of too many addresses those count that came last', (t) => {
  const world = new World()
  for (let index = 0; index <= SOURCE_ADDRESSES_MAX; index += 1) {
    world.nowMs += 100
    world.receives(nth(index))
    if (index === SOURCE_ADDRESSES_MAX - 1) t.is(world.addresses[0], nth(0))
  }
  t.is(world.addresses.length, SOURCE_ADDRESSES_MAX)
  t.is(world.addresses[0], nth(1))
})

test('announcements - one host has 64 of them, and takes no place of another', (t) => {
  const world = new World()
  const host = '192.168.1.99'
  t.is(world.receives(nth(0)), 'new')
  for (let index = 1; index <= LAN_HOST_ADDRESSES_MAX; index += 1) {
    t.is(world.receives(nth(index), { host }), 'new')
  }
  const next = nth(LAN_HOST_ADDRESSES_MAX + 1)
  t.is(world.receives(next, { host }), 'nothing-new')
  t.is(world.receives(nth(1), { host }), 'nothing-new')
  t.false(world.addresses.includes(next))
  t.is(world.receives(next), 'new', 'from its own host')
  world.nowMs += LAN_NAMED_MS
  t.is(world.receives(nth(999), { host }), 'new')
})

test('announcements - a burst is read, then 64 packets a second, whatever is in them', (t) => {
  const world = new World()
  const wrong = 'x'.repeat(60_000)
  for (let index = 0; index < LAN_PACKETS_BURST; index += 1) {
    t.is(world.receivesBytes(wrong), 'nothing-new')
  }
  t.is(world.receives(nth(1)), 'flood')
  t.deepEqual(world.addresses, [])
  world.nowMs += 1_000
  for (let index = 0; index < LAN_PACKETS_PER_SECOND; index += 1) {
    t.is(world.receivesBytes(wrong), 'nothing-new')
  }
  t.is(world.receivesBytes(wrong), 'flood')
  world.nowMs += 1_000
  t.is(world.receives(nth(1)), 'new')
})

test('announcements - those of others are noticed for two minutes, noise is not', (t) => {
  const world = new World()
  world.receivesBytes('noise')
  t.false(world.announcements.areForeign(world.nowMs))
  t.is(world.receives(nth(1), { mesh: OTHER }), 'nothing-new')
  t.deepEqual(world.addresses, [])
  world.nowMs += LAN_NAMED_MS - 1
  t.true(world.announcements.areForeign(world.nowMs))
  world.nowMs += 1
  t.false(world.announcements.areForeign(world.nowMs))
})
