/**
 * A hostile peer: it sends anything in headers and in frames, to any node. It cannot answer on an
 * address that is not its own.
 */

import type { Address } from '../../src/mesh/address/address.ts'
import { ACCEPTED_LINKS_MAX, LINKS_PER_PEER_MAX } from '../../src/mesh/limits.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION } from '../../src/wire/headers.ts'
import type { Named } from './bound.ts'
import { Forger } from './messages/forger.ts'
import { MESSAGE_ATTACKS, type MessageAttack } from './messages/message-attacks.ts'
import type { Socket } from './network.ts'
import { addressOf, type Place } from './place.ts'
import { PlainPeer } from './plain-peer.ts'
import { Process } from './process.ts'
import type { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import type { World } from './world.ts'

/** The attacks of a hostile peer. */
export const ATTACKS = [
  'malformed frames', // Frames that are no messages, and too long HANDSHAKEs.
  'dead and forbidden addresses', // Addresses without a node, or that must not be dialed.
  'false claim', // Claims the address of another node.
  'false claims to two nodes', // Claims to be B to A and to be A to B, at the same time.
  'copied ids', // Claims the address and the id of another node.
  'stolen identities', // Holds links to every node in the name of every other.
  'false identity when dialed', // Answers dials with the identity of another node.
  'links without HANDSHAKE', // Opens links and sends nothing.
  'crowd', // Holds more links to a node than it accepts.
  'too many addresses', // Names more addresses than a book holds.
  'poisoned book', // Names a thousand addresses that never answer, to everybody, again and again.
  'short links',
] as const

/** One of {@link ATTACKS}. */
export type Attack = (typeof ATTACKS)[number]

/** What a hostile peer works with. */
export interface HostileOptions {
  readonly place: Place
  readonly world: World
  readonly random: Random
  readonly attacks: readonly (Attack | MessageAttack)[]
  /** The nodes that it attacks. */
  readonly victims: readonly Place[]
  /** Addresses to name. */
  readonly bait: readonly Address[]
}

/** The longest pause between two attacks, in ms. */
const PAUSE_MS_MAX = 4_000

const DIAL_TIMEOUT_MS = 10_000

/** More than the limit for links without HANDSHAKE. */
const SILENT_LINKS = 140

/** Nodes whose identities it steals, and holds at each other: each pair costs four links. */
const IMPERSONATED_MAX = 8

/** More than the limit for accepted links. */
const CROWD = ACCEPTED_LINKS_MAX + 50

/**
 * Times that it names 999 addresses: more than a book holds, and no more, since a node takes long
 * to try them all.
 */
const FULL_HANDSHAKES_MAX = 6

/** From how many hosts it dials. */
const HOSTS = 5

/** How many addresses it knows that never answer. */
const SILENT_ADDRESSES = 5_000

/** What follows when a dial ends. */
interface DialPlan {
  readonly onOpened: (socket: Socket) => void
  readonly onFailed: () => void
}

/** A hostile peer. */
export class HostilePeer extends Process {
  readonly #options: HostileOptions
  readonly #forger: Forger | undefined
  #own: Identity | undefined
  #crowded = false
  #silent: readonly Address[] | undefined
  #fullHandshakesLeft = FULL_HANDSHAKES_MAX
  /** How many addresses it has named of each host that refuses, and when for the last time. */
  readonly #ofHosts = new Map<string, number>()
  #namedMs = 0
  /** What to do as soon as a link is open. */
  readonly #plans = new Map<Address, DialPlan[]>()
  /** How many links it holds, or dials, at a node in the name of another. */
  readonly #held = new Map<string, number>()
  readonly #stolen = new Map<Socket, string>()

  constructor(options: HostileOptions) {
    super(options.place, options.world.network)
    this.#options = options
    const { messages, network } = options.world
    // Without messages nothing is drawn for them.
    this.#forger = messages && new Forger(options.random.fork(), network, messages.ledger)
  }

  /** What it names comes from several hosts. */
  override hostAs(identity: Identity | undefined): string {
    if (identity !== undefined) return this.name
    return `${this.name}-${this.#options.random.int(1, HOSTS)}`
  }

  /** The addresses that refuse which it has named, or undefined when it named none. */
  get named(): Named | undefined {
    if (this.#ofHosts.size === 0) return undefined
    return { lastMs: this.#namedMs, mostOfHost: Math.max(...this.#ofHosts.values()) }
  }

  start(): void {
    if (!this.alive) return
    const { random, attacks, world } = this.#options
    const attack = random.pick(attacks)
    world.trace.note(this.network.time.nowMs, this.name, () => attack)
    this.#attack(attack)
    this.network.time.after(random.between(0, PAUSE_MS_MAX), () => this.start())
  }

  #attack(attack: Attack | MessageAttack): void {
    const { random, victims } = this.#options
    const [victim, other] = random.shuffled(victims)
    if (victim === undefined) return
    if (isMessageAttack(attack)) return this.#attackMessages(attack, victim, other)
    switch (attack) {
      case 'malformed frames':
        return this.#dial(victim, this.#identity(this.place.address), (socket) => {
          for (const text of malformedFrames(random))
            this.network.send(socket, { kind: 'text', text })
        })
      case 'dead and forbidden addresses':
        return this.#dial(victim, this.#identityOrNone(), (socket) => this.#sendBait(socket))
      case 'false claim':
        if (other === undefined) return
        return this.#dial(victim, this.#identity(other.address), (socket) => this.#sendBait(socket))
      case 'false claims to two nodes':
        if (other === undefined) return
        this.#dial(victim, this.#identity(other.address), (socket) =>
          this.#sendHandshake(socket, []),
        )
        return this.#dial(other, this.#identity(victim.address), (s) => this.#sendHandshake(s, []))
      case 'copied ids': {
        const node = other?.listener
        if (!(node instanceof SimNode)) return
        return this.#dial(victim, node.identity, (socket) => this.#sendHandshake(socket, []))
      }
      case 'stolen identities': {
        const some = victims.slice(0, IMPERSONATED_MAX)
        for (const to of some) for (const as of some) if (to !== as) this.#impersonate(to, as)
        return
      }
      case 'false identity when dialed':
        // See identityFor; this HANDSHAKE only makes the victim learn the address.
        return this.#dial(victim, undefined, (socket) => this.#sendHandshake(socket, []))
      case 'links without HANDSHAKE':
        for (let count = 0; count < SILENT_LINKS; count += 1) {
          this.#dial(victim, this.#identityOrNone(), () => {})
        }
        return
      case 'crowd':
        if (this.#crowded) return
        this.#crowded = true
        for (let count = 0; count < CROWD; count += 1) {
          const identity = random.chance(0.9)
            ? undefined
            : this.#identity(`ws://${this.#anyHost()}:${random.int(31_000, 65_000)}`)
          this.#dial(victim, identity, (socket) => this.#sendHandshake(socket, []))
        }
        return
      case 'too many addresses':
        if (this.#fullHandshakesLeft === 0) return
        this.#fullHandshakesLeft -= 1
        return this.#dial(victims[0] ?? victim, undefined, (socket) => {
          const host = this.#anyHost()
          const hostOf = random.chance(0.5) ? () => host : () => this.#anyHost()
          const addresses = Array.from({ length: 999 }, () => this.#refusingOn(hostOf()))
          this.#sendHandshake(socket, addresses)
        })
      case 'poisoned book':
        return this.#dial(
          victim,
          random.chance(0.3) ? this.#identity(this.place.address) : undefined,
          (socket) => {
            this.#sendHandshake(socket, random.shuffled(this.#silentAddresses()).slice(0, 999))
          },
        )
      case 'short links':
        for (let count = 0; count < 10; count += 1) {
          this.#dial(victim, this.#identity(this.place.address), (socket) => {
            if (random.chance(0.5)) this.#sendHandshake(socket, [])
            this.network.reset(socket)
          })
        }
        return
      default:
        attack satisfies never
    }
  }

  /** Under its own identity, which stays the same, or that of another node. */
  #attackMessages(attack: MessageAttack, victim: Place, other: Place | undefined): void {
    const forger = this.#forger
    const node = other?.listener
    const copies = attack === 'forged feeds with copied ids'
    if (forger === undefined) return
    if (copies && !(node instanceof SimNode)) return
    const identity = copies && node instanceof SimNode ? node.identity : this.#ownIdentity()
    this.#dial(victim, identity, (socket) => {
      // Messages that nobody asked for show at a plain peer that a node of ours is wrong.
      if (socket.peer.process instanceof PlainPeer) return
      this.#sendHandshake(socket, [])
      forger.begin(attack, socket, identity.id)
    })
  }

  #ownIdentity(): Identity {
    this.#own ??= { ...this.#identity(this.place.address), messages: true }
    return this.#own
  }

  /** Holds as many links in the name of a node as one node may have. Greets on half of them. */
  #impersonate(victim: Place, { listener }: Place): void {
    if (!(listener instanceof SimNode)) return
    const { id, address } = listener.identity
    const key = `${victim.address} ${id}`
    for (let held = this.#held.get(key) ?? 0; held < LINKS_PER_PEER_MAX; held += 1) {
      this.#held.set(key, held + 1)
      const greets = this.#options.random.chance(0.5)
      this.#dial(
        victim,
        this.#identity(address, id),
        (socket) => {
          this.#stolen.set(socket, key)
          if (greets) this.#sendHandshake(socket, [])
        },
        () => this.#release(key),
      )
    }
  }

  #release(key: string): void {
    this.#held.set(key, (this.#held.get(key) ?? 1) - 1)
  }

  // --- Events of the network ---------------------------------------------------------------------

  identityFor(dialer: Socket): Identity | undefined {
    const { random, attacks, victims } = this.#options
    if (attacks.some(isMessageAttack) && random.chance(0.8)) return this.#ownIdentity()
    if (!attacks.includes('false identity when dialed')) return this.#identityOrNone()
    const dialing = dialer.process
    const victim = random.pick(victims)
    const id = dialing instanceof SimNode && random.chance(0.2) ? dialing.identity.id : undefined
    return this.#identity(victim.address, id)
  }

  onAccepted(socket: Socket): void {
    if (this.#options.random.chance(0.3)) this.#sendBait(socket)
  }

  onOpened(address: Address, socket: Socket): void {
    this.#plans.get(address)?.shift()?.onOpened(socket)
  }

  onDialFailed(address: Address): void {
    this.#plans.get(address)?.shift()?.onFailed()
  }

  onText(): void {}
  onPing(): void {}

  onPong(): void {}

  onClosed(socket: Socket): void {
    const key = this.#stolen.get(socket)
    if (key === undefined) return
    this.#stolen.delete(socket)
    this.#release(key)
  }

  // --- What it sends -----------------------------------------------------------------------------

  #dial(
    victim: Place,
    identity: Identity | undefined,
    onOpened: (socket: Socket) => void,
    onFailed = (): void => {},
  ): void {
    const plans = this.#plans.get(victim.address) ?? []
    this.#plans.set(victim.address, plans)
    plans.push({ onOpened, onFailed })
    this.network.dial(this, victim.address, { identity, timeoutMs: DIAL_TIMEOUT_MS })
  }

  #sendBait(socket: Socket): void {
    const { random, bait } = this.#options
    this.#sendHandshake(socket, random.shuffled(bait).slice(0, 60))
  }

  #sendHandshake(socket: Socket, addresses: readonly string[]): void {
    const data = [this.place.address, ...addresses]
    this.network.send(socket, { kind: 'text', text: JSON.stringify({ type: 'HANDSHAKE', data }) })
  }

  /** Addresses that drop every packet. */
  #silentAddresses(): readonly Address[] {
    if (this.#silent !== undefined) return this.#silent
    const isLocal = new URL(this.place.address).hostname === 'localhost'
    this.#silent = Array.from({ length: SILENT_ADDRESSES }, (_none, n) =>
      addressOf(isLocal ? `ws://localhost:${50_000 + n}` : `ws://10.7.${n >> 8}.${n & 255}:4000`),
    )
    for (const address of this.#silent) this.network.addBlackHole(address)
    return this.#silent
  }

  /** An address of a host that refuses dials, which is about to be named. */
  #refusingOn(host: string): string {
    this.#ofHosts.set(host, 1 + (this.#ofHosts.get(host) ?? 0))
    this.#namedMs = this.network.time.nowMs
    return `ws://${host}:${this.#options.random.int(31_000, 65_000)}`
  }

  /** A host that refuses dials. */
  #anyHost(): string {
    const { random, place } = this.#options
    const { hostname } = new URL(place.address)
    return hostname === 'localhost' ? hostname : `10.8.0.${random.int(1, 254)}`
  }

  #identity(address: string, id = this.#options.random.hex(32) as MeshId): Identity {
    return { version: PROTOCOL_VERSION, mesh: 'default', id, address, code: '', messages: false }
  }

  #identityOrNone(): Identity | undefined {
    const { random, bait } = this.#options
    if (random.chance(0.3)) return undefined
    return this.#identity(random.chance(0.3) ? random.pick(bait) : this.place.address)
  }
}

function isMessageAttack(attack: Attack | MessageAttack): attack is MessageAttack {
  return MESSAGE_ATTACKS.some((one) => one === attack)
}

/** Some frames that are no valid messages. */
function malformedFrames(random: Random): readonly string[] {
  const all = [
    '',
    '{',
    'null',
    '[]',
    '{"type":1}',
    '{"type":"HANDSHAKE"}',
    '{"type":"HANDSHAKE","data":[1]}',
    '{"type":"HANDSHAKE","data":["","::",":","ws://","ws://a:0","http://a","ws://a/?q"]}',
    '{"type":"__proto__","data":{"__proto__":{"polluted":true}}}',
    JSON.stringify({ type: 'HANDSHAKE', data: Array<string>(1_001).fill('ws://localhost:1') }),
    '['.repeat(10_000),
  ]
  return random.shuffled(all).slice(0, random.int(1, all.length))
}
