/**
 * `npm run sim`: the real core in a simulated network. One seed is one run; the same seed gives
 * the same run.
 *
 *     npm run sim                          1,000 runs, from a random seed on
 *     npm run sim -- --seeds 20000         more of them; --from 1 sets the first
 *     npm run sim -- --seed 123            one, with its trace; --without 0,2 leaves out faults
 *     npm run sim -- --nodes 1000          one large mesh, all nodes started at once
 *     npm run sim -- --nodes 1000 --publishers 10    what they publish reaches all
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { EXIT_USAGE, runTool, ToolError } from '../../build/command-line.ts'
import { measureMessages } from './messages/large-mesh.ts'
import { planFor } from './plan.ts'
import { ProcessPool } from './process-pool.ts'
import { describeOutcome, describePlan } from './report.ts'
import { carryOut } from './run.ts'
import { measure } from './scale.ts'
import { leaveOut } from './shrink.ts'
import { Trace } from './trace.ts'

/** Above this number of nodes the heap has to be larger than by default. */
const NODES_IN_DEFAULT_HEAP = 500

const HEAP_MIB = 11 * 1024

/** How often a line tells how far a large mesh is, in ms. */
const PROGRESS_MS = 10_000

/** After so many seeds a line tells of it where there is no terminal. */
const PROGRESS_SEEDS = 1_000

const HELP = `
npm run sim -- [--seeds N] [--from SEED] | --seed SEED [--without 0,2] | --nodes N [--publishers N]

  --seeds    how many runs (default 1000), from the seed of --from or a random one on
  --seed     one run with its trace; --without leaves out faults by their numbers
  --nodes    one mesh of so many nodes; --latency (5) and --spread (100) in ms, --from its seed;
             with --publishers some publish, and a fifth of them die amid that
`

/** Larger than every seed. */
const NUMBER_MAX = 2 ** 31

let values: ReadonlyMap<string, string> = new Map()

await runTool({
  name: 'sim',
  help: HELP,
  values: [
    '--seeds',
    '--from',
    '--seed',
    '--without',
    '--nodes',
    '--publishers',
    '--latency',
    '--spread',
  ],
  async run(commandLine) {
    values = commandLine.values
    if (values.has('--seed')) return replay(numberOf('--seed', 0))
    if (!values.has('--nodes')) return runMany(numberOf('--seeds', 1, 1000))
    return measureLarge(numberOf('--nodes', 1))
  },
})

/** The value of an option. @throws {ToolError} when it is no integer from `min` to 2³¹ */
function numberOf(option: string, min: number, fallback = min): number {
  const text = values.get(option) ?? String(fallback)
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (value >= min && value <= NUMBER_MAX) return value
  const expected = `an integer from ${min} to ${NUMBER_MAX}`
  throw new ToolError(`${option} must be ${expected}, got '${text}'`, EXIT_USAGE)
}

function replay(seed: number): number {
  const whole = planFor(seed)
  const plan = leaveOut(whole, faultsIn(values.get('--without'), whole.faults.length))
  const trace = new Trace(true)
  const outcome = carryOut(plan, trace)
  for (const line of trace.tail(Number.POSITIVE_INFINITY)) console.log(line)
  console.log(describePlan(whole))
  console.log(describeOutcome(outcome))
  return outcome.problem === undefined ? 0 : 1
}

/** The numbers of faults in a list. @throws {ToolError} when one is none of a plan with so many */
function faultsIn(list: string | undefined, count: number): readonly number[] {
  const numbers = list?.split(',') ?? []
  const wrong = numbers.find((text) => !/^\d{1,10}$/.test(text) || Number(text) >= count)
  if (wrong === undefined) return numbers.map(Number)
  const expected = count === 0 ? 'none: the plan has no faults' : `faults from 0 to ${count - 1}`
  throw new ToolError(`--without must be ${expected}, got '${wrong}'`, EXIT_USAGE)
}

async function runMany(count: number): Promise<number> {
  const from = numberOf('--from', 0, Math.floor(Math.random() * NUMBER_MAX))
  const startedMs = performance.now()
  const pool = new ProcessPool(
    (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count}`)
      else if (done % PROGRESS_SEEDS === 0) console.error(`${done} of ${count}`)
    },
    (failure) => console.log(`${failure}\n`),
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => pool.stop())
  const { done, failed, virtualMs } = await pool.run(from, count)
  if (process.stderr.isTTY) process.stderr.write('\r')
  const tookS = (performance.now() - startedMs) / 1000
  const days = virtualMs / 86_400_000
  const stopped = done < count ? `, stopped after ${done} of ${count}` : ''
  console.log(
    `seeds ${from} to ${from + count - 1}: ${failed} failed${stopped}, ` +
      `${days.toFixed(1)} virtual days in ${tookS.toFixed(0)} s`,
  )
  return failed === 0 && done === count ? 0 : 1
}

/** Measures one mesh. Gives the exit code: 0 when all nodes have all peers, or all messages. */
async function measureLarge(nodes: number): Promise<number> {
  const isLarge = nodes > NODES_IN_DEFAULT_HEAP
  const isAllowed = process.execArgv.some((flag) => flag.startsWith('--max-old-space-size'))
  if (isLarge && !isAllowed) return repeatInLargerHeap()
  const seed = numberOf('--from', 0, 1)
  const publishers = numberOf('--publishers', 0)
  if (publishers > 0) {
    let toldMs = performance.now()
    const onProgress = (nowMs: number): void => {
      if (!isLarge || performance.now() < toldMs + PROGRESS_MS) return
      toldMs = performance.now()
      console.error(`${seconds(nowMs)}: the mesh forms`)
    }
    const { missing, report } = measureMessages({ nodes, publishers, seed, onProgress })
    console.log(report)
    return missing === undefined ? 0 : 1
  }
  const onProgress = (nowMs: number, lacking: number, dials: number): void => {
    const text = `${dials} dials, some node lacks ${lacking} peers`
    if (isLarge) console.error(`${seconds(nowMs)}: ${text}`)
  }
  const timing = { latencyMs: numberOf('--latency', 0, 5), spreadMs: numberOf('--spread', 0, 100) }
  const { complete, report } = await measure({ nodes, seed, ...timing, onProgress })
  console.log(report)
  return complete ? 0 : 1
}

function seconds(virtualMs: number): string {
  return `${(virtualMs / 1000).toFixed(1)} virtual s`
}

/**
 * Runs this program in a process of its own: a million ends of links need more memory than Node
 * allows itself by default.
 */
async function repeatInLargerHeap(): Promise<number> {
  const flags = [`--max-old-space-size=${HEAP_MIB}`, '--max-semi-space-size=64']
  const execArgv = [...process.execArgv, ...flags]
  const child = fork(fileURLToPath(import.meta.url), process.argv.slice(2), { execArgv })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill())
  const [code]: unknown[] = await once(child, 'exit')
  return typeof code === 'number' ? code : 1
}
