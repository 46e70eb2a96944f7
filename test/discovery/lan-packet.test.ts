/** The packet of the LAN: the examples of docs/PROTOCOL.md, and whatever must not count. */

import test from 'ava'
import { Key } from '../../src/auth/key.ts'
import { decodeLanPacket, encodeLanPackets, type LanMesh } from '../../src/discovery/lan-packet.ts'
import {
  LAN_GROUP,
  LAN_HOST_ADDRESSES_MAX,
  LAN_INTERFACES_MAX,
  LAN_NAMED_MS,
  LAN_PACKET_BYTES_MAX,
  LAN_PACKETS_BURST,
  LAN_PACKETS_PER_SECOND,
  LAN_PORT,
  LAN_TTL,
} from '../../src/discovery/limits.ts'
import { ADDRESS_BYTES_MAX, SOURCE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { blocksIn, read, rowsIn, section } from '../docs/markdown.ts'
import { address } from '../helpers/core.ts'

const ADDRESS = address('ws://192.168.1.17:4001')
// Those of the command `secret` need no slow derivation.
const KEY = new Key('fm1_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY')
const OTHER_KEY = new Key(`fm1_${'o'.repeat(43)}`)

const SECRET: LanMesh = { name: 'default', keys: [KEY], isOpen: false }
const OPEN: LanMesh = { name: 'default', keys: [], isOpen: true }
const BOTH: LanMesh = { name: 'default', keys: [KEY], isOpen: true }

function packetOf(mesh: LanMesh, of = ADDRESS): string {
  const [packet = ''] = encodeLanPackets(mesh, of)
  return packet
}

/** The address that a node takes from a packet, or why it takes none. */
function taken(mesh: LanMesh, packet: string): string {
  const read = decodeLanPacket(mesh, Buffer.from(packet))
  return read.kind === 'announcement' ? read.address : read.kind
}

test('lan packet - the examples of the page are those of the code', (t) => {
  const examples = blocksIn(read('docs/PROTOCOL.md'), 'text lan')
  t.deepEqual(examples, [packetOf(SECRET), packetOf(OPEN)])
  t.deepEqual(
    examples.map((example) => taken(BOTH, example)),
    [ADDRESS, ADDRESS],
  )
})

test('lan packet - the numbers of the page are those of the code', (t) => {
  const text = section('docs/PROTOCOL.md', '12. The LAN')
  const limits = [
    LAN_PACKET_BYTES_MAX,
    LAN_PACKETS_BURST,
    LAN_PACKETS_PER_SECOND,
    LAN_NAMED_MS / 1_000,
    LAN_HOST_ADDRESSES_MAX,
    SOURCE_ADDRESSES_MAX,
  ]
  t.deepEqual(
    rowsIn(text).map(([, value]) => value),
    limits.map(String),
  )
  const prose = text.replaceAll('\n', ' ')
  for (const part of [
    `the group ${LAN_GROUP}, port ${LAN_PORT}, with a TTL of ${LAN_TTL}.`,
    `more than ${LAN_PACKET_BYTES_MAX} bytes`,
    `at most ${LAN_INTERFACES_MAX}, when none has`,
  ]) {
    t.true(prose.includes(part), part)
  }
})

test('lan packet - only a node with one of the secrets takes it', (t) => {
  const packet = packetOf(SECRET)
  const keys = [OTHER_KEY, KEY]
  t.is(taken({ ...SECRET, keys }, packet), ADDRESS, 'any of them verifies')
  t.is(taken({ ...SECRET, keys: [OTHER_KEY] }, packet), 'foreign')
  t.is(taken(OPEN, packet), 'foreign')
  t.is(taken(SECRET, packetOf({ ...SECRET, keys })), 'foreign', 'the first one proves')
  t.is(taken({ ...SECRET, keys }, packetOf({ ...SECRET, keys })), ADDRESS)
})

test('lan packet - a node with a secret takes none without', (t) => {
  t.is(taken(SECRET, packetOf(OPEN)), 'foreign')
  t.is(taken(OPEN, packetOf(OPEN)), ADDRESS)
})

test('lan packet - while nodes without the secret are let in, both find each other', (t) => {
  const packets = encodeLanPackets(BOTH, ADDRESS)
  t.is(packets.length, 2)
  for (const mesh of [SECRET, OPEN]) {
    t.deepEqual(packets.map((packet) => taken(mesh, packet)).toSorted(), ['foreign', ADDRESS])
    t.is(taken(BOTH, packetOf(mesh)), ADDRESS)
  }
})

test('lan packet - one of another mesh does not count, with and without a secret', (t) => {
  for (const mesh of [SECRET, OPEN]) {
    t.is(taken({ ...mesh, name: 'other' }, packetOf(mesh)), 'foreign')
  }
})

test('lan packet - a changed one does not count', (t) => {
  const packet = packetOf(SECRET)
  t.is(taken(SECRET, packet.replace('4001', '4002')), 'foreign')
  t.is(taken(SECRET, packet.replace('ws:', 'wss:')), 'foreign')
  // The same address in another spelling.
  t.is(taken(SECRET, packet.replace('4001', '4001/')), 'foreign')
  t.is(taken(SECRET, packet.slice(0, -1)), 'foreign')
  t.is(taken(SECRET, packet.replace('mac ', 'mesh ')), 'foreign')
})

test('lan packet - other forms are malformed', (t) => {
  const packet = packetOf(OPEN)
  for (const wrong of [
    '',
    '\n\n',
    `${packet}\n`,
    `${packet}\nmore`,
    ` ${packet}`,
    packet.replace('-1', '-2'),
    packet.replaceAll('\n', '\r\n'),
    packet.replace('ws:', 'http:'),
    packet.replace('ws://', ''),
    packet.replace('mesh default', 'mesh'),
    packet.replace('mesh default', 'mesh de fault'),
    packet.replace('default', 'défault'),
    packet.replace('192', '\u0000192'),
  ]) {
    t.is(taken(OPEN, wrong), 'malformed', JSON.stringify(wrong))
  }
})

test('lan packet - one of the most bytes is read, and no longer one', (t) => {
  const longest = address(`ws://a:1/${'x'.repeat(ADDRESS_BYTES_MAX - 'ws://a:1/'.length)}`)
  const mesh: LanMesh = { ...OPEN, name: 'm'.repeat(64) }
  const packet = packetOf(mesh, longest)
  t.is(packet.length, 341)
  t.is(taken(mesh, packet), longest)
  // The name makes it longer, so that nothing else is wrong with it.
  const padded = (bytes: number): string => packet + 'm'.repeat(bytes - packet.length)
  t.is(taken(OPEN, padded(LAN_PACKET_BYTES_MAX)), 'foreign')
  t.is(taken(OPEN, padded(LAN_PACKET_BYTES_MAX + 1)), 'malformed')
})
