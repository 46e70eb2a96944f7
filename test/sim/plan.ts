/**
 * The plan of a run: its nodes and its faults. It is made before the run, from a separate
 * generator, so that a fault can be left out without any other change.
 */

import { DEFAULT_TIMINGS, type Timings } from '../../src/mesh/timings.ts'
import { ATTACKS, type Attack } from './hostile-peer.ts'
import type { MessageAttack } from './messages/message-attacks.ts'
import { type MessagePlan, planMessages } from './messages/message-plan.ts'
import type { Latency } from './network.ts'
import type { ProbedPeers } from './place.ts'
import { Random } from './random.ts'

/** A process to start. */
export interface NodePlan {
  readonly kind: 'ours' | 'plain'
  readonly startMs: number
  /** Indexes of its known peers, perhaps by another spelling. */
  readonly knownPeers: readonly { readonly index: number; readonly byAlias: boolean }[]
}

/** A fault. Nodes are named by their index. */
export type Fault =
  | {
      readonly kind: 'crash'
      readonly atMs: number
      readonly nodes: readonly number[]
      readonly powerCut: boolean
      /** Whether some of what they have sent does not arrive. */
      readonly losesUnderWay?: boolean
      readonly backAfterMs: number
    }
  | {
      readonly kind: 'freeze'
      readonly atMs: number
      readonly node: number
      readonly forMs: number
    }
  /** Nodes run only after pauses of up to `pauseMs`. */
  | {
      readonly kind: 'starve'
      readonly atMs: number
      readonly nodes: readonly number[]
      readonly pauseMs: number
      readonly forMs: number
    }
  | {
      readonly kind: 'partition'
      readonly atMs: number
      readonly nodes: readonly number[]
      readonly oneSided: boolean
      readonly forMs: number
    }
  /** A share of the connections is lost, in one direction or in both, without an error. */
  | {
      readonly kind: 'cut'
      readonly atMs: number
      readonly share: number
      readonly oneWay: boolean
    }
  /** A share of the connections is reset at both ends. */
  | { readonly kind: 'sever'; readonly atMs: number; readonly share: number }
  /** A machine reads slowly from every connection. */
  | {
      readonly kind: 'slow'
      readonly atMs: number
      readonly node: number
      readonly bytesPerMs: number
      readonly forMs: number
    }
  /** Dials to this node hang. */
  | { readonly kind: 'hang'; readonly atMs: number; readonly node: number; readonly forMs: number }
  /** A node is told to forget another one that it is not connected to, and later to add it. */
  | {
      readonly kind: 'forget'
      readonly atMs: number
      readonly node: number
      readonly other: number
      readonly forMs: number
    }
  /** A copy of this node's folder is started, PORT and all. */
  | { readonly kind: 'copy'; readonly atMs: number; readonly node: number }

/** A plan. */
export interface Plan {
  readonly seed: number
  readonly where: ProbedPeers
  readonly announcesNames: boolean
  readonly latency: Latency
  readonly timings: Timings
  readonly nodes: readonly NodePlan[]
  readonly faults: readonly Fault[]
  /** When the last fault is over. */
  readonly quiescentMs: number
  readonly hostile: HostilePlan | undefined
  /** Undefined: nobody publishes, and the nodes do not announce messages. */
  readonly messages: MessagePlan | undefined
}

/** What a hostile peer does, from `fromMs` until the quiescence, or to the end if it `stays`. */
export interface HostilePlan {
  readonly fromMs: number
  readonly attacks: readonly (Attack | MessageAttack)[]
  readonly stays: boolean
}

/** Seeds with starved nodes; others keep the plans with which they found bugs. */
const STARVED_SEEDS = { from: 40_000, to: 2 ** 30 } as const

