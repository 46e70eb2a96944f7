/** A mesh without faults so far, which a test then puts to the proof. */

import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import type { MessageWorld } from './messages/message-world.ts'
import { newPlace, type Place } from './place.ts'
import { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import { Trace } from './trace.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

/** How often the mesh is checked to be whole, in ms. */
const CHECK_MS = 50

/** How long the mesh may take to become whole, in ms. */
const GIVE_UP_MS = 300_000

/** By then a mesh that forms at once is at rest, in ms. */
const FORMED_MS = 60_000

/** How often progress is told until then, in ms. A large mesh does most in the first second. */
const PROGRESS_MS = 100

/** Nodes that are complete and at rest. */
export class FormedMesh {
  readonly world: World
  readonly places: readonly Place[]
  readonly #random: Random

  /**
   * @param messages undefined: the nodes carry none
   * @param onProgress called with the virtual time until the mesh is at rest
   */
  constructor(
    count: number,
    seed: number,
    messages?: MessageWorld,
    onProgress?: (nowMs: number) => void,
  ) {
    this.#random = new Random(seed)
    const latency = { minMs: 1, maxMs: 5 }
    const timings = DEFAULT_TIMINGS
    this.world = new World({ random: this.#random, latency, timings, trace: new Trace(false) })
    this.world.messages = messages
    this.places = Array.from({ length: count }, (_none, index) =>
      newPlace(index, 'loopback', false),
    )
    for (const place of this.places) this.world.network.addPlace(place)
    for (const place of this.places) this.start(place, this.#random.between(0, 100))
    const { time } = this.world
    while (time.nowMs < FORMED_MS) {
      time.run(Math.min(FORMED_MS, time.nowMs + PROGRESS_MS))
      onProgress?.(time.nowMs)
    }
    if (!this.isWhole) throw new Violation('the mesh does not form')
  }

  get isWhole(): boolean {
    const others = this.places.length - 1
    return this.places.every(
      ({ listener }) =>
        listener instanceof SimNode && listener.mesh.connectedAddresses.size === others,
    )
  }

  start(place: Place, afterMs: number): void {
    // As node-1/known-peers.json has them.
    const knownPeers = [this.places[0], this.places[2]].flatMap((seed) =>
      seed === undefined ? [] : [seed.address],
    )
    const { world } = this
    const random = this.#random.fork()
    const node = new SimNode({ place, world, knownPeers, timings: DEFAULT_TIMINGS, random })
    world.time.after(afterMs, () => {
      place.listener = node
      node.start()
    })
  }

  /** @throws {Violation} when the mesh does not become whole */
  awaitWhole(): number {
    const { time } = this.world
    const sinceMs = time.nowMs
    while (!this.isWhole) {
      if (time.nowMs > sinceMs + GIVE_UP_MS) throw new Violation('the mesh does not become whole')
      time.run(time.nowMs + CHECK_MS)
    }
    return time.nowMs - sinceMs
  }
}
