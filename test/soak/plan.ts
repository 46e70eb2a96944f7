/** The plan of faults that a seed stands for. */

import { Random } from '../sim/random.ts'

/** A fault of one node, by the signal that it gets, and when it is over. */
export interface NodeFault {
  readonly kind: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP'
  readonly node: number
  readonly fromMs: number
  readonly toMs: number
}

/** No packets between these nodes and the others. */
export interface Partition {
  readonly kind: 'partition'
  readonly nodes: readonly number[]
  readonly fromMs: number
  readonly toMs: number
}

export type Fault = NodeFault | Partition

/** Mean pause between the beginnings of two faults, in ms. */
const PAUSE_MS = 1_200

/** How long faults last: as often 0.1 to 1 s as 1 to 10 s, and up to a minute, in ms. */
const LASTS_MS_MIN = 100
const LASTS_MS_MAX = 60_000

/** The longest fault as a share of all the time. */
const LASTS_SHARE_MAX = 0.3

/** A long partition is one fault, and a short one is hardly noticed. */
const PARTITION_MS_MIN = 2_000

/** Share of partitions among the faults; beyond it, one at a time. */
const PARTITIONS = 0.15

/** What happens to one node. */
const KINDS = ['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGSTOP'] as const

/**
 * Faults in the order in which they begin, the same for the same arguments. No node has two at
 * once, besides a partition.
 *
 * @param forMs how long faults begin; they may end later
 */
export function planFor(seed: number, nodes: number, forMs: number): readonly Fault[] {
  const random = new Random(seed)
  const mostMs = Math.min(LASTS_MS_MAX, forMs * LASTS_SHARE_MAX)
  const lasts = (minMs: number): number => minMs * (mostMs / minMs) ** random.unit()
  const plan: Fault[] = []
  const freeFromMs = Array.from({ length: nodes }, () => 0)
  let wholeFromMs = 0
  for (let fromMs = 0; fromMs < forMs; fromMs += random.between(0, 2 * PAUSE_MS)) {
    if (fromMs >= wholeFromMs && random.chance(PARTITIONS)) {
      wholeFromMs = fromMs + lasts(PARTITION_MS_MIN)
      plan.push({ kind: 'partition', nodes: part(random, nodes), fromMs, toMs: wholeFromMs })
      continue
    }
    const free = freeFromMs.flatMap((freeMs, node) => (freeMs <= fromMs ? [node] : []))
    if (free.length === 0) continue
    const node = random.pick(free)
    const toMs = fromMs + lasts(LASTS_MS_MIN)
    freeFromMs[node] = toMs
    plan.push({ kind: random.pick(KINDS), node, fromMs, toMs })
  }
  return plan
}

/** One line, for people. Nodes are numbered from 1, as their IPs. */
export function describeFault(fault: Fault): string {
  const { kind, fromMs, toMs } = fault
  const nodes = fault.kind === 'partition' ? fault.nodes : [fault.node]
  const who = nodes.map((node) => node + 1).join(' ')
  return `${seconds(fromMs)} s  ${kind} of ${who} for ${seconds(toMs - fromMs)} s`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

/** From one of the nodes to half of them. */
function part(random: Random, nodes: number): readonly number[] {
  const all = Array.from({ length: nodes }, (_, node) => node)
  const count = random.int(1, Math.max(1, Math.floor(nodes / 2)))
  return random
    .shuffled(all)
    .slice(0, count)
    .sort((a, b) => a - b)
}
