/**
 * Makes a failing plan smaller: leaves out every fault without which it still fails.
 */

import type { Plan } from './plan.ts'
import { carryOut } from './run.ts'

/** The smaller plan, and the numbers of the faults that are not in it. */
export function smallest(plan: Plan): { readonly plan: Plan; readonly without: readonly number[] } {
  let without: readonly number[] = []
  for (const index of plan.faults.keys()) {
    const fewer = [...without, index]
    if (carryOut(leaveOut(plan, fewer)).problem !== undefined) without = fewer
  }
  return { plan: leaveOut(plan, without), without }
}

/** The plan without these faults. */
export function leaveOut(plan: Plan, without: readonly number[]): Plan {
  return { ...plan, faults: plan.faults.filter((_fault, index) => !without.includes(index)) }
}
