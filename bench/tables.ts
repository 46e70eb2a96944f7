/** The tables of README.md, written from results. */

import { HANDSHAKE_ADDRESSES_MAX } from '../src/mesh/limits.ts'
import { ratioTo, ratioToBareWs } from './comparison.ts'
import { PARTS } from './cpu-profile.ts'
import { perLink } from './link-memory.ts'
import { shown, table, withQuartiles } from './markdown.ts'
import { messageTables } from './messages/tables.ts'
import {
  distinct,
  type Results,
  type Row,
  rowOf,
  SECTION_NAMES,
  type Section,
  valuesOf,
} from './results.ts'
import { BASELINE } from './start.ts'
import { exponentOf, median, summary } from './statistics.ts'

/** The values of a row with their own columns, and the headings. */
type Columns = readonly (readonly [figure: string, heading: string])[]

const START_COLUMNS: Columns = [
  ['cpuMilliseconds', 'CPU ms'],
  ['rssMebibytes', 'RSS, MiB'],
  ['pssMebibytes', 'PSS, MiB'],
  ['bundleBytes', 'bytes of its file'],
]

const FORMATION_COLUMNS: Columns = [
  ['cpuSeconds', 'CPU s'],
  ['wholeSeconds', 'whole after s'],
  ['connections', 'connections'],
  ['wastedDials', 'wasted dials'],
  ['refusedDials', 'of them refused'],
  ['mebibytes', 'MiB sent'],
  ['rssMebibytes', 'RSS, MiB'],
  ['pssMebibytes', 'PSS, MiB'],
]

const REST_COLUMNS: Columns = [
  ['corePercentPerNode', '% of a core'],
  ['bytesPerNodeMinute', 'bytes a minute'],
  ['wakeUpsPerNodeMinute', 'wake-ups a minute'],
]

/**
 * The exponents that the design has, when nothing is done in vain and each HANDSHAKE names all whom
 * its sender is connected to.
 */
const GROWTH_EXPECTED: Readonly<Record<string, readonly [heading: string, exponent: number]>> = {
  dialsPerNode: ['dials', 1],
  handshakesPerNode: ['HANDSHAKEs', 1],
  handshakeBytesPerNode: ['bytes of HANDSHAKEs', 2],
  connectedAddresses: ['addresses kept', 1],
  virtualSeconds: ['virtual s', 0],
}

/** Below it, what is the same at every size drowns what grows. */
const REAL_GROWTH_NODES_MIN = 20

/** All tables, one below the other, as Markdown. */
export function writeTables(results: Results): string {
  const { start, formation, rejoin, rest, memory, profile, messages, growth, instructions } =
    results
  return [
    ...(start ? ['### Start, of one process', startTable(start)] : []),
    ...(formation ? ['### Formation', contest(formation), details(formation)] : []),
    ...(rejoin ? ['### Rejoin', contest(rejoin)] : []),
    ...(rest ? ['### At rest, for each node', bySystem(rest, REST_COLUMNS)] : []),
    ...(memory ? ['### Memory for each link', linkTable(memory)] : []),
    ...(profile ? ['### Where the time goes', profileTable(profile)] : []),
    ...(messages ? ['### Messages', ...messageTables(messages)] : []),
    ...(growth ? ['### Growth', growthTable(growth), realGrowth(formation)] : []),
    ...(instructions ? ['### Instructions', instructionTable(instructions)] : []),
    '### Where and when',
    circumstances(results),
  ].join('\n\n')
}

/** How long until it listens, as such and in times of Node that does nothing. */
function startTable(section: Section): string {
  const lines = section.rows.map((row) => {
    const ratio = ratioTo(BASELINE, section, row, 'milliseconds')
    return [
      row.system,
      shown(summary(valuesOf(row, 'milliseconds'))?.median),
      ratio === undefined ? '' : withQuartiles(ratio),
      ...cells(row, START_COLUMNS),
    ]
  })
  return table(
    ['', 'ms', `times ${BASELINE}`, ...START_COLUMNS.map(([, heading]) => heading)],
    lines,
  )
}

/** A line for each task and size, a column for each system, and ratios to bare-ws. */
function contest(section: Section): string {
  const { rows } = section
  const systems = distinct(rows, 'system')
  const lines = distinct(rows, 'task').flatMap((task) =>
    distinct(
      rows.filter((row) => row.task === task),
      'nodes',
    ).map((nodes) => [
      `${task} of ${nodes}`,
      ...systems.map((system) => timeCell(section, { task, nodes, system })),
    ]),
  )
  return table(['seconds', ...systems], lines)
}

/** `1.23, 1.05× (1.02–1.10)`: the median, and the paired ratio with its middle half. */
function timeCell(section: Section, key: Pick<Row, 'task' | 'system' | 'nodes'>): string {
  const row = rowOf(section, key)
  const values = valuesOf(row, 'seconds')
  if (row?.problem !== undefined) return row.problem
  if (values.length === 0) return ''
  const ratio = ratioToBareWs(section, key, 'seconds')
  const seconds = median(values).toFixed(2)
  if (ratio === undefined) return seconds
  return `${seconds}, ${withQuartiles(ratio)}`
}

