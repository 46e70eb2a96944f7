/**
 * Nodes that get too little of their processor: no healthy link is given up, and dead ones are
 * found in time.
 */

import { LATE_SILENCE_FRACTION_MAX } from '../../src/mesh/limits.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { FormedMesh } from './formed-mesh.ts'
import type { Place } from './place.ts'
import { Random } from './random.ts'
import { SimNode, silentClosesOf } from './sim-node.ts'

const NODES = 8

/** How long starved nodes do not run, in ms; one of them for much longer. */
const PAUSES_MS = { usual: [4_000, 6_000], longest: [20_000, 32_000] } as const

const STARVED_MS = 600_000

/** How long a starved node may take to see what has happened: three turns of its own. */
const TURNS_MS = 3 * PAUSES_MS.usual[1]

/** Latency, and what rounds up. */
const SLACK_MS = 10

/** What is wrong, or undefined. */
export function starvationProblem(seed: number): string | undefined {
  return healthyProblem(seed) ?? deadProblem(seed)
}

/** All nodes are starved, as on one machine that is too small, and one of them most of all. */
function healthyProblem(seed: number): string | undefined {
  const mesh = new FormedMesh(NODES, seed)
  const random = new Random(seed)
  const before = mesh.places.map(silentClosesOf)
  for (const { listener, index } of mesh.places) {
    const [min, max] = index === NODES - 1 ? PAUSES_MS.longest : PAUSES_MS.usual
    listener?.starve(STARVED_MS, () => random.between(min, max))
  }
  const { time } = mesh.world
  time.run(time.nowMs + STARVED_MS)
  const lost = mesh.places.find((place, index) => silentClosesOf(place) !== before[index])
  return lost && `${lost.name} gives up a healthy link`
}

/** One node loses power while half of the others are starved. */
function deadProblem(seed: number): string | undefined {
  const mesh = new FormedMesh(NODES, seed)
  const random = new Random(seed)
  const [dead, ...others] = mesh.places
  const isStarved = ({ index }: Place): boolean => index % 2 === 1
  for (const { listener } of others.filter(isStarved)) {
    listener?.starve(STARVED_MS, () => random.between(...PAUSES_MS.usual))
  }
  const { time } = mesh.world
  time.run(time.nowMs + random.between(30_000, 60_000))
  dead?.listener?.crash(true)
  const { silentAfterMs } = DEFAULT_TIMINGS
  const sinceMs = time.nowMs
  const late = (places: readonly Place[], boundMs: number): string | undefined => {
    time.run(sinceMs + boundMs)
    const slow = places.find(({ listener }) => lists(listener, dead))
    return slow && `${slow.name} has a dead link for over ${boundMs / 1000} s`
  }
  const lateMs = LATE_SILENCE_FRACTION_MAX * silentAfterMs + TURNS_MS
  return (
    late(
      others.filter((place) => !isStarved(place)),
      silentAfterMs + SLACK_MS,
    ) ?? late(others, silentAfterMs + lateMs)
  )
}

function lists(listener: Place['listener'], place: Place | undefined): boolean {
  if (!(listener instanceof SimNode) || place === undefined) return false
  return listener.mesh.connectedAddresses.has(place.address)
}
