/** A node that leaves for good, and how long its address is dialed. */

import type { Completeness } from '../../src/mesh/membership.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { newPlace } from './place.ts'
import { Random } from './random.ts'
import { SimNode } from './sim-node.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

/** Three nodes connect, the last one ends. The first one learned it, all have the second. */
function departedMesh(): {
  readonly world: World
  readonly first: SimNode
  readonly second: SimNode
  readonly third: SimNode
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
  const [first, second, third] = nodes
  if (first === undefined || second === undefined || third === undefined) {
    throw new RangeError('three nodes')
  }
  world.time.run(60_000)
  third.crash(false)
  return { world, first, second, third }
}

/** Whether the address is in the book of the first shortly before and after `forgetAfterMs`. */
export function departure(forgetAfterMs: number): {
  readonly remembered: boolean
  readonly forgotten: boolean
} {
  const { world, first } = departedMesh()
  const marginMs = 2 * DEFAULT_TIMINGS.redialMaxMs
  world.time.run(60_000 + forgetAfterMs - marginMs)
  const remembered = first.mesh.sizes().book === 2
  world.time.run(60_000 + forgetAfterMs + marginMs)
  return { remembered, forgotten: first.mesh.sizes().book === 1 }
}

/** How complete both others are a while after it ended, and once both were told to forget it. */
export function forgetting(): {
  readonly before: readonly Completeness['kind'][]
  readonly after: readonly Completeness['kind'][]
} {
  const { world, first, second, third } = departedMesh()
  const completeness = (): readonly Completeness['kind'][] =>
    [first, second].map(({ mesh }) => mesh.completeness(world.time.nowMs).kind)
  world.time.run(120_000)
  const before = completeness()
  for (const node of [first, second]) node.forget(third.place.address)
  // Peers name what they are connected to meanwhile.
  world.time.run(600_000)
  return { before, after: completeness() }
}
