/** What is bundled with a broken core: runs worlds until one of them has a problem. */

import { planFor } from './plan.ts'
import { carryOut } from './run.ts'

/** Seeds after which a broken mechanism counts as not detected. */
export const SEEDS_MAX = 400

/** The first problem, with its seed. */
export function firstProblem(first: number): string | undefined {
  for (let tried = -1; tried < SEEDS_MAX; tried += 1) {
    const seed = tried === -1 ? first : tried
    const { problem } = carryOut(planFor(seed))
    if (problem !== undefined) return `seed ${seed}: ${problem.split('\n')[0]}`
  }
  return undefined
}
