/**
 * A hostile peer: it says whatever it likes, in headers and in frames, to whomever it likes. What
 * it cannot do is answer on an address that is not its own.
 */

import type { Address } from '../../src/mesh/address/address.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION } from '../../src/wire/headers.ts'
import type { Socket } from './network.ts'
import type { Place } from './place.ts'
import { Process } from './process.ts'
import type { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import type { World } from './world.ts'

/** What a hostile peer knows how to do. */
export const MISCHIEFS = [
  'floods', // Frames that are no messages, and HANDSHAKEs that are too long.
  'names addresses', // That lead nowhere, or that must not be dialed.
  'lies', // Calls itself by somebody else's address.
  'fools both ends', // Calls itself B at A and A at B, at the same time.
  'steals ids', // Calls itself by somebody else's address and id.
  'lies when dialed', // Answers dials in somebody else's name.
  'idles', // Opens links and says nothing.
  'drowns', // Names more addresses than anybody can remember.
  'comes and goes',
] as const

/** One of {@link MISCHIEFS}. */
export type Mischief = (typeof MISCHIEFS)[number]

/** What a hostile peer works with. */
export interface HostileOptions {
  readonly place: Place
  readonly world: World
  readonly random: Random
  readonly mischiefs: readonly Mischief[]
  /** Whom to harm. */
  readonly victims: readonly Place[]
  /** Addresses to name. */
  readonly bait: readonly Address[]
}

/** How long it takes to think of something new, in ms. */
const PAUSE_MS_MAX = 4_000

const DIAL_TIMEOUT_MS = 10_000

/** Enough to fill every place for those that have not said HANDSHAKE. */
const IDLE_LINKS = 140

/**
 * Times that it names 999 addresses: more than a book holds, and no more, since a node takes long
 * to try them all.
 */
const FLOODS_MAX = 6

/** A hostile peer. */
export class HostilePeer extends Process {
  readonly #options: HostileOptions
  #floodsLeft = FLOODS_MAX
  /** What to say as soon as a link stands. */
  readonly #plans = new Map<Address, ((socket: Socket) => void)[]>()

  constructor(options: HostileOptions) {
    super(options.place, options.world.network)
    this.#options = options
  }

  start(): void {
    if (!this.alive) return
    const { random, mischiefs, world } = this.#options
    const mischief = random.pick(mischiefs)
    world.trace.note(this.network.time.nowMs, this.name, () => mischief)
    this.#do(mischief)
    this.network.time.after(random.between(0, PAUSE_MS_MAX), () => this.start())
  }

  #do(mischief: Mischief): void {
    const { random, victims } = this.#options
    const [victim, other] = random.shuffled(victims)
    if (victim === undefined) return
    switch (mischief) {
      case 'floods':
        return this.#visit(victim, this.#identity(this.place.address), (socket) => {
          for (const text of junk(random)) this.network.send(socket, { kind: 'text', text })
        })
      case 'names addresses':
        return this.#visit(victim, this.#identityOrNone(), (socket) => this.#bait(socket))
      case 'lies':
        if (other === undefined) return
        return this.#visit(victim, this.#identity(other.address), (socket) => this.#bait(socket))
      case 'fools both ends':
        if (other === undefined) return
        this.#visit(victim, this.#identity(other.address), (socket) => this.#greet(socket, []))
        return this.#visit(other, this.#identity(victim.address), (s) => this.#greet(s, []))
      case 'steals ids': {
        const node = other?.listener
        if (!(node instanceof SimNode)) return
        return this.#visit(victim, node.identity, (socket) => this.#greet(socket, []))
      }
      case 'lies when dialed':
        // What it does is in identityFor; here it only makes itself known.
        return this.#visit(victim, undefined, (socket) => this.#greet(socket, []))
      case 'idles':
        for (let count = 0; count < IDLE_LINKS; count += 1) {
          this.#visit(victim, this.#identityOrNone(), () => {})
        }
        return
      case 'drowns':
        if (this.#floodsLeft === 0) return
        this.#floodsLeft -= 1
        return this.#visit(victims[0] ?? victim, undefined, (socket) => {
          this.#greet(
            socket,
            Array.from({ length: 999 }, () => this.#anyAddress()),
          )
        })
      case 'comes and goes':
        for (let count = 0; count < 10; count += 1) {
          this.#visit(victim, this.#identity(this.place.address), (socket) => {
            if (random.chance(0.5)) this.#greet(socket, [])
            this.network.reset(socket)
          })
        }
        return
      default:
        mischief satisfies never
    }
  }

  // --- What the network tells --------------------------------------------------------------------

  identityFor(dialer: Socket): Identity | undefined {
    const { random, mischiefs, victims } = this.#options
    if (!mischiefs.includes('lies when dialed')) return this.#identityOrNone()
    const caller = dialer.process
    const victim = random.pick(victims)
    const id = caller instanceof SimNode && random.chance(0.2) ? caller.identity.id : undefined
    return this.#identity(victim.address, id)
  }

  onAccepted(socket: Socket): void {
    if (this.#options.random.chance(0.3)) this.#bait(socket)
  }

  onOpened(address: Address, socket: Socket): void {
    this.#plans.get(address)?.shift()?.(socket)
  }

  onDialFailed(address: Address): void {
    this.#plans.get(address)?.shift()
  }

  onText(): void {}
  onPing(): void {}

  onPong(): void {}
  onClosed(): void {}

  // --- What it says ------------------------------------------------------------------------------

  #visit(victim: Place, identity: Identity | undefined, plan: (socket: Socket) => void): void {
    const plans = this.#plans.get(victim.address) ?? []
    this.#plans.set(victim.address, plans)
    plans.push(plan)
    this.network.dial(this, victim.address, { identity, timeoutMs: DIAL_TIMEOUT_MS })
  }

  #bait(socket: Socket): void {
    const { random, bait } = this.#options
    this.#greet(socket, random.shuffled(bait).slice(0, 60))
  }

  #greet(socket: Socket, addresses: readonly string[]): void {
    const data = [this.place.address, ...addresses]
    this.network.send(socket, { kind: 'text', text: JSON.stringify({ type: 'HANDSHAKE', data }) })
  }

  /** Somewhere that refuses. */
  #anyAddress(): string {
    const { random, place } = this.#options
    const { hostname } = new URL(place.address)
    const host = hostname === 'localhost' ? hostname : `10.8.0.${random.int(1, 254)}`
    return `ws://${host}:${random.int(31_000, 65_000)}`
  }

  #identity(address: string, id = this.#options.random.hex(32) as MeshId): Identity {
    return { version: PROTOCOL_VERSION, mesh: 'default', id, address, code: '' }
  }

  #identityOrNone(): Identity | undefined {
    const { random, bait } = this.#options
    if (random.chance(0.3)) return undefined
    return this.#identity(random.chance(0.3) ? random.pick(bait) : this.place.address)
  }
}

/** A few frames that a node should not like. */
function junk(random: Random): readonly string[] {
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
