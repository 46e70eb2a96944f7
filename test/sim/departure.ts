/** A node that leaves for good, and how long its address is dialed. */

import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { newPlace } from './place.ts'
import { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

/**
 * Three nodes connect, the last one ends; whether its address is in the book of the first shortly
 * before and after `forgetAfterMs`.
 */
export function departure(forgetAfterMs: number): {
  readonly remembered: boolean
  readonly forgotten: boolean
} {
  const timings = DEFAULT_TIMINGS
  const random = new Random(1)
  const latency = { minMs: 1, maxMs: 5 }
  const world = new World({ random, latency, timings, trace: new Trace(false) })
  const places = [0, 1, 2].map((index) => newPlace(index, 'network', false))
  const nodes = places.map((place, index) => {
    world.network.addPlace(place)
    // All have the second as a known peer, so the first learns the third.
    const knownPeers = places.slice(1, 2).map(({ address }) => address)
    const node = new SimNode({ place, world, knownPeers, timings, random: random.fork() })
    place.listener = node
    world.time.at(index * 1_000, () => node.start())
    return node
  })
  const [first, , third] = nodes
  if (first === undefined || third === undefined) throw new RangeError('three nodes')
  world.time.run(60_000)
  third.crash(false)
  const marginMs = 2 * timings.redialMaxMs
  world.time.run(60_000 + forgetAfterMs - marginMs)
  const remembered = first.mesh.sizes().book === 2
  world.time.run(60_000 + forgetAfterMs + marginMs)
  return { remembered, forgotten: first.mesh.sizes().book === 1 }
}