/** The plan of this seed. */
export function planFor(seed: number): Plan {
  const random = new Random(seed)
  const count = random.chance(0.1) ? random.int(13, 24) : random.int(2, 10)
  const slowMs = random.pick([1, 5, 50, 300])
  const isSmall = slowMs < 10 && random.chance(0.3)
  const faults = [...planFaults(random, count), ...planStarvation(seed, count)]
  const nodes = planNodes(random, count)
  const quiescentMs = Math.max(
    0,
    ...nodes.map(({ startMs }) => startMs),
    ...faults.map((fault) => fault.atMs + durationOf(fault)),
  )
  const plan: Plan = {
    seed,
    where: random.chance(0.5) ? 'loopback' : 'network',
    announcesNames: random.chance(0.5),
    latency: { minMs: slowMs * random.unit(), maxMs: slowMs },
    timings: isSmall ? scaled(DEFAULT_TIMINGS, 0.1) : DEFAULT_TIMINGS,
    nodes,
    faults,
    quiescentMs,
    hostile: random.chance(0.3) ? planHostile(random) : undefined,
    messages: undefined,
  }
  const forget = planForget(random, plan)
  return withMessages(forget === undefined ? plan : withFaults(plan, [forget]))
}

function withFaults(plan: Plan, more: readonly Fault[]): Plan {
  const overMs = more.map((fault) => fault.atMs + durationOf(fault))
  const quiescentMs = Math.max(plan.quiescentMs, ...overMs)
  return { ...plan, faults: [...plan.faults, ...more], quiescentMs }
}

function withMessages(plan: Plan): Plan {
  const { hostile, latency, nodes, quiescentMs: overMs, seed, where } = plan
  const messages = planMessages(seed, { where, nodes, latencyMs: latency.maxMs, overMs })
  if (messages === undefined) return plan
  const { attacks, faults } = messages
  const whole = withFaults({ ...plan, messages }, faults)
  if (attacks.length === 0) return whole
  if (hostile?.stays === true) return whole
  const { fromMs = 0, attacks: others = [] } = hostile ?? {}
  return { ...whole, hostile: { fromMs, attacks: [...others, ...attacks], stays: false } }
}

/** A node forgets another one of ours while that is gone. Drawn last: all other draws stay. */
function planForget(random: Random, { faults, hostile, nodes }: Plan): Fault | undefined {
  const ours = [...nodes.keys()].filter((index) => nodes[index]?.kind === 'ours')
  const absences = faults.flatMap((fault) => {
    const isAbsence = fault.kind === 'crash' || fault.kind === 'partition'
    return isAbsence ? [{ ...fault, forMs: durationOf(fault) }] : []
  })
  const absence = absences.at(random.int(0, Math.max(0, absences.length - 1)))
  const [other, node] = random.shuffled(ours).toSorted((a, b) => {
    return Number(absence?.nodes.includes(b)) - Number(absence?.nodes.includes(a))
  })
  const atMs = (absence?.atMs ?? 0) + random.unit() * (absence?.forMs ?? 0)
  const forMs = random.pick([0, 5_000, 60_000, 300_000]) * random.unit()
  // The addresses of a hostile peer, and of those that it takes, come back by its links.
  if (absence === undefined || hostile !== undefined) return undefined
  if (node === undefined || other === undefined) return undefined
  return { kind: 'forget', atMs, node, other, forMs }
}

function durationOf(fault: Fault): number {
  switch (fault.kind) {
    case 'crash':
      return fault.backAfterMs
    case 'cut':
    case 'sever':
    case 'copy':
      return 0
    default:
      return fault.forMs
  }
}

function planNodes(random: Random, count: number): NodePlan[] {
  const spreadMs = random.pick([0, 10, 1_000, 60_000])
  const plainShare = random.chance(0.35) ? random.between(0, 0.6) : 0
  const aliasShare = random.chance(0.35) ? random.unit() : 0
  const shape = random.pick(['star', 'chain', 'tree', 'few', 'all', 'ring'] as const)
  const plain = Array.from(
    { length: count },
    (_none, index) => index > 0 && random.chance(plainShare),
  )
  return plain.map((isPlain, index) => {
    const known = new Set(knownTo(random, shape, index, count))
    // Plain peers never redial and have no anti-entropy. A mesh is only guaranteed if one of our
    // nodes has them as known peers, and our nodes are connected without them.
    if (!isPlain && index > 0 && ![...known].some((other) => !plain[other])) known.add(0)
    if (index === 0) for (const [other, is] of plain.entries()) if (is) known.add(other)
    return {
      kind: isPlain ? 'plain' : 'ours',
      startMs: random.between(0, spreadMs),
      // Two spellings of one address are two nodes for a plain peer, and a plain peer with two
      // spellings is two nodes for the others.
      knownPeers: [...known].map((other) => ({
        index: other,
        byAlias: !isPlain && !plain[other] && random.chance(aliasShare),
      })),
    }
  })
}

