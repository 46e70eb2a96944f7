/** What has changed since the figures that are committed, and what only seems so. */

import { type Results, type Row, rowOf, SECTION_NAMES, type Section, valuesOf } from './results.ts'
import { pairedRatios, type Summary, summary } from './statistics.ts'

/** A figure that is elsewhere than before by more than its spread. */
export interface Move {
  readonly task: string
  readonly system: string
  readonly nodes: number
  /** `seconds, times bare-ws` and the like. */
  readonly figure: string
  readonly before: Summary
  readonly after: Summary
}

/** Comparable between machines: ratios to bare-ws on the same machine. */
const RATIOS = ['seconds', 'cpuSeconds'] as const

/** What is the same on every machine. */
const COUNTS = [
  'instructions',
  'connections',
  'wastedDials',
  'bytesPerNodeMinute',
  'bundleBytes',
] as const

/** Smaller changes are not reported, even without any spread. */
const SHARE_MIN = 0.01

/** Everything that moved, of what both have measured. */
export function movesBetween(before: Results, after: Results): readonly Move[] {
  return SECTION_NAMES.flatMap((name) => {
    const [old, now] = [before[name], after[name]]
    return old === undefined || now === undefined
      ? []
      : now.rows.flatMap((row) => movesOf(row, old, now))
  })
}

/** Whether the middle halves of the measurements do not overlap. */
export function hasMoved(before: Summary, after: Summary): boolean {
  const isApart =
    before.quartiles[1] < after.quartiles[0] || after.quartiles[1] < before.quartiles[0]
  const change = Math.abs(after.median - before.median)
  return isApart && change > SHARE_MIN * Math.abs(before.median)
}

/** A move in one line. */
export function describeMove({ task, system, nodes, figure, before, after }: Move): string {
  const percent = 100 * (after.median / before.median - 1)
  const change = Number.isFinite(percent)
    ? ` (${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(0)} %)`
    : ''
  const [from, to] = [before, after].map(({ median }) => Number(median.toPrecision(3)))
  return `${task} of ${nodes} ${system}: ${figure} ${from} → ${to}${change}`
}

function movesOf(row: Row, old: Section, now: Section): readonly Move[] {
  const ratios = RATIOS.map((name) => ({
    figure: `${name}, times bare-ws`,
    before: ratioToBareWs(old, row, name),
    after: ratioToBareWs(now, row, name),
  }))
  const counts = COUNTS.map((name) => ({
    figure: name,
    before: summary(valuesOf(rowOf(old, row), name)),
    after: summary(valuesOf(row, name)),
  }))
  return [...ratios, ...counts].flatMap(({ figure, before, after }) => {
    if (before === undefined || after === undefined || !hasMoved(before, after)) return []
    const { task, system, nodes } = row
    return [{ task, system, nodes, figure, before, after }]
  })
}

/** A system's figures over those of bare-ws in the same rounds; undefined for bare-ws. */
export function ratioToBareWs(
  section: Section,
  key: Pick<Row, 'task' | 'system' | 'nodes'>,
  name: string,
): Summary | undefined {
  return ratioTo('bare-ws', section, key, name)
}

/** A system's figures over those of another one in the same rounds; undefined for that one. */
export function ratioTo(
  reference: string,
  section: Section,
  key: Pick<Row, 'task' | 'system' | 'nodes'>,
  name: string,
): Summary | undefined {
  if (key.system === reference) return undefined
  return summary(
    pairedRatios(
      roundsOf(rowOf(section, key), name),
      roundsOf(rowOf(section, { ...key, system: reference }), name),
    ),
  )
}

function roundsOf(row: Row | undefined, name: string): readonly (number | undefined)[] {
  return (row?.figures[name] ?? []).map((value) => value ?? undefined)
}
