/** The figures at a glance: how much of the mesh is there, how quick it is, what it carries. */

import type { Status } from '../../status.ts'
import type { Graph } from './graph.ts'
import { ago, milliseconds, NOTHING } from './text-formats.ts'
import type { Trends } from './trends.ts'

export interface Figure {
  readonly label: string
  readonly value: string
  /** Of how many, ` of 10`, or the unit. */
  readonly of: string
  readonly isShort: boolean
  /** Which of the trends it has. */
  readonly trend?: keyof Trends
}

/** @param perSecond undefined until it was measured */
export function figuresOf(
  status: Status,
  { counts, pairs }: Graph,
  perSecond: number | undefined,
  nowMs: number,
): readonly Figure[] {
  const { peers, log } = status
  const { connected, expected } = membersOf(status)
  const standing = counts.own + counts.mutual + counts.half
  const lacking = counts.missing + counts.absent
  const unknown = pairs - standing - lacking
  const trip = medianTrip(peers)
  const [tripValue = NOTHING, tripUnit = ''] =
    trip === undefined ? [] : milliseconds(trip).split(' ')
  return [
    {
      label: 'Nodes',
      value: grouped(connected),
      of: ` of ${grouped(expected)}`,
      isShort: connected < expected,
    },
    {
      label: 'Connections',
      value: grouped(standing),
      of: ` of ${grouped(pairs)} pairs${unknown > 0 ? `, ${grouped(unknown)} unknown` : ''}`,
      isShort: lacking > 0,
    },
    {
      label: 'Median round trip',
      value: tripValue,
      of: tripUnit && ` ${tripUnit}`,
      isShort: false,
      trend: 'roundTrip',
    },
    {
      label: 'Messages',
      value: perSecond === undefined ? NOTHING : rate(perSecond),
      of: perSecond === undefined ? '' : ' /s',
      isShort: false,
      trend: 'messages',
    },
    {
      label: 'Last change',
      value: ago(log.at(-1)?.at ?? '', nowMs) || NOTHING,
      of: '',
      isShort: false,
    },
  ]
}

/** How many nodes this one is connected to, itself included, and how many there should be. */
export function membersOf({ peers }: Status) {
  return {
    connected: peers.filter(({ state }) => state === 'connected').length + 1,
    expected: peers.filter(({ state }) => state !== 'gone').length + 1,
  }
}

/** Of the peers whose round trip was measured, in ms. */
export function medianTrip(peers: Status['peers']): number | undefined {
  return median(peers.flatMap(({ link }) => link?.roundTripMs ?? []))
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return low === undefined || high === undefined ? undefined : (low + high) / 2
}

function rate(perSecond: number): string {
  return perSecond > 0 && perSecond < 10
    ? String(Number(perSecond.toFixed(1)))
    : grouped(Math.round(perSecond))
}

function grouped(value: number): string {
  return value.toLocaleString('en')
}
