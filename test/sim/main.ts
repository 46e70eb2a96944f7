/**
 * `npm run sim`: the real core in a simulated network. One seed is one run; the same seed gives
 * the same run.
 *
 *     npm run sim                          1,000 runs, from a random seed on
 *     npm run sim -- --seeds 20000         more of them; --from 1 sets the first
 *     npm run sim -- --seed 123            one, with its trace; --without 0,2 leaves out faults
 *     npm run sim -- --nodes 1000          one large mesh, all nodes started at once
 */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { planFor } from './plan.ts'
import { ProcessPool } from './process-pool.ts'
import { describeOutcome, describePlan } from './report.ts'
import { carryOut } from './run.ts'
import { measure } from './scale.ts'
import { leaveOut } from './shrink.ts'
import { Trace } from './trace.ts'

/** Above so many nodes the heap has to be larger than by default. */
const NODES_IN_DEFAULT_HEAP = 500

const HEAP_MIB = 11 * 1024

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string' },
    seed: { type: 'string' },
    without: { type: 'string', default: '' },
    nodes: { type: 'string' },
    latency: { type: 'string', default: '5' },
    spread: { type: 'string', default: '100' },
  },
})

if (values.seed !== undefined) process.exitCode = replay(Number(values.seed))
else if (values.nodes !== undefined) await measureLarge(Number(values.nodes))
else process.exitCode = await runMany(Number(values.seeds))

function replay(seed: number): number {
  const without = values.without.split(',').filter(Boolean).map(Number)
  const whole = planFor(seed)
  const plan = leaveOut(whole, without)
  const trace = new Trace(true)
  const outcome = carryOut(plan, trace)
  for (const line of trace.tail(Number.POSITIVE_INFINITY)) console.log(line)
  console.log(describePlan(whole))
  console.log(describeOutcome(outcome))
  return outcome.problem === undefined ? 0 : 1
}

async function runMany(count: number): Promise<number> {
  const from = Number(values.from ?? Math.floor(Math.random() * 2 ** 31))
  const startedMs = performance.now()
  const pool = new ProcessPool((done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count}`)
  })
  const { failures, virtualMs } = await pool.run(from, count)
  if (process.stderr.isTTY) process.stderr.write('\r')
  for (const failure of failures) console.log(`${failure}\n`)
  const tookS = (performance.now() - startedMs) / 1000
  const days = virtualMs / 86_400_000
  console.log(
    `seeds ${from} to ${from + count - 1}: ${failures.length} failed, ` +
      `${days.toFixed(1)} virtual days in ${tookS.toFixed(0)} s`,
  )
  return failures.length === 0 ? 0 : 1
}

async function measureLarge(nodes: number): Promise<void> {
  // A million ends of links need more than Node allows itself by default; a process of its own gets
  // it.
  const isAllowed = process.execArgv.some((flag) => flag.startsWith('--max-old-space-size'))
  if (nodes > NODES_IN_DEFAULT_HEAP && !isAllowed) {
    const execArgv = [
      ...process.execArgv,
      `--max-old-space-size=${HEAP_MIB}`,
      '--max-semi-space-size=64',
    ]
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), { execArgv })
    return
  }
  const seed = Number(values.from ?? 1)
  const { latency: latencyMs, spread: spreadMs } = values
  const onProgress = (nowMs: number, lacking: number, dials: number): void => {
    const now = (nowMs / 1000).toFixed(1)
    if (nodes > NODES_IN_DEFAULT_HEAP) {
      console.error(`${now} virtual s: ${dials} dials, some node lacks ${lacking} peers`)
    }
  }
  const timing = { latencyMs: Number(latencyMs), spreadMs: Number(spreadMs) }
  const options = { nodes, seed, ...timing, onProgress }
  console.log((await measure(options)).report)
}
