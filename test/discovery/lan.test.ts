/** A node on its LAN, with a made-up socket. Real ones: test/faults/lan.test.ts. */

import test from 'ava'
import type { Answer } from '../../src/discovery/ask.ts'
import { announcingIps, Lan } from '../../src/discovery/lan.ts'
import { encodeLanPackets, type LanMesh } from '../../src/discovery/lan-packet.ts'
import type { LanSocketOptions } from '../../src/discovery/lan-socket.ts'
import {
  LAN_INTERFACES_MAX,
  LAN_PACKETS_BURST,
  LAN_PACKETS_PER_SECOND,
} from '../../src/discovery/limits.ts'
import { address } from '../helpers/core.ts'

const MESH: LanMesh = { name: 'default', keys: [], isOpen: true }
const OWN = address('ws://localhost:4001')
const PEER = address('ws://localhost:4002')

/** A node whose packets come from the test. */
class World {
  nowMs = 0
  mesh = MESH
  /** What the system says to the next socket. */
  errorOfOpen: unknown
  errorOfSend: unknown
  readonly sent: (readonly string[])[] = []
  readonly answers: Answer[] = []
  readonly sockets: { options: LanSocketOptions; isOpen: boolean }[] = []
  readonly ended = new AbortController()
  readonly lan = new Lan({
    ownAddress: OWN,
    mesh: () => this.mesh,
    onAnswer: (answer) => this.answers.push(answer),
    open: async (options) => {
      if (this.errorOfOpen !== undefined) throw this.errorOfOpen
      const socket = { options, isOpen: true }
      this.sockets.push(socket)
      return {
        announce: async (packets) => {
          if (this.errorOfSend !== undefined) throw this.errorOfSend
          this.sent.push(packets)
        },
        close: () => {
          socket.isOpen = false
        },
      }
    },
    nowMs: () => this.nowMs,
  })

  ask(): Promise<Answer> {
    return this.lan.ask(this.ended.signal)
  }

  get open(): readonly boolean[] {
    return this.sockets.map(({ isOpen }) => isOpen)
  }

  receive(mesh: LanMesh = MESH): void {
    const [packet = ''] = encodeLanPackets(mesh, PEER)
    this.sockets.at(-1)?.options.onPacket(Buffer.from(packet), '127.0.0.1')
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

test('lan - announces the node whenever it is asked, by a new socket, as the mesh is then', async (t) => {
  const world = new World()
  t.is((await world.ask()).problem, 'no other node has announced itself yet')
  world.mesh = { ...MESH, name: 'other' }
  await world.ask()
  t.deepEqual(world.sent, [encodeLanPackets(MESH, OWN), encodeLanPackets(world.mesh, OWN)])
  t.deepEqual(world.open, [false, true])
})

test('lan - gives a new node at once, a known one when it is asked, and answers no packet', async (t) => {
  const world = new World()
  await world.ask()
  world.receive()
  world.receive()
  const named: Answer = { addresses: [PEER], problem: undefined }
  t.deepEqual(world.answers, [named])
  t.is(world.sent.length, 1)
  t.deepEqual(await world.ask(), named)
})

test('lan - says when only nodes of others announce themselves', async (t) => {
  const world = new World()
  await world.ask()
  world.receive({ ...MESH, name: 'other' })
  t.deepEqual(world.answers, [])
  const problem = 'only nodes of another mesh, or with another secret, have announced themselves'
  t.deepEqual(await world.ask(), { addresses: [], problem })
})

test('lan - reads no more of a flood until it is asked again, and says so', async (t) => {
  const world = new World()
  await world.ask()
  for (let count = 0; count <= LAN_PACKETS_BURST; count += 1) world.receive({ ...MESH, name: 'x' })
  t.deepEqual(world.open, [false])
  world.nowMs += 1_000
  t.regex(
    (await world.ask()).problem ?? '',
    /^more than 64 packets a second come to UDP port 47747/,
  )
  t.deepEqual(world.open, [false, true])
  for (let count = 0; count < LAN_PACKETS_PER_SECOND; count += 1) world.receive()
  t.deepEqual(world.open, [false, true])
  t.is((await world.ask()).problem, undefined)
})

for (const [code, problem] of [
  ['EADDRINUSE', 'another program has UDP port 47747 for itself'],
  ['EACCES', 'the system permits no multicast; look at its firewall'],
  ['EPERM', 'the system permits no multicast; look at its firewall'],
  ['ENODEV', 'no network with multicast'],
  ['ENETUNREACH', 'no network with multicast'],
  ['EMFILE', 'multicast failed: EMFILE'],
] as const) {
  test(`lan - ${code} is a problem in words, and the next question tries again`, async (t) => {
    const world = new World()
    world.errorOfOpen = systemError(code)
    t.deepEqual(await world.ask(), { addresses: [], problem })
    world.errorOfOpen = undefined
    world.errorOfSend = systemError(code)
    t.deepEqual(await world.ask(), { addresses: [], problem })
    // It still receives.
    world.receive()
    t.is((await world.ask()).problem, undefined)
    world.errorOfSend = undefined
    t.is((await world.ask()).problem, undefined)
    t.deepEqual(world.open, [false, false, true])
  })
}

test('lan - one that is removed while its socket opens announces nothing', async (t) => {
  const world = new World()
  const asked = world.ask()
  world.ended.abort()
  await asked
  t.deepEqual(world.sent, [])
})

test('lan - announces an address on the interface that has it, or on all', (t) => {
  const machine = ['192.168.1.17', 'fe80::1', '172.17.0.1']
  const ipsFor = (text: string, ips = machine) => announcingIps(address(text), ips)
  t.deepEqual(ipsFor('ws://192.168.1.17:4001'), ['192.168.1.17'])
  t.deepEqual(ipsFor('ws://laptop.example:4001'), ['192.168.1.17', '172.17.0.1'])
  t.deepEqual(ipsFor('ws://203.0.113.9:4001'), ['192.168.1.17', '172.17.0.1'], 'of a router')
  t.deepEqual(ipsFor('ws://[2001:db8::1]:4001'), ['192.168.1.17', '172.17.0.1'])
  t.deepEqual(ipsFor('ws://localhost:4001'), ['127.0.0.1'])
  const many = Array.from({ length: LAN_INTERFACES_MAX + 1 }, (_, index) => `10.0.0.${index}`)
  t.deepEqual(ipsFor('ws://a.example:4001', many), many.slice(0, LAN_INTERFACES_MAX))
  // Deno does not tell them.
  t.deepEqual(ipsFor('ws://192.168.1.17:4001', []), ['192.168.1.17'])
  t.deepEqual(ipsFor('ws://laptop.example:4001', []), ['0.0.0.0'])
})
