/** What is measured: sections, sizes, systems and rounds, by the command line. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BUNDLE_PATH } from '../build/bundle.ts'
import { type CommandLine, EXIT_USAGE, readCount, ToolError } from '../build/command-line.ts'
import { SECTION_NAMES, type SectionName } from './results.ts'
import type { Match } from './rounds.ts'
import { SYSTEM_NAMES, type SystemName } from './systems/system.ts'
import type { TrialKind } from './trials/trial.ts'

const NODES_MAX = 10_000
const ROUNDS_MAX = 100
const LIMIT_SECONDS_MAX = 3600
export const LIMIT_SECONDS = 240

/**
 * What is done once must be over before a mesh is at rest: Fullmesh looks into what its peers
 * claim, one a second, and gets into step, within some minutes; and V8 optimizes what has been
 * called often enough, which takes longer the less is called.
 */
const REST: TrialKind = { kind: 'rest', settleSeconds: 360, seconds: 60 }

const FORMATION: TrialKind = { kind: 'formation' }
const MEMORY: TrialKind = { kind: 'memory' }

/** Up to here a trial takes a second, and any hiccup of the machine is a large part of it. */
const SMALL_NODES = 10

/** From here on a round takes minutes, and there are two. */
const LARGE_NODES = 200

/** Trials of one kind, at several sizes. */
interface Series {
  readonly what: TrialKind
  readonly nodes: readonly number[]
  readonly systems: readonly SystemName[]
  readonly rounds: (nodes: number) => number
}

/** The trials of the sections in which processes run. */
type Program = Readonly<Partial<Record<SectionName, readonly Series[]>>>

/** How many rounds a formation or a rejoin has. */
function roundsOf(nodes: number): number {
  if (nodes <= SMALL_NODES) return 7
  return nodes < LARGE_NODES ? 3 : 2
}

/** What runs on our Node, so that ratios are those of the programs. */
const ON_NODE: readonly SystemName[] = ['fullmesh', 'bare-ws', 'floor', 'plain', 'other']

const FULL: Program = {
  formation: [
    {
      what: FORMATION,
      nodes: [3, 10, 20, 50, 100, 200],
      systems: SYSTEM_NAMES,
      rounds: roundsOf,
    },
  ],
  rejoin: (['one', 'seed', 'half'] as const).map((victims) => ({
    what: { kind: 'rejoin', victims },
    nodes: [10, 50],
    systems: SYSTEM_NAMES,
    rounds: roundsOf,
  })),
  rest: [{ what: REST, nodes: [50], systems: SYSTEM_NAMES, rounds: () => 1 }],
  // Only of those that run on our Node, whose inspector gives the heap.
  memory: [{ what: MEMORY, nodes: [3, 26, 51], systems: ON_NODE, rounds: () => 2 }],
  profile: [
    {
      what: { kind: 'profile' },
      nodes: [5, 20, 100, 200],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 2,
    },
  ],
}

/** What the aims need, and little more. */
const QUICK: Program = {
  formation: [
    {
      what: FORMATION,
      nodes: [10],
      systems: [...ON_NODE, 'plain-unbundled'],
      rounds: () => 5,
    },
    {
      what: FORMATION,
      nodes: [20],
      systems: ['fullmesh', 'bare-ws', 'nats-server', 'other'],
      rounds: () => 3,
    },
    { what: FORMATION, nodes: [50], systems: ON_NODE, rounds: () => 3 },
    { what: FORMATION, nodes: [100, 200], systems: ON_NODE, rounds: () => 2 },
  ],
  rejoin: [
    {
      what: { kind: 'rejoin', victims: 'one' },
      nodes: [10],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 5,
    },
    {
      what: { kind: 'rejoin', victims: 'half' },
      nodes: [50],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 3,
    },
  ],
  rest: [{ what: REST, nodes: [50], systems: ['fullmesh', 'other'], rounds: () => 1 }],
  memory: [
    {
      what: MEMORY,
      nodes: [3, 51],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 1,
    },
  ],
}

const QUICK_SECTIONS = SECTION_NAMES.filter((name) => name === 'start' || name in QUICK)

/** What can be chosen for all sections. Undefined is each section's own. */
interface Choice {
  readonly nodes: readonly number[] | undefined
  readonly systems: readonly SystemName[] | undefined
  readonly rounds: number | undefined
}

export interface Plan extends Choice {
  readonly sections: readonly SectionName[]
  readonly isQuick: boolean
  readonly limitSeconds: number
  /** Another build of Fullmesh. */
  readonly against: string | undefined
  readonly isWritten: boolean
}

/** The matches of a section in which processes run. */
export function matchesOf(section: SectionName, plan: Plan): readonly Match[] {
  const program = plan.isQuick ? QUICK : FULL
  return (program[section] ?? []).flatMap(({ what, nodes, systems, rounds }) =>
    (plan.nodes ?? nodes).map((count) => ({
      what,
      nodes: count,
      systems: plan.systems ?? systems,
      rounds: plan.rounds ?? rounds(count),
    })),
  )
}

/** All systems that the plan needs. */
export function systemsOf(plan: Plan): readonly SystemName[] {
  const matches = plan.sections.flatMap((section) => matchesOf(section, plan))
  return [...new Set(matches.flatMap(({ systems }) => systems))]
}

/** @throws {ToolError} exit code 2 when the words make no plan */
export function readPlan({ flags, values, operands }: CommandLine): Plan {
  const count = (name: string, max: number) => {
    const text = values.get(name)
    return text === undefined ? undefined : readCount(text, max)
  }
  const isQuick = flags.has('--quick')
  if (isQuick && values.has('--nodes')) {
    throw new ToolError('--quick has its own sizes: use it or --nodes, not both', EXIT_USAGE)
  }
  const systems = listOf(values, '--systems')?.map((text) => oneOf(SYSTEM_NAMES, text, 'system'))
  if (systems?.includes('other') && !values.has('--against')) {
    throw new ToolError("system 'other' needs --against, the path of its file", EXIT_USAGE)
  }
  const isWhole = operands.length === 0 && values.size === 0 && !isQuick
  const named = operands.map((text) => oneOf(SECTION_NAMES, text, 'section'))
  const allSections = isQuick ? QUICK_SECTIONS : SECTION_NAMES
  return {
    sections: named.length === 0 ? allSections : named,
    isQuick,
    nodes: listOf(values, '--nodes')?.map((text) => readCount(text, NODES_MAX)),
    systems,
    rounds: count('--repeat', ROUNDS_MAX),
    limitSeconds: count('--limit', LIMIT_SECONDS_MAX) ?? LIMIT_SECONDS,
    against: otherBuild(values.get('--against'), flags.has('--write')),
    isWritten: isWhole || flags.has('--write'),
  }
}

/** @throws {ToolError} when it is not there, or was to be among the figures that are committed */
function otherBuild(path: string | undefined, isWritten: boolean): string | undefined {
  if (path === undefined) return undefined
  if (isWritten) throw new ToolError('use --against or --write, not both', EXIT_USAGE)
  if (existsSync(path)) return resolve(path)
  throw new ToolError(`--against must be another ${BUNDLE_PATH}, there is no '${path}'`, EXIT_USAGE)
}

function listOf(values: ReadonlyMap<string, string>, name: string): readonly string[] | undefined {
  return values.get(name)?.split(',')
}

function oneOf<Name extends string>(names: readonly Name[], text: string, what: string): Name {
  const found = names.find((name) => name === text)
  if (found !== undefined) return found
  throw new ToolError(`${what} must be one of ${names.join(', ')}, got '${text}'`, EXIT_USAGE)
}