function details(section: Section): string {
  const lines = section.rows
    .filter(({ figures }) => figures['seconds'] !== undefined)
    .map((row) => [String(row.nodes), row.system, ...cells(row, FORMATION_COLUMNS)])
  return table(['nodes', 'system', ...FORMATION_COLUMNS.map(([, heading]) => heading)], lines)
}

function bySystem({ rows }: Section, columns: Columns): string {
  const lines = rows.map((row) => [
    `${row.system}, ${row.nodes} nodes`,
    ...(row.problem === undefined ? cells(row, columns) : [row.problem]),
  ])
  return table(['', ...columns.map(([, heading]) => heading)], lines)
}

function cells(row: Row, columns: Columns): readonly string[] {
  return columns.map(([figure]) => shown(summary(valuesOf(row, figure))?.median))
}

function linkTable(section: Section): string {
  const bare = perLink(section, 'bare-ws')
  const lines = distinct(section.rows, 'system').map((system) => {
    const bytes = perLink(section, system)
    const beyond = bytes === undefined || bare === undefined ? undefined : bytes - bare
    return [system, shown(bytes), system === 'bare-ws' ? '' : shown(beyond)]
  })
  return table(['bytes of heap', 'a link', 'beyond bare ws'], lines)
}

/** CPU time of one node, by what it is for; one system beside the other. */
function profileTable({ rows }: Section): string {
  const tables = distinct(rows, 'nodes').map((nodes) => {
    const all = rows.filter((row) => row.nodes === nodes)
    const line = (heading: string, figure: string) => [
      heading,
      ...all.map((row) => shown(summary(valuesOf(row, figure))?.median)),
    ]
    return table(
      [`CPU ms a node, formation of ${nodes}`, ...all.map(({ system }) => system)],
      [...PARTS.map((part) => line(part, part)), line('**all**', 'cpuMilliseconds')],
    )
  })
  return tables.join('\n\n')
}

function growthTable({ rows }: Section): string {
  const columns = Object.entries(GROWTH_EXPECTED)
  const naming = rows.filter(({ nodes }) => nodes <= HANDSHAKE_ADDRESSES_MAX)
  const exponents = columns.map(([figure]) =>
    exponentOf(naming.map((row) => [row.nodes, median(valuesOf(row, figure))])).toFixed(2),
  )
  const upTo = `up to ${HANDSHAKE_ADDRESSES_MAX.toLocaleString('en')} nodes`
  return table(
    ['nodes', ...columns.map(([, [heading]]) => heading)],
    [
      ...rows.map((row) => [
        row.nodes.toLocaleString('en'),
        ...columns.map(([figure]) => shown(median(valuesOf(row, figure)))),
      ]),
      [`**exponent** ${upTo}`, ...exponents],
      [`expected ${upTo}`, ...columns.map(([, [, exponent]]) => String(exponent))],
    ],
  )
}

/** One sentence on the real processes of the section formation. */
function realGrowth(formation: Section | undefined): string {
  const rows = (formation?.rows ?? []).filter(
    ({ system, nodes }) => system === 'fullmesh' && nodes >= REAL_GROWTH_NODES_MIN,
  )
  const exponentFor = (figure: string) => {
    const points = rows.flatMap((row): [number, number][] => {
      const found = summary(valuesOf(row, figure))
      return found === undefined ? [] : [[row.nodes, found.median]]
    })
    return points.length < 2 ? 'unknown' : exponentOf(points).toFixed(2)
  }
  return (
    `Real processes from ${REAL_GROWTH_NODES_MIN} nodes on: seconds grow with exponent ` +
    `${exponentFor('seconds')}, CPU seconds with ${exponentFor('cpuSeconds')}, bytes with ` +
    `${exponentFor('mebibytes')}; all nodes together, so starting them has 1, connecting them 2, ` +
    'and telling all of all 3.'
  )
}

function instructionTable({ rows }: Section): string {
  return table(
    ['the core', 'instructions'],
    rows.map((row) => [row.task, shown(median(valuesOf(row, 'instructions')))]),
  )
}

function inRounds(most: number): string {
  return most === 1 ? 'one round' : `up to ${most} rounds`
}

function circumstances(results: Results): string {
  const lines = SECTION_NAMES.flatMap((name) => {
    const section = results[name]
    if (section === undefined) return []
    const { machine, commit = 'not recorded', measured, rounds } = section
    const { cores, memoryGibibytes, kernel, node, loadAtStart } = machine
    const where = `${cores} cores, ${memoryGibibytes} GiB, Linux ${kernel}, Node ${node}`
    const missing = section.leftOut.map((sentence) => `\n  Left out: ${sentence}.`).join('')
    const busy = `${loadAtStart.toFixed(1)} cores busy with other things`
    return [
      `- ${name}: commit ${commit}, ${measured}, ${where}, ${busy}, ${inRounds(rounds)}.${missing}`,
    ]
  })
  return lines.join('\n')
}
