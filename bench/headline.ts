/** The small table at the top of README.md: how long a formation takes, in times of bare-ws. */

import { aimsOf, isMet } from './aims.ts'
import { ratioToBareWs } from './comparison.ts'
import { shown, table } from './markdown.ts'
import { distinct, NOT_COMPLETE, type Results, rowOf, type Section, valuesOf } from './results.ts'
import { summary } from './statistics.ts'
import type { SystemName } from './systems/system.ts'

/** The systems that are comparable in a line, in its order. */
const SYSTEMS: readonly SystemName[] = [
  'fullmesh',
  'bare-ws',
  'floor',
  'plain',
  'plain-unbundled',
  'nats-server',
]

const SIZES = [10, 20, 50, 100, 200] as const

/** The table, and a sentence that says of what it is. */
export function writeHeadline(results: Results): string {
  const { formation } = results
  if (formation === undefined) return 'Nothing was measured yet.'
  const sizes = SIZES.filter((size) => distinct(formation.rows, 'nodes').includes(size))
  const lines = SYSTEMS.filter((system) => formation.rows.some((row) => row.system === system)).map(
    (system) => [system, ...sizes.map((nodes) => cell(formation, system, nodes))],
  )
  const aims = aimsOf(results)
  const met = aims.filter((aim) => isMet(aim) === true).length
  const { commit = 'not recorded', measured } = formation
  return [
    table(['formation of', ...sizes.map(String)], lines),
    `Commit ${commit}, ${measured}; ${met} of ${aims.length} aims are met.`,
  ].join('\n\n')
}

/** `1.46×`; for bare-ws itself its seconds. */
function cell(section: Section, system: SystemName, nodes: number): string {
  const row = rowOf(section, { task: 'formation', system, nodes })
  if (row?.problem !== undefined) {
    return row.problem.startsWith(NOT_COMPLETE) ? NOT_COMPLETE : 'failed'
  }
  const ratio = ratioToBareWs(section, { task: 'formation', system, nodes }, 'seconds')
  if (ratio !== undefined) return `${ratio.median.toFixed(2)}×`
  const seconds = summary(valuesOf(row, 'seconds'))?.median
  return seconds === undefined ? '' : `${shown(seconds)} s`
}
