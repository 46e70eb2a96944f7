/**
 * `npm run bench`: measures whole processes from outside, all systems in turn, and writes the table
 * and the figures of bench/README.md. The only place with the number of repetitions.
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BUNDLE_PATH } from '../build/bundle.ts'
import {
  type CommandLine,
  EXIT_USAGE,
  isEntryPoint,
  readCount,
  runTool,
  ToolError,
} from '../build/command-line.ts'
import { writeAims } from './aims.ts'
import { describeMove, movesBetween } from './comparison.ts'
import { growth } from './growth.ts'
import { instructions } from './instructions.ts'
import { isQuiet, type Machine, machineNow } from './machine.ts'
import { endTrials, requireNamespaces, tryIt } from './namespace.ts'
import { OUTPUT, type Preparation, prepare } from './preparation.ts'
import { reportOf } from './report.ts'
import {
  type Results,
  readResults,
  SECTION_NAMES,
  type Section,
  type SectionName,
  writeResults,
} from './results.ts'
import { type Match, type Outcome, play, type RoundsOptions } from './rounds.ts'
import { start } from './start.ts'
import { SYSTEM_NAMES, type SystemName } from './systems/system.ts'
import { writeTables } from './tables.ts'

const NODES_MAX = 10_000
const ROUNDS_MAX = 100
const LIMIT_SECONDS_MAX = 3600
const LIMIT_SECONDS = 240
const START_ROUNDS = 30

/**
 * What is done once must be over before a mesh is at rest: Fullmesh looks into what its peers
 * claim, one a second, and gets into step, within some minutes; and V8 optimizes what has been
 * called often enough, which takes longer the less is called.
 */
const REST = { settleSeconds: 360, seconds: 60 } as const

/** Up to here a trial takes a second, and any hiccup of the machine is a large part of it. */
const SMALL_NODES = 10

/** From here on a round takes minutes, and there are two. */
const LARGE_NODES = 200

const HELP = `
npm run bench -- [SECTION…] [OPTION…]   measures Fullmesh against bare ws and others

Sections: ${SECTION_NAMES.join(', ')}; all when none is named.

--quick             formation at two sizes and instruction counts, in a few minutes
--nodes 10,50       these sizes
--systems LIST      of ${SYSTEM_NAMES.join(', ')}
--repeat N          rounds
--against FILE      another node-1/index.js, in the same rounds; the system 'other'
--limit SECONDS     how long a mesh may take to become complete (${LIMIT_SECONDS})
--write             commit-worthy: puts the sections into bench/results and bench/README.md;
                    so does a run without sections and options
--force             measures for --write on a machine that is busy

Without --write the results go to dist/bench, and differences from those in bench/results are printed.
`

const RESULTS = join(import.meta.dirname, 'results')

/** What can be chosen for all sections. Undefined is each section's own. */
interface Choice {
  readonly nodes: readonly number[] | undefined
  readonly systems: readonly SystemName[] | undefined
  readonly rounds: number | undefined
}

interface Plan extends Choice {
  readonly sections: readonly SectionName[]
  readonly limitSeconds: number
  /** Another build of Fullmesh. */
  readonly against: string | undefined
  readonly isWritten: boolean
}

const QUICK: Choice & Pick<Plan, 'sections'> = {
  sections: ['formation', 'instructions'],
  nodes: [10, 50],
  systems: ['fullmesh', 'bare-ws', 'plain', 'other'],
  rounds: 3,
}

/** The default number of formations and rejoins. */
function roundsOf(nodes: number): number {
  if (nodes <= SMALL_NODES) return 7
  return nodes < LARGE_NODES ? 3 : 2
}

/** The matches of the sections in which processes run. */
const MATCHES: Readonly<Partial<Record<SectionName, (choice: Choice) => readonly Match[]>>> = {
  formation: ({ nodes = [3, 10, 20, 50, 100, 200], systems = SYSTEM_NAMES, rounds }) =>
    nodes.map((count) => ({
      what: { kind: 'formation' },
      nodes: count,
      systems,
      rounds: rounds ?? roundsOf(count),
    })),
  rejoin: ({ nodes = [10, 50], systems = SYSTEM_NAMES, rounds }) =>
    (['one', 'seed', 'half'] as const).flatMap((victims) =>
      nodes.map((count) => ({
        what: { kind: 'rejoin', victims },
        nodes: count,
        systems,
        rounds: rounds ?? roundsOf(count),
      })),
    ),
  rest: ({ nodes = [50], systems = SYSTEM_NAMES, rounds = 1 }) =>
    nodes.map((count) => ({
      what: { kind: 'rest', ...REST },
      nodes: count,
      systems,
      rounds,
    })),
  // Only of those that run on our Node, whose inspector gives the heap.
  memory: ({
    nodes = [3, 26, 51],
    systems = ['fullmesh', 'bare-ws', 'plain', 'other'],
    rounds = 2,
  }) => nodes.map((count) => ({ what: { kind: 'memory' }, nodes: count, systems, rounds })),
  profile: ({
    nodes = [5, 20, 100, 200],
    systems = ['fullmesh', 'bare-ws', 'other'],
    rounds = 2,
  }) => nodes.map((count) => ({ what: { kind: 'profile' }, nodes: count, systems, rounds })),
}

const GROWTH_SIZES = [10, 20, 50, 100, 200, 500, 1000] as const

