/**
 * What is published in a run, by nodes with which settings, and what happens to their links. Drawn
 * from a generator of its own, so that plans without messages stay as they are.
 */

import type { ProbedPeers } from '../place.ts'
import type { Fault, NodePlan } from '../plan.ts'
import { Random } from '../random.ts'
import { MESSAGE_ATTACKS, type MessageAttack } from './message-attacks.ts'
import type { MessageSettings } from './message-node.ts'

/** A burst of messages of one node. */
export interface Burst {
  readonly atMs: number
  readonly node: number
  readonly count: number
  /** Of each body. */
  readonly bytes: number
  readonly everyMs: number
  readonly topic: string
}

export interface MessagePlan {
  /** By node; undefined for one of the version before, and for plain peers. */
  readonly settings: readonly (MessageSettings | undefined)[]
  readonly bursts: readonly Burst[]
  readonly faults: readonly Fault[]
  readonly attacks: readonly MessageAttack[]
}

/** Seeds with messages, half of them; others keep the plans with which they found bugs. */
const MESSAGE_SEEDS = { from: 50_000, to: 2 ** 30 } as const

/** A log that holds a few messages. */
const SMALL_LOG_BYTES = 12_000

/** A burst has so many bytes at most: several windows of a link. */
const BURST_BYTES_MAX = 1_000_000

/** What a plan is made for. */
export interface MessagePlanOptions {
  readonly where: ProbedPeers
  readonly nodes: readonly NodePlan[]
  readonly latencyMs: number
  /** When the last fault of the mesh is over. */
  readonly overMs: number
}

export function planMessages(seed: number, options: MessagePlanOptions): MessagePlan | undefined {
  const random = new Random(seed + 2 ** 34)
  if (seed < MESSAGE_SEEDS.from || seed >= MESSAGE_SEEDS.to || random.chance(0.5)) return undefined
  const { nodes, where } = options
  const hasOld = random.chance(0.2)
  const hasSmall = random.chance(0.3)
  const settings = nodes.map(({ kind }) => {
    if (kind === 'plain' || (hasOld && random.chance(0.3))) return undefined
    return {
      takesRelayed: where === 'loopback',
      logBytes: hasSmall && random.chance(0.5) ? SMALL_LOG_BYTES : undefined,
      readsLate: hasSmall && random.chance(0.3),
    }
  })
  const bursts = planBursts(random, settings, options)
  return {
    settings,
    bursts,
    faults: planFaults(random, bursts, options),
    attacks: random.chance(0.3) ? random.shuffled(MESSAGE_ATTACKS).slice(0, random.int(1, 3)) : [],
  }
}

function planBursts(
  random: Random,
  settings: MessagePlan['settings'],
  { latencyMs, nodes, overMs }: MessagePlanOptions,
): Burst[] {
  const speakers = [...settings.keys()].filter((index) => settings[index] !== undefined)
  if (speakers.length === 0) return []
  const count = random.pick([2, 6, 15])
  return Array.from({ length: count }, () => {
    const node = random.pick(speakers)
    const startMs = nodes[node]?.startMs ?? 0
    // When links open, or at any time.
    const isEarly = random.chance(0.3)
    const atMs = isEarly
      ? startMs + random.between(0, 20 * latencyMs)
      : random.between(startMs, overMs + 20_000)
    const bytes = random.pick([20, 20, 1_000, 30_000, 120_000])
    const most = Math.max(1, Math.min(30, BURST_BYTES_MAX / bytes))
    const everyMs = random.pick([0, 0, 1, latencyMs, 1_000])
    const topic = random.pick(['a', 'a.b'])
    return { atMs, node, count: random.int(1, most), bytes, everyMs, topic }
  })
}

function planFaults(
  random: Random,
  bursts: readonly Burst[],
  { latencyMs, nodes }: MessagePlanOptions,
): Fault[] {
  const faults: Fault[] = []
  for (const { atMs, node, bytes } of bursts) {
    // Amid the burst.
    const amidMs = atMs + random.unit() * latencyMs * random.pick([1, 5, 50])
    const forMs = random.pick([100, 3_000, 30_000]) * random.unit()
    const victim = random.int(0, nodes.length - 1)
    switch (random.int(0, 7)) {
      case 0: {
        const powerCut = random.chance(0.4)
        const crash = { kind: 'crash', nodes: [node], powerCut, losesUnderWay: true } as const
        faults.push({ ...crash, atMs: amidMs, backAfterMs: forMs })
        break
      }
      case 1:
      case 2:
        faults.push({ kind: 'sever', atMs: amidMs, share: random.unit() })
        break
      case 3: {
        // A frame takes up to two seconds, and what is unsent before a ping no more than ten.
        const bytesPerMs = Math.max(30, bytes / random.pick([100, 1_000, 2_000]))
        const slow = { kind: 'slow', atMs: atMs - 100, node: victim, bytesPerMs } as const
        faults.push({ ...slow, forMs: 10 * forMs })
        break
      }
      case 4:
        faults.push({ kind: 'freeze', atMs: amidMs, node: victim, forMs })
        break
      default:
    }
  }
  return faults.map((fault) => ({ ...fault, atMs: Math.max(0, fault.atMs) }))
}
