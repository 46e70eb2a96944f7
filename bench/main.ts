/**
 * `npm run bench`: measures whole processes from outside, all systems in turn, and writes the
 * tables and the figures of bench/README.md.
 */

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEntryPoint, runTool, ToolError } from '../build/command-line.ts'
import { writeAims } from './aims.ts'
import { commitNow } from './commit.ts'
import { describeMove, movesBetween } from './comparison.ts'
import { failuresOf } from './failures.ts'
import { growth } from './growth.ts'
import { writeHeadline } from './headline.ts'
import { instructions } from './instructions.ts'
import { isQuiet, type Machine, machineNow } from './machine.ts'
import { endTrials, requireNamespaces, tryIt } from './namespace.ts'
import { LIMIT_SECONDS, matchesOf, type Plan, readPlan, systemsOf } from './plan.ts'
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
import { type Outcome, play, type RoundsOptions } from './rounds.ts'
import { start } from './start.ts'
import { SYSTEM_NAMES, type SystemName } from './systems/system.ts'
import { writeTables } from './tables.ts'

const START_ROUNDS = 30

const GROWTH_SIZES = [10, 20, 50, 100, 200, 500, 1000] as const

const HELP = `
npm run bench -- [SECTION…] [OPTION…]   measures Fullmesh against bare ws and others

Sections: ${SECTION_NAMES.join(', ')}; all when none is named.

--quick             what the aims need, in few rounds: half an hour, seven minutes of it at rest
--nodes 10,50       these sizes
--systems LIST      of ${SYSTEM_NAMES.join(', ')}
--repeat N          rounds
--against FILE      another node-1/index.js, in the same rounds; the system 'other'
--limit SECONDS     how long a mesh may take to become complete (${LIMIT_SECONDS})
--write             commit-worthy: puts the sections into bench/results and bench/README.md;
                    so does a run without sections and options
--force             measures for --write on a machine that is busy

Without --write the results go to dist/bench, and differences from those in bench/results are printed.
It exits with 1 when a mesh of Fullmesh was not complete, or messages were lost.
`

const RESULTS = join(import.meta.dirname, 'results')

/** The whole bench. */
async function bench(plan: Plan, isForced: boolean): Promise<number> {
  requireNamespaces()
  warnOfLoad(machineNow(), plan, isForced)
  const commit = commitNow()
  const prepared = await prepare(systemsOf(plan), plan.against)
  for (const sentence of prepared.leftOut) console.log(`left out: ${sentence}`)
  const path = join(plan.isWritten ? RESULTS : OUTPUT, 'latest.json')
  const before = readResults(join(RESULTS, 'latest.json'))
  const measured: Partial<Record<SectionName, Section>> = {}
  const failures: RoundsOptions['failures'] = new Map()
  for (const name of plan.sections) {
    const machine = machineNow()
    const outcome = await measure(name, plan, { ...prepared, failures })
    measured[name] = {
      machine,
      ...(commit !== undefined && { commit }),
      measured: new Date().toISOString().slice(0, 10),
      rounds: Math.max(1, ...outcome.rows.flatMap(({ figures }) => roundsIn(figures))),
      rows: outcome.rows,
      leftOut: [...prepared.leftOut, ...outcome.leftOut],
    }
    // What an hour has measured must not be lost when the next section fails.
    writeResults(path, { ...(plan.isWritten ? before : {}), ...measured })
  }
  if (plan.isWritten) writeReport(readResults(path))
  else printReport(measured)
  tellMoves(before, measured)
  console.log(`\nraw figures: ${path}`)
  const failed = failuresOf(measured)
  for (const sentence of failed) console.error(`failed: ${sentence}`)
  return failed.length === 0 ? 0 : 1
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
  const matches = matchesOf(name, plan).map((match) => ({
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

function printReport(results: Results): void {
  const parts = [writeTables(results), writeHeadline(results), writeAims(results)]
  console.log(`\n${parts.join('\n\n')}`)
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