/** The whole bench. */
async function bench(plan: Plan, isForced: boolean): Promise<number> {
  requireNamespaces()
  warnOfLoad(machineNow(), plan, isForced)
  const prepared = await prepare(plan.systems ?? SYSTEM_NAMES, plan.against)
  for (const sentence of prepared.leftOut) console.log(`left out: ${sentence}`)
  const path = join(plan.isWritten ? RESULTS : OUTPUT, 'latest.json')
  const before = readResults(join(RESULTS, 'latest.json'))
  const measured: Partial<Record<SectionName, Section>> = {}
  const failures = new Map<string, number>()
  for (const name of plan.sections) {
    const machine = machineNow()
    const outcome = await measure(name, plan, { ...prepared, failures })
    measured[name] = {
      machine,
      measured: new Date().toISOString().slice(0, 10),
      rounds: Math.max(1, ...outcome.rows.flatMap(({ figures }) => roundsIn(figures))),
      rows: outcome.rows,
      leftOut: [...prepared.leftOut, ...outcome.leftOut],
    }
    // What an hour has measured must not be lost when the next section fails.
    writeResults(path, { ...(plan.isWritten ? before : {}), ...measured })
  }
  if (plan.isWritten) writeReport(readResults(path))
  else console.log(`\n${writeTables(measured)}\n\n${writeAims(measured)}`)
  tellMoves(before, measured)
  console.log(`\nraw figures: ${path}`)
  return 0
}

function roundsIn(figures: Readonly<Record<string, readonly unknown[]>>): readonly number[] {
  return Object.values(figures).map(({ length }) => length)
}

async function measure(
  name: SectionName,
  plan: Plan,
  { programs, valgrind, failures }: Preparation & Pick<RoundsOptions, 'failures'>,
): Promise<Outcome> {
  const onResult = (line: string) => console.log(line)
  if (name === 'start') return start(programs, plan.rounds ?? START_ROUNDS, onResult)
  if (name === 'growth') return growth(plan.nodes ?? GROWTH_SIZES, onResult)
  if (name === 'instructions') {
    // The reason for no valgrind has been printed.
    return valgrind === undefined ? { rows: [], leftOut: [] } : instructions(valgrind, onResult)
  }
  const missing: readonly SystemName[] = [
    ...(programs.natsServer === undefined ? (['nats-server'] as const) : []),
    ...(programs.libp2p === undefined ? (['libp2p'] as const) : []),
    ...(programs.other === undefined ? (['other'] as const) : []),
  ]
  const matches = (MATCHES[name]?.(plan) ?? []).map((match) => ({
    ...match,
    systems: match.systems.filter((system) => !missing.includes(system)),
  }))
  return play(matches, { programs, limitSeconds: plan.limitSeconds, failures, tryIt, onResult })
}

/**
 * The committed tables and figures. From what was read, since the file has rounded figures: whoever
 * looks them up there finds the same.
 */
function writeReport(results: Results): void {
  for (const [path, text] of Object.entries(reportOf(results))) writeFileSync(path, text)
}

function tellMoves(before: Results, after: Results): void {
  if (!existsSync(join(RESULTS, 'latest.json'))) return
  const moves = movesBetween(before, after)
  console.log(moves.length === 0 ? '\nnothing moved beyond its spread' : '\nmoved:')
  for (const move of moves) console.log(`  ${describeMove(move)}`)
}

/** @throws {ToolError} when other processes would change figures to be committed */
function warnOfLoad(machine: Machine, plan: Plan, isForced: boolean): void {
  if (isQuiet(machine)) return
  const load = `others keep ${machine.loadAtStart.toFixed(1)} cores of this machine busy`
  if (plan.isWritten && !isForced) {
    throw new ToolError(`${load}: wait until they are done, or give --force`)
  }
  console.error(`WARNING: ${load}: seconds are not reliable, ratios only roughly`)
}

function readPlan({ flags, values, operands }: CommandLine): Plan {
  const count = (name: string, max: number) => {
    const text = values.get(name)
    return text === undefined ? undefined : readCount(text, max)
  }
  const chosen = {
    nodes: listOf(values, '--nodes')?.map((text) => readCount(text, NODES_MAX)),
    systems: listOf(values, '--systems')?.map((text) => oneOf(SYSTEM_NAMES, text, 'system')),
    rounds: count('--repeat', ROUNDS_MAX),
  }
  if (chosen.systems?.includes('other') && !values.has('--against')) {
    throw new ToolError("system 'other' needs --against, the path of its file", EXIT_USAGE)
  }
  const isWhole = operands.length === 0 && values.size === 0 && !flags.has('--quick')
  const base = flags.has('--quick')
    ? QUICK
    : { sections: SECTION_NAMES, nodes: undefined, systems: undefined, rounds: undefined }
  return {
    sections:
      operands.length === 0
        ? base.sections
        : operands.map((text) => oneOf(SECTION_NAMES, text, 'section')),
    nodes: chosen.nodes ?? base.nodes,
    systems: chosen.systems ?? base.systems,
    rounds: chosen.rounds ?? base.rounds,
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

if (isEntryPoint(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, endTrials)
  }
  await runTool({
    name: 'bench',
    help: HELP,
    flags: ['--quick', '--write', '--force'],
    values: ['--nodes', '--systems', '--repeat', '--limit', '--against'],
    operandsMax: SECTION_NAMES.length,
    run: (commandLine) => bench(readPlan(commandLine), commandLine.flags.has('--force')),
  })
}
