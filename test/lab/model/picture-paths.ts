/** The lines and the dots of the picture, as SVG paths: one path for all of a kind. */

import type { Flight } from '../../sim/network.ts'
import type { Place } from '../../sim/place.ts'
import type { LinkState, LinkView } from './node-view.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where the mark of a place is. */
export type PointOf = (place: Place) => Point | undefined

/** The kinds of dots; each has its own shape besides its colour. */
export const DOT_KINDS = ['dial', 'upgrade', 'handshake', 'message', 'close', 'other'] as const
export type DotKind = (typeof DOT_KINDS)[number]

/** How far the line of one of several connections is bent, in px. */
const BEND = 16

export function kindOf({ packet }: Flight): DotKind {
  switch (packet.kind) {
    case 'dial':
      return 'dial'
    case 'request':
    case 'upgraded':
      return 'upgrade'
    case 'close':
    case 'reset':
      return 'close'
    case 'ping':
    case 'pong':
      return 'other'
    case 'text':
      if (packet.text.startsWith('{"type":"HANDSHAKE"')) return 'handshake'
      return packet.text.startsWith('{"type":"EVENTS"') ? 'message' : 'other'
    default:
      return packet satisfies never
  }
}

/** The dots under way at this moment, by kind. */
export function dotPaths(
  flights: readonly Flight[],
  nowMs: number,
  pointOf: PointOf,
): Readonly<Record<DotKind, string>> {
  const paths = { dial: '', upgrade: '', handshake: '', message: '', close: '', other: '' }
  for (const flight of flights) {
    const [from, to] = [pointOf(flight.from), pointOf(flight.to)]
    if (from === undefined || to === undefined) continue
    const { sentMs, arrivalMs } = flight
    const part = Math.min(1, Math.max(0, (nowMs - sentMs) / Math.max(arrivalMs - sentMs, 1)))
    const kind = kindOf(flight)
    const [x, y] = [from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)]
    paths[kind] += `M${x.toFixed(1)} ${y.toFixed(1)}${SHAPES[kind]}`
  }
  return paths
}

/** Each shape around the place where its path is. */
export const SHAPES: Readonly<Record<DotKind, string>> = {
  dial: 'm0-5l4.5 8h-9z',
  upgrade: circle(4),
  handshake: circle(6),
  message: 'm0-6l6 6l-6 6l-6-6z',
  close: 'm-5-5l10 10m0-10l-10 10',
  other: circle(2.5),
}

function circle(r: number): string {
  return `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}

/** The lines of connections, by state; those of one node are apart. */
export function linePaths(
  links: readonly LinkView[],
  pointOf: PointOf,
  selected: number,
): Readonly<Record<LinkState | 'own', string>> {
  const counts = new Map<string, number>()
  const keyOf = ({ from, to }: LinkView): string =>
    [from.index, to.index].sort((a, b) => a - b).join()
  for (const link of links) counts.set(keyOf(link), 1 + (counts.get(keyOf(link)) ?? 0))
  const drawn = new Map<string, number>()
  const paths = { opening: '', open: '', dead: '', own: '' }
  for (const link of links) {
    const [from, to] = [pointOf(link.from), pointOf(link.to)]
    if (from === undefined || to === undefined) continue
    const key = keyOf(link)
    const nth = drawn.get(key) ?? 0
    drawn.set(key, nth + 1)
    const bend = BEND * (nth - ((counts.get(key) ?? 1) - 1) / 2)
    // The same side for both ends, whoever dialed.
    const sign = link.from.index < link.to.index ? 1 : -1
    const isOwn = link.state === 'open' && [link.from.index, link.to.index].includes(selected - 1)
    paths[isOwn ? 'own' : link.state] += lineBetween(from, to, 2 * bend * sign)
  }
  return paths
}

function lineBetween(from: Point, to: Point, bend: number): string {
  const start = `M${from.x} ${from.y}`
  if (bend === 0) return `${start}L${to.x} ${to.y}`
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const x = (from.x + to.x) / 2 - ((to.y - from.y) / length) * bend
  const y = (from.y + to.y) / 2 + ((to.x - from.x) / length) * bend
  return `${start}Q${x.toFixed(1)} ${y.toFixed(1)} ${to.x} ${to.y}`
}
