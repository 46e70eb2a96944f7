/** What is true of a mesh that is complete, and of one that is at rest. */

import type { Address } from '../../src/mesh/address/address.ts'
import { isCut, type Socket } from './network.ts'
import type { Place } from './place.ts'
import { PlainPeer } from './plain-peer.ts'
import type { Plan } from './plan.ts'
import { SimNode } from './sim-node.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** How long a mesh at rest is watched, in ms: longer than pings, anti-entropy and any backoff. */
export const REST_MS = 200_000

/** What is missing for a complete mesh, as a sentence; undefined when it is complete. */
export function expectComplete(
  world: World,
  places: readonly Place[],
  plan: Plan,
): string | undefined {
  const nodes = nodesOf(places)
  for (const place of places) {
    const { listener, name } = place
    if (listener === undefined) return `${name} does not run`
    if (!(listener instanceof SimNode) && !(listener instanceof PlainPeer)) continue
    const list = listOf(listener)
    const missing = places.find((other) => other !== place && !list.has(other.address))
    if (missing !== undefined) return `${name} does not list ${missing.name}`
    if (list.size > places.length - 1 && plan.hostile?.stays !== true) {
      return `${name} lists unexpected addresses: ${unexpected(list, places).join(' ')}`
    }
  }
  for (const [index, a] of nodes.entries()) {
    if ([...a.sockets].some(isDead)) {
      return `${a.name} has a connection that is dead`
    }
    for (const b of nodes.slice(index + 1)) {
      if (world.pairs.between(a, b).length === 0) return `${a.name} has no link to ${b.name}`
    }
  }
  return undefined
}

/**
 * A node that lacks the newest that another tells of itself, as a sentence. Nodes of the version
 * before messages neither tell nor are told.
 */
export function missingData(nodes: readonly SimNode[]): string | undefined {
  const able = nodes.filter(({ identity }) => identity.messages)
  for (const a of able) {
    const other = able.find((b) => {
      const told = JSON.stringify(a.mesh.dataOf(b.place.address))
      return b !== a && told !== JSON.stringify(b.mesh.data)
    })
    if (other !== undefined) return `${a.name} lacks the data of ${other.name}`
  }
  return undefined
}

/** What is missing for a mesh at rest. */
export function expectRest(world: World, places: readonly Place[], plan: Plan): string | undefined {
  const missing = expectComplete(world, places, plan)
  if (missing !== undefined) return missing
  const nodes = nodesOf(places)
  const hostileSpellings = plan.hostile === undefined ? 0 : 2
  const spellings =
    hostileSpellings + places.length + places.flatMap(({ aliases }) => aliases).length
  for (const [index, a] of nodes.entries()) {
    const { claims, queuedDials, book } = a.mesh.sizes()
    if (claims > 0) return `${a.name} has ${claims} claims to verify`
    const dials = plan.hostile === undefined ? a.dialsToOthers : 0
    if (queuedDials > 0 || dials > 0) return `${a.name} still dials`
    if (book > spellings) return `${a.name} remembers ${book} addresses, there are ${spellings}`
    const links = [...a.mesh.links()].length
    const plain = places.length - nodes.length
    if (links > nodes.length - 1 + 2 * plain) {
      const peers = [...a.sockets].map(
        ({ peer, dial }) => `${dial ? 'to' : 'from'} ${peer.process.name}`,
      )
      return `${a.name} has ${links} links: ${peers.sort().join(', ')}`
    }
    for (const b of nodes.slice(index + 1)) {
      const { length } = world.pairs.between(a, b)
      if (length !== 1) return `${a.name} and ${b.name} have ${length} connections`
    }
  }
  return undefined
}

/** Watches a mesh at rest: nothing but pings and anti-entropy may happen from now on. */
export class RestWatch {
  readonly #world: World
  readonly #places: readonly Place[]
  readonly #plan: Plan
  readonly #dials: number
  readonly #handshakes: number
  readonly #connections: string

  constructor(world: World, places: readonly Place[], plan: Plan) {
    this.#world = world
    this.#places = places
    this.#plan = plan
    this.#dials = world.tally.dialsAnswered
    this.#handshakes = world.tally.handshakes
    this.#connections = this.#describeConnections()
  }

  /** @throws {Violation} */
  expectUnchanged(): void {
    const { tally } = this.#world
    const missing = expectRest(this.#world, this.#places, this.#plan)
    if (missing !== undefined) throw new Violation(`no longer at rest: ${missing}`)
    const dials = tally.dialsAnswered - this.#dials
    if (dials > 0) throw new Violation(`${dials} dials that were answered in a mesh at rest`)
    if (this.#describeConnections() !== this.#connections) {
      throw new Violation('other connections than before in a mesh at rest')
    }
    const handshakes = tally.handshakes - this.#handshakes
    const shortestMs = 0.8 * this.#plan.timings.antiEntropyMs
    const handshakesMax = nodesOf(this.#places).length * (Math.ceil(REST_MS / shortestMs) + 1)
    if (handshakes > handshakesMax) {
      throw new Violation(`${handshakes} HANDSHAKEs in a mesh at rest, over ${handshakesMax}`)
    }
    if (handshakes === 0) throw new Violation('no anti-entropy in a mesh at rest')
  }

  #describeConnections(): string {
    return nodesOf(this.#places)
      .map(({ mesh }) => [...mesh.links()].map(({ id }) => id).join())
      .join(';')
  }
}

/** A link that is open in its core, and that carries nothing. */
function isDead(socket: Socket): boolean {
  return socket.link > 0 && isCut(socket)
}

function nodesOf(places: readonly Place[]): SimNode[] {
  return places.flatMap(({ listener }) => (listener instanceof SimNode ? [listener] : []))
}

function listOf(process: SimNode | PlainPeer): ReadonlySet<Address> {
  return process instanceof SimNode ? process.mesh.connectedAddresses : process.connectedAddresses
}

function unexpected(list: ReadonlySet<Address>, places: readonly Place[]): readonly Address[] {
  return [...list].filter((address) => !places.some((place) => place.address === address))
}
