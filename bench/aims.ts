/** The aims of the project, and whether the results reach them. */

import { ratioToBareWs } from './comparison.ts'
import { perLink } from './link-memory.ts'
import { type Results, type Row, rowOf, type Section, valuesOf } from './results.ts'
import { pairedRatios, summary } from './statistics.ts'

/** One aim; `value` is undefined when it was not measured. */
export interface Aim {
  readonly text: string
  readonly max: number
  readonly value: number | undefined
}

/** From here on a mesh is large enough to be compared with bare-ws. */
const NODES_MIN = 10

/** From this size on, the aim is to be faster than nats-server. */
const AHEAD_NODES_MIN = 20

/** All aims with their values, the worst where there are several. */
export function aimsOf(results: Results): readonly Aim[] {
  const { formation, rejoin, rest, memory } = results
  const ratios = ours(formation).flatMap((row) =>
    row.nodes < NODES_MIN ? [] : (medianRatioToBareWs(formation, row) ?? []),
  )
  const at100 = { task: 'formation', system: 'fullmesh', nodes: 100 }
  const nats = ours(formation).flatMap((row) =>
    row.nodes < AHEAD_NODES_MIN ? [] : (ratioOf(formation, row, 'nats-server') ?? []),
  )
  const one = ours(rejoin).filter(({ task }) => task === 'rejoin one')
  const links = memory && [perLink(memory, 'fullmesh'), perLink(memory, 'bare-ws')]
  const [linkBytes, bareBytes] = links ?? []
  return [
    { text: 'formation, times bare-ws, from 10 nodes on', max: 1.25, value: worst(ratios) },
    {
      text: 'formation of 100, times the plain implementation',
      max: 0.6,
      value: ratioOf(formation, at100, 'plain'),
    },
    { text: 'formation, times nats-server, from 20 nodes on', max: 1, value: worst(nats) },
    {
      text: 'rejoin of one node, times one bare start with bare connections',
      max: 1.3,
      value: worst(one.flatMap((row) => medianRatioToBareWs(rejoin, row) ?? [])),
    },
    {
      text: 'at rest, % of a core for each node',
      max: 0.1,
      value: worst(ours(rest).flatMap((row) => median(row, 'corePercentPerNode') ?? [])),
    },
    {
      text: 'memory of a link beyond bare ws, KiB',
      max: 15,
      value:
        linkBytes === undefined || bareBytes === undefined
          ? undefined
          : (linkBytes - bareBytes) / 1024,
    },
  ]
}

/** The aims as a Markdown table. */
export function writeAims(results: Results): string {
  const lines = aimsOf(results).map(({ text, max, value }) => {
    const verdict = value === undefined ? 'not measured' : value <= max ? 'met' : '**not met**'
    const measured = value === undefined ? '' : String(Number(value.toPrecision(3)))
    return `| ${text} | ${max} | ${measured} | ${verdict} |`
  })
  return ['| aim | at most | measured | |', '| --- | --- | --- | --- |', ...lines].join('\n')
}

function ours(section: Section | undefined): readonly Row[] {
  return (section?.rows ?? []).filter(({ system }) => system === 'fullmesh')
}

function medianRatioToBareWs(section: Section | undefined, row: Row): number | undefined {
  return section && ratioToBareWs(section, row, 'seconds')?.median
}

/** Our seconds over theirs; a system that was never complete is behind without a number. */
function ratioOf(
  section: Section | undefined,
  key: Pick<Row, 'task' | 'system' | 'nodes'>,
  other: string,
): number | undefined {
  const [own, their] = [key.system, other].map(
    (system) => rowOf(section, { ...key, system })?.figures['seconds'] ?? [],
  )
  const ratios = pairedRatios(
    (own ?? []).map((value) => value ?? undefined),
    (their ?? []).map((value) => value ?? undefined),
  )
  return summary(ratios)?.median
}

function median(row: Row, figure: string): number | undefined {
  return summary(valuesOf(row, figure))?.median
}

function worst(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