/** The known peers of a node. Together they always form one connected graph. */
function knownTo(random: Random, shape: string, index: number, count: number): number[] {
  switch (shape) {
    case 'star':
      return [0]
    case 'chain':
      return index === 0 ? [] : [index - 1]
    case 'ring':
      return [(index + 1) % count]
    case 'tree':
      return index === 0 ? [] : [random.int(0, index - 1)]
    case 'few':
      return [0, 1, 2].filter((other) => other < count)
    default:
      return Array.from({ length: count }, (_none, other) => other)
  }
}

function planFaults(random: Random, count: number): Fault[] {
  const faults: Fault[] = []
  const overMs = random.pick([5_000, 60_000, 300_000])
  const many = random.pick([0, 1, 3, 8])
  const indexes = Array.from({ length: count }, (_none, index) => index)
  const some = (): number[] => random.shuffled(indexes).slice(0, random.int(1, count))
  for (let made = 0; made < many; made += 1) {
    const atMs = random.between(0, overMs)
    const node = random.int(0, count - 1)
    const forMs = random.pick([100, 3_000, 20_000, 70_000, 150_000]) * random.unit()
    const oneSided = random.chance(0.3)
    switch (random.int(0, 7)) {
      case 0:
      case 1: {
        const nodes = random.chance(0.2) ? indexes : random.chance(0.6) ? [node] : some()
        const powerCut = random.chance(0.4)
        faults.push({ kind: 'crash', atMs, nodes, powerCut, backAfterMs: forMs })
        break
      }
      case 2:
        faults.push({ kind: 'freeze', atMs, node, forMs })
        break
      case 3:
      case 4:
        faults.push({ kind: 'partition', atMs, nodes: some(), oneSided, forMs })
        break
      case 5:
        faults.push({ kind: 'cut', atMs, share: random.unit(), oneWay: oneSided })
        break
      case 6:
        faults.push({ kind: 'hang', atMs, node, forMs })
        break
      default:
        faults.push({ kind: 'copy', atMs, node })
    }
  }
  return faults.sort((a, b) => a.atMs - b.atMs)
}

function planStarvation(seed: number, count: number): Fault[] {
  const random = new Random(seed + 2 ** 33)
  if (seed < STARVED_SEEDS.from || seed >= STARVED_SEEDS.to || random.chance(0.5)) return []
  const indexes = Array.from({ length: count }, (_none, index) => index)
  const nodes = random.shuffled(indexes).slice(0, random.int(1, count))
  const [atMs, forMs] = [random.between(0, 60_000), random.between(0, 150_000)]
  return [{ kind: 'starve', atMs, nodes, pauseMs: random.pick([100, 1_000, 5_000]), forMs }]
}

function planHostile(random: Random): HostilePlan {
  const drawn = random.shuffled(ATTACKS).slice(0, random.int(1, 3))
  const poisons = drawn.includes('poisoned book')
  // Links without HANDSHAKE that never end keep new peers out: the shell's rate limit stops them.
  const attacks = drawn.filter((attack) => !poisons || attack !== 'links without HANDSHAKE')
  // Silent addresses are not forgotten for an hour, so that no mesh would come to rest.
  const isMild = !attacks.includes('links without HANDSHAKE')
  const stays = (random.chance(0.4) || poisons) && isMild
  return { fromMs: random.between(0, 30_000), attacks, stays }
}

/** All timings, multiplied. */
export function scaled(timings: Timings, by: number): Timings {
  const entries = Object.entries(timings).map(([name, ms]) => [name, ms * by])
  return Object.fromEntries(entries) as unknown as Timings
}
