/** What no bench may show of Fullmesh: a mesh that is not complete, a crash, or messages lost. */

import { aimsOf, isMet } from './aims.ts'
import { ORDER_AIM } from './messages/aims.ts'
import { type Results, SECTION_NAMES } from './results.ts'

/** A sentence for each. */
export function failuresOf(results: Results): readonly string[] {
  const problems = SECTION_NAMES.flatMap((name) => results[name]?.rows ?? [])
    .filter(({ system }) => system.startsWith('fullmesh'))
    .flatMap(({ task, nodes, system, problem }) =>
      problem === undefined ? [] : [`${task} of ${nodes} ${system}: ${problem}`],
    )
  const order = aimsOf(results).filter((aim) => aim.name === ORDER_AIM && isMet(aim) === false)
  return [...problems, ...order.map(({ text, worst }) => `${worst?.value} ${text}`)]
}
