/** Seeds as tests. */

import type { TestFn } from 'ava'
import { planFor } from './plan.ts'
import { describeFailure } from './report.ts'
import { carryOut } from './run.ts'
import { smallest } from './shrink.ts'
import { Trace } from './trace.ts'

/** Seeds of one test; several, so that a test does not look stuck. */
const SEEDS = 30

/** Adds tests that all runs from one seed up to another come to rest. */
export function comeToRest(test: TestFn, first: number, end: number): void {
  for (let from = first; from < end; from += SEEDS) {
    const last = Math.min(end, from + SEEDS) - 1
    test.serial(`simulator - seeds ${from} to ${last} come to rest`, (t) => {
      for (let seed = from; seed <= last; seed += 1) {
        const failure = failureOf(seed)
        if (failure !== undefined) return t.fail(failure)
      }
      t.pass()
    })
  }
}

/** What is wrong with the run of a seed, with the fewest faults that show it. */
export function failureOf(seed: number): string | undefined {
  const plan = planFor(seed)
  if (carryOut(plan).problem === undefined) return undefined
  const { plan: small, without } = smallest(plan)
  return describeFailure(plan, carryOut(small, new Trace(true)), without)
}
