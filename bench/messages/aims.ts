/** The aims of messages: as fast as ws with the messages of a turn joined, or nearly. */

import { type Aim, type Found, found, ours, ratio, worst } from '../aim.ts'
import { type Row, type Section, valuesOf } from '../results.ts'
import { type BurstFigure, figureAt, type LatencyFigure, placesOf, sizeText } from './figures.ts'

const YARDSTICK = 'ws-joined'

/** Up to here a message is short, in bytes. */
const SHORT_BYTES_MAX = 128

/** Up to here nats-server is compared, in bytes. */
const MEDIUM_BYTES_MAX = 1024

/** From so many nodes on, there are many receivers. */
const MANY_NODES_MIN = 30

const OF_ONE = 'messages of one'

/** The name of the aim that is no matter of speed. */
export const ORDER_AIM = 'messages, order'

export function messageAims(section: Section | undefined): readonly Aim[] {
  const rows = ours(section)
  const few = rows.filter(({ nodes }) => nodes < MANY_NODES_MIN)
  const many = rows.filter(({ nodes }) => nodes >= MANY_NODES_MIN)
  const isShort = ({ task }: Row, bytes: number): boolean =>
    task === OF_ONE && bytes <= SHORT_BYTES_MAX
  const isMedium = (row: Row, bytes: number): boolean =>
    !isShort(row, bytes) && bytes <= MEDIUM_BYTES_MAX
  const timesUs = (
    all: readonly Row[],
    reference: string,
    figure: BurstFigure | LatencyFigure,
    isMeant: (row: Row, at: number) => boolean = () => true,
  ): readonly Found[] =>
    all.flatMap((row) =>
      placesOf(row.figures, figure)
        .filter((at) => isMeant(row, at))
        .flatMap((at) =>
          found(ratio(reference, section, row, figureAt(figure, at)), whereOf(row, figure, at)),
        ),
    )
  const rate = (isMeant: (row: Row, at: number) => boolean): Found | undefined => {
    const all = timesUs(rows, YARDSTICK, 'deliveriesPerSecond', isMeant)
    return worst(all.map(({ value, where }) => ({ value: 1 / value, where })))
  }
  const isNats = ({ task }: Row, bytes: number): boolean =>
    task === OF_ONE && bytes <= MEDIUM_BYTES_MAX
  return [
    {
      name: 'messages',
      text: `deliveries a second of ${YARDSTICK} in times of ours, up to ${SHORT_BYTES_MAX} B`,
      // Ours are to be 0.9 of them.
      max: 1.11,
      worst: rate(isShort),
    },
    {
      name: 'messages, more',
      text: `the same up to ${sizeText(MEDIUM_BYTES_MAX)}, and when all publish`,
      // Ours are to be 0.8 of them.
      max: 1.25,
      worst: rate(isMedium),
    },
    {
      name: 'messages, CPU',
      text: `CPU of a delivery, times ${YARDSTICK}`,
      max: 1.5,
      worst: worst(timesUs(rows, YARDSTICK, 'cpuMicroseconds')),
    },
    {
      name: 'messages, nats-server',
      text: 'CPU of a delivery, times nats-server, to 2 and 9 receivers',
      max: 1,
      worst: worst(timesUs(few, 'nats-server', 'cpuMicroseconds', isNats)),
    },
    {
      name: 'messages, p99',
      text: `99 % are delivered within, times ${YARDSTICK}, to 2 and 9 receivers`,
      max: 1.5,
      worst: worst(timesUs(few, YARDSTICK, 'p99Milliseconds')),
    },
    {
      name: 'messages, p99 of many',
      text: 'the same, to 29 receivers',
      max: 1,
      worst: worst(timesUs(many, YARDSTICK, 'p99Milliseconds')),
    },
    {
      name: ORDER_AIM,
      text: 'messages lost, twice or out of order',
      max: 0,
      worst: worst(rows.flatMap((row) => found(faultsOf(row), receiversOf(row)))),
    },
  ]
}

/** Undefined when none was counted. */
function faultsOf(row: Row): number | undefined {
  const all = ['lost', 'wrong'].flatMap((figure) => valuesOf(row, figure))
  return all.length === 0 ? undefined : all.reduce((sum, count) => sum + count, 0)
}

function whereOf(row: Row, figure: BurstFigure | LatencyFigure, at: number): string {
  const isBurst = figure === 'cpuMicroseconds' || figure === 'deliveriesPerSecond'
  return `${isBurst ? sizeText(at) : `${at}/s`} ${receiversOf(row)}`
}

function receiversOf({ nodes, task }: Row): string {
  return task === OF_ONE ? `to ${nodes - 1}` : `of all ${nodes}`
}
