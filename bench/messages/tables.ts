/** The tables of messages. */

import { ratioTo } from '../comparison.ts'
import { shown, table } from '../markdown.ts'
import { distinct, type Row, rowOf, type Section, valuesOf } from '../results.ts'
import { summary } from '../statistics.ts'
import {
  type BurstFigure,
  figureAt,
  type LatencyFigure,
  placesOf,
  QUANTILES,
  sizeText,
} from './figures.ts'

const YARDSTICK = 'ws-joined'

/** What is measured once for each row, not for each size. */
const OTHER_COLUMNS = [
  ['publisherMebibytes', 'RSS of a publisher, MiB'],
  ['receiverMebibytes', 'of a receiver'],
  ['serverMebibytes', 'of the server'],
  ['catchUpMebibytesPerSecond', 'catches up, MiB/s'],
  ['lost', 'lost'],
  ['wrong', 'twice or out of order'],
] as const

export function messageTables(section: Section): readonly string[] {
  return [
    bySize(section, 'CPU µs a delivery', 'cpuMicroseconds'),
    bySize(section, 'deliveries a second', 'deliveriesPerSecond'),
    latencies(section),
    others(section),
  ]
}

/** A line for each task and size, a column for each system. */
function bySize(section: Section, heading: string, figure: BurstFigure): string {
  const systems = distinct(section.rows, 'system')
  const lines = groups(section).flatMap((group) =>
    placesIn(section, group, figure).map((bytes) => [
      `${sizeText(bytes)} ${group.text}`,
      ...systems.map((system) => cell(section, { ...group, system }, figureAt(figure, bytes))),
    ]),
  )
  return table([heading, ...systems], lines)
}

function latencies(section: Section): string {
  const systems = distinct(section.rows, 'system')
  const lines = groups(section).flatMap((group) =>
    placesIn(section, group, 'p99Milliseconds').flatMap((perSecond) =>
      latencyFigures().map((figure) => [
        `${nameOf(figure)}, ${perSecond.toLocaleString('en')}/s ${group.text}`,
        ...systems.map((system) =>
          cell(section, { ...group, system }, figureAt(figure, perSecond)),
        ),
      ]),
    ),
  )
  return table(['ms until delivered', ...systems], lines)
}

function others({ rows }: Section): string {
  const lines = rows.map((row) => [
    `${row.system} ${textOf(row)}`,
    ...(row.problem === undefined
      ? OTHER_COLUMNS.map(([figure]) => shown(summary(valuesOf(row, figure))?.median))
      : [row.problem]),
  ])
  return table(['', ...OTHER_COLUMNS.map(([, heading]) => heading)], lines)
}

/** `4.25, 1.20×`: the median, and that of the paired ratios to the yardstick. */
function cell(
  section: Section,
  key: Pick<Row, 'task' | 'system' | 'nodes'>,
  figure: string,
): string {
  const value = shown(summary(valuesOf(rowOf(section, key), figure))?.median)
  const ratio = ratioTo(YARDSTICK, section, key, figure)
  return value === '' || ratio === undefined ? value : `${value}, ${ratio.median.toFixed(2)}×`
}

interface Group extends Pick<Row, 'task' | 'nodes'> {
  readonly text: string
}

/** Tasks and sizes, in the order of the rows. */
function groups({ rows }: Section): readonly Group[] {
  const all = rows.map((row) => ({ task: row.task, nodes: row.nodes, text: textOf(row) }))
  return all.filter(({ text }, index) => all.findIndex((one) => one.text === text) === index)
}

function textOf({ nodes, task }: Pick<Row, 'task' | 'nodes'>): string {
  return task === 'messages of all' ? `of all ${nodes}` : `to ${nodes - 1}`
}

function placesIn(
  { rows }: Section,
  { nodes, task }: Group,
  figure: BurstFigure | LatencyFigure,
): readonly number[] {
  const found = rows.filter((row) => row.task === task && row.nodes === nodes)
  return [...new Set(found.flatMap(({ figures }) => placesOf(figures, figure)))]
}

function latencyFigures(): readonly LatencyFigure[] {
  return ['p50Milliseconds', 'p99Milliseconds', 'p999Milliseconds']
}

/** `p99.9`. */
function nameOf(figure: LatencyFigure): string {
  return `p${Number((100 * QUANTILES[figure]).toFixed(1))}`
}
