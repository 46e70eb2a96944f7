/** Who is in the mesh of a scene: the places, the processes that run there, and strangers. */

import type { Timings } from '../../../src/mesh/timings.ts'
import { newPlace, type Place } from '../../sim/place.ts'
import { PlainPeer } from '../../sim/plain-peer.ts'
import type { Process } from '../../sim/process.ts'
import { Random } from '../../sim/random.ts'
import { SimNode } from '../../sim/sim-node.ts'
import type { World } from '../../sim/world.ts'
import type { Knowledge, Setting } from './scene.ts'
import { Stranger } from './stranger.ts'

export interface PopulationOptions {
  readonly world: World
  readonly setting: Setting
  readonly timings: Timings
  /** Places that are there already. */
  readonly places: readonly Place[]
}

export class Population {
  /** The last process of each place that ever had one, in the order of their starts. */
  readonly processes = new Map<Place, Process>()
  readonly #options: PopulationOptions
  readonly #places: Place[]
  /** Draws of strangers change nothing for the nodes. */
  readonly #strangers: Random

  constructor(options: PopulationOptions) {
    this.#options = options
    this.#places = [...options.places]
    this.#strangers = new Random(options.setting.seed + 1)
  }

  /** The place of a node, by its number. */
  placeOf(number: number): Place | undefined {
    return this.#places[number - 1]
  }

  /** How many places nodes have. */
  get size(): number {
    return this.#places.length
  }

  /** Makes places, up to so many. */
  grow(size: number): void {
    const { network } = this.#options.world
    while (this.#places.length < size) {
      const place = newPlace(this.#places.length, 'loopback', false)
      network.addPlace(place)
      this.#places.push(place)
    }
  }

  /** Starts a node, or a plain peer, unless one runs there. */
  start(number: number, verb: 'start' | 'plain'): void {
    const { world, timings, setting } = this.#options
    // The plan of a seed has its own nodes.
    if (setting.kind === 'own') this.grow(number)
    const place = this.placeOf(number)
    if (place === undefined || place.listener !== undefined) return
    place.powered = true
    const knownPeers = this.#knownTo(number).flatMap((other) => this.placeOf(other)?.address ?? [])
    const process =
      verb === 'plain'
        ? new PlainPeer(place, world, knownPeers)
        : new SimNode({ place, world, knownPeers, timings, random: world.random.fork() })
    place.listener = process
    process.start()
  }

  /** The first one has itself: all nodes have the same known-peers.json. */
  #knownTo(number: number): readonly number[] {
    const { setting } = this.#options
    const known: Knowledge = setting.kind === 'own' ? setting.known : 'first'
    switch (known) {
      case 'first':
        return [1]
      case 'before':
        return number === 1 ? [] : [number - 1]
      case 'all':
        return this.#places.map((_place, index) => index + 1)
      default:
        return known satisfies never
    }
  }

  /** @param claimed the node that it claims to be; undefined: itself */
  startStranger(target: number, claimed: number | undefined): void {
    const { world } = this.#options
    const there = this.placeOf(target)
    const other = claimed === undefined ? undefined : this.placeOf(claimed)
    if (there === undefined) return
    const before = [...this.processes.keys()].find(({ name }) => name === 'stranger')
    const place = before ?? Stranger.place()
    if (before === undefined) world.network.addPlace(place)
    const random = this.#strangers.fork()
    const stranger = new Stranger(place, world, random, there.address, other?.address)
    place.listener = stranger
    stranger.start()
  }

  /** Notes who runs at a place now. */
  note(place: Place): void {
    if (place.listener !== undefined) this.processes.set(place, place.listener)
  }

  noteAll(): void {
    for (const place of this.#places) this.note(place)
  }
}
