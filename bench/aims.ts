/** The aims of the project, and whether the results reach them. */

import { type Aim, found, ours, ratio, worst } from './aim.ts'
import { perLink } from './link-memory.ts'
import { shown, table } from './markdown.ts'
import { messageAims } from './messages/aims.ts'
import { type Results, type Row, type Section, valuesOf } from './results.ts'
import { BASELINE } from './start.ts'
import { summary } from './statistics.ts'
import type { MeshSystemName } from './systems/system.ts'

/** What of a formation has aims, by its name in the raw figures. */
const FORMATION_FIGURES = { seconds: 'seconds', cpuSeconds: 'CPU' } as const

/** Up to here the aim is nearer to bare-ws than beyond. */
const MEDIUM_NODES_MAX = 100

/** From this size on, the aim is to be faster than nats-server, where bare-ws is. */
const AHEAD_NODES_MIN = 20

/** All aims with their values, the worst where there are several. */
export function aimsOf(results: Results): readonly Aim[] {
  const { start, formation, rejoin, rest, memory, messages } = results
  const formed = (
    ratioOf: (row: Row, figure: string) => number | undefined,
    isMeant: (row: Row) => boolean,
  ) =>
    worst(
      (formation?.rows ?? [])
        .filter(isMeant)
        .flatMap((row) =>
          Object.entries(FORMATION_FIGURES).flatMap(([figure, name]) =>
            found(ratioOf(row, figure), `${name} of ${row.nodes}`),
          ),
        ),
    )
  const times = (reference: string) => (row: Row, figure: string) =>
    ratio(reference, formation, row, figure)
  const isOf = (name: MeshSystemName) => (row: Row) => row.system === name
  const isOurs = isOf('fullmesh')
  const back = (task: string) =>
    worst(
      ours(rejoin)
        .filter((row) => row.task === task)
        .flatMap((row) => found(ratio('bare-ws', rejoin, row, 'seconds'), `of ${row.nodes}`)),
    )
  const isAhead = (row: Row) =>
    row.nodes >= AHEAD_NODES_MIN &&
    (ratio('nats-server', formation, { ...row, system: 'bare-ws' }, 'seconds') ?? 1) < 1
  return [
    {
      name: 'plain',
      text: 'formation, times plain, every size',
      max: 0.95,
      worst: formed(times('plain'), isOurs),
    },
    {
      name: 'bare-ws',
      text: `formation, times bare-ws, up to ${MEDIUM_NODES_MAX}`,
      max: 1.3,
      worst: formed(times('bare-ws'), (row) => isOurs(row) && row.nodes <= MEDIUM_NODES_MAX),
    },
    {
      name: 'bare-ws, large',
      text: `formation, times bare-ws, beyond ${MEDIUM_NODES_MAX}`,
      max: 1.6,
      worst: formed(times('bare-ws'), (row) => isOurs(row) && row.nodes > MEDIUM_NODES_MAX),
    },
    {
      name: 'bare-ws, better',
      text: 'the same, better: every size',
      max: 1,
      worst: formed(times('bare-ws'), isOurs),
    },
    {
      name: 'secret',
      text: 'formation with a secret, times without',
      max: 1.1,
      worst: formed(times('fullmesh'), isOf('fullmesh-secret')),
    },
    {
      name: 'wss',
      text: 'formation over TLS in times of bare-wss, over what it is without in times of bare-ws',
      max: 1,
      worst: formed((row, figure) => {
        const open = times('bare-ws')({ ...row, system: 'fullmesh' }, figure)
        const encrypted = times('bare-wss')(row, figure)
        return open === undefined || encrypted === undefined ? undefined : encrypted / open
      }, isOf('fullmesh-wss')),
    },
    {
      name: 'nats-server',
      text: `formation, times nats-server, from ${AHEAD_NODES_MIN} on, where bare-ws is faster`,
      max: 1,
      worst: worst(
        ours(formation)
          .filter(isAhead)
          .flatMap((row) =>
            found(ratio('nats-server', formation, row, 'seconds'), `seconds of ${row.nodes}`),
          ),
      ),
    },
    {
      name: 'start',
      text: `start, times ${BASELINE}`,
      max: 2,
      worst: worst(
        ours(start).flatMap((row) => found(ratio(BASELINE, start, row, 'milliseconds'))),
      ),
    },
    {
      name: 'rejoin of one',
      text: 'rejoin of one, times bare-ws',
      max: 1.1,
      worst: back('rejoin one'),
    },
    {
      name: 'rejoin of half',
      text: 'rejoin of half, times bare-ws',
      max: 1.4,
      worst: back('rejoin half'),
    },
    {
      name: 'rest',
      text: 'at rest, % of a core for each node',
      max: 0.05,
      worst: worst(
        ours(rest).flatMap((row) => found(median(row, 'corePercentPerNode'), `of ${row.nodes}`)),
      ),
    },
    {
      name: 'memory',
      text: 'memory of a link beyond bare-ws, KiB',
      max: 6,
      worst: worst(found(kibibytesBeyondBareWs(memory))),
    },
    ...messageAims(messages),
  ]
}

export function isMet({ worst, max }: Aim): boolean | undefined {
  return worst && worst.value <= max
}

/** The aims as a Markdown table. */
export function writeAims(results: Results): string {
  const lines = aimsOf(results).map((aim) => {
    const { name, text, max, worst } = aim
    const verdict = { true: 'met', false: '**not met**', undefined: 'not measured' }
    return [
      name,
      text,
      String(max),
      shown(worst?.value),
      worst?.where ?? '',
      verdict[`${isMet(aim)}`],
    ]
  })
  return table(['aim', '', 'at most', 'measured', 'worst at', ''], lines)
}

function median(row: Row, figure: string): number | undefined {
  return summary(valuesOf(row, figure))?.median
}

function kibibytesBeyondBareWs(memory: Section | undefined): number | undefined {
  const [own, bare] = ['fullmesh', 'bare-ws'].map((name) => memory && perLink(memory, name))
  return own === undefined || bare === undefined ? undefined : (own - bare) / 1024
}
