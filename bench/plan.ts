/** What is measured: sections, sizes, systems and rounds, by the command line. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { BUNDLE_PATH } from '../build/bundle.ts'
import { type CommandLine, EXIT_USAGE, readCount, ToolError } from '../build/command-line.ts'
import { FULL, QUICK } from './program.ts'
import { SECTION_NAMES, type SectionName } from './results.ts'
import type { Match } from './rounds.ts'
import { SYSTEM_NAMES, type SystemName } from './systems/system.ts'

const NODES_MAX = 10_000
const ROUNDS_MAX = 100
const LIMIT_SECONDS_MAX = 3600
export const LIMIT_SECONDS = 240

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
  const missing = named.find((name) => !allSections.includes(name))
  if (missing !== undefined) {
    throw new ToolError(`--quick measures no ${missing}: leave it out`, EXIT_USAGE)
  }
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
