/** What is bundled with a broken core: runs worlds until one of them has a problem. */

import { lateProblem } from './messages/large-mesh.ts'
import { planFor } from './plan.ts'
import { carryOut } from './run.ts'
import { starvationProblem } from './starvation.ts'

/** Seeds after which a broken mechanism counts as not detected. */
export const SEEDS_MAX = 400

/** The seed that plans with messages are counted from. */
export const FIRST_WITH_MESSAGES = 50_000

/**
 * What a seed runs: a plan of random faults, one with messages, publishers that die, or starved
 * nodes. Each returns the first problem.
 */
const SCENARIOS = {
  plan: (seed: number) => carryOut(planFor(seed)).problem,
  messages: (seed: number) => {
    const plan = planFor(FIRST_WITH_MESSAGES + seed)
    return plan.messages && carryOut(plan).problem
  },
  death: lateProblem,
  starvation: starvationProblem,
} as const

export type Scenario = keyof typeof SCENARIOS

/** What is wrong with the run of one seed, or undefined. */
export function problemOf(seed: number, scenario: Scenario = 'plan'): string | undefined {
  return SCENARIOS[scenario](seed)
}

/** The first problem, with its seed. */
export function firstProblem(first: number, scenario: Scenario = 'plan'): string | undefined {
  for (let tried = -1; tried < SEEDS_MAX; tried += 1) {
    const seed = tried === -1 ? first : tried
    const problem = problemOf(seed, scenario)
    if (problem !== undefined) return `seed ${seed}: ${problem.split('\n')[0]}`
  }
  return undefined
}
