/**
 * One process of the pool: it receives seeds and sends results. A seed that fails is run again with
 * a trace.
 */

import { planFor } from './plan.ts'
import { describeFailure } from './report.ts'
import { carryOut } from './run.ts'
import { smallest } from './shrink.ts'
import { Trace } from './trace.ts'

/** The result of one seed. */
export interface SeedResult {
  /** The failure with its trace, for people. */
  readonly failure: string | undefined
  readonly virtualMs: number
}

// These often reach the whole group of processes, and the parent wants what it has.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

process.on('message', (seeds: readonly number[]) => {
  process.send?.(seeds.map(runSeed))
})

function runSeed(seed: number): SeedResult {
  const plan = planFor(seed)
  const outcome = carryOut(plan)
  const virtualMs = outcome.virtualMs
  if (outcome.problem === undefined) return { failure: undefined, virtualMs }
  const { plan: small, without } = smallest(plan)
  return { failure: describeFailure(plan, carryOut(small, new Trace(true)), without), virtualMs }
}
