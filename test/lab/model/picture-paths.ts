/** The lines and the dots of the picture, as SVG paths: one path for all of a kind. Pure. */

import type { Flight } from '../../sim/network.ts'
import type { Place } from '../../sim/place.ts'
import type { LinkState, LinkView } from './node-view.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** Where the mark of a place is. */
export type PointOf = (place: Place) => Point | undefined

/** The kinds of dots; each has its own shape besides its colour, and most are no mark of a node. */
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
  shapes: Shapes,
): Readonly<Record<DotKind, string>> {
  const paths = { dial: '', upgrade: '', handshake: '', message: '', close: '', other: '' }
  for (const flight of flights) {
    const [from, to] = [pointOf(flight.from), pointOf(flight.to)]
    if (from === undefined || to === undefined) continue
    const { sentMs, arrivalMs } = flight
    const part = Math.min(1, Math.max(0, (nowMs - sentMs) / Math.max(arrivalMs - sentMs, 1)))
    const kind = kindOf(flight)
    const [x, y] = [from.x + part * (to.x - from.x), from.y + part * (to.y - from.y)]
    paths[kind] += `M${x.toFixed(1)} ${y.toFixed(1)}${shapes[kind]}`
  }
  return paths
}

/** Each shape around the place where its path is. */
export type Shapes = Readonly<Record<DotKind, string>>

export const SHAPES: Shapes = shapesOf(1)

/** For so many nodes that large dots would hide them. */
export const SMALL_SHAPES: Shapes = shapesOf(0.5)

function shapesOf(size: number): Shapes {
  const [five, six, ten] = [5 * size, 6 * size, 10 * size]
  return {
    dial: triangle(size),
    upgrade: triangle(size),
    handshake: circle(6 * size),
    message: `m0 -${six}l${six} ${six}l-${six} ${six}l-${six} -${six}z`,
    close: `m-${five} -${five}l${ten} ${ten}m0 -${ten}l-${ten} ${ten}`,
    other: circle(2.5 * size),
  }
}

/** It points down: the mark of a stranger points up. */
function triangle(size: number): string {
  return `m0 ${5 * size}l${4.5 * size} -${8 * size}h-${9 * size}z`
}

function circle(r: number): string {
  return `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}

/** The line of a connection. */
export interface Curve {
  readonly link: LinkView
  readonly from: Point
  readonly to: Point
  /** The point that a bent line is drawn to; undefined for a straight one. */
  readonly control: Point | undefined
}

/** The lines of connections; several of two nodes lie side by side. */
export function curvesOf(links: readonly LinkView[], pointOf: PointOf): readonly Curve[] {
  const counts = new Map<number, number>()
  for (const link of links) counts.set(pairOf(link), 1 + (counts.get(pairOf(link)) ?? 0))
  const placed = new Map<number, number>()
  return links.flatMap((link) => {
    const [from, to] = [pointOf(link.from), pointOf(link.to)]
    if (from === undefined || to === undefined) return []
    const pair = pairOf(link)
    const nth = placed.get(pair) ?? 0
    placed.set(pair, nth + 1)
    const bend = BEND * (nth - ((counts.get(pair) ?? 1) - 1) / 2)
    // The same side for both ends, whoever dialed.
    const sign = link.from.index < link.to.index ? 1 : -1
    return [{ link, from, to, control: bend === 0 ? undefined : controlOf(from, to, bend * sign) }]
  })
}

/** A number for two nodes, whoever dialed. */
function pairOf({ from, to }: LinkView): number {
  return Math.min(from.index, to.index) * INDEXES + Math.max(from.index, to.index)
}

/** More than any place has as its index. */
const INDEXES = 10_000

function controlOf(from: Point, to: Point, bend: number): Point {
  const part = (2 * bend) / Math.hypot(to.x - from.x, to.y - from.y)
  const x = (from.x + to.x) / 2 - (to.y - from.y) * part
  return { x, y: (from.y + to.y) / 2 + (to.x - from.x) * part }
}

/** The lines as paths, by state; those of one node are apart. */
export function linePaths(
  curves: readonly Curve[],
  selected: number,
): Readonly<Record<LinkState | 'own', string>> {
  const paths = { opening: '', open: '', dead: '', own: '' }
  for (const curve of curves) {
    const { state, from, to } = curve.link
    const isOwn = state === 'open' && [from.index, to.index].includes(selected - 1)
    paths[isOwn ? 'own' : state] += curvePath(curve)
  }
  return paths
}

export function curvePath({ from, to, control }: Curve): string {
  const end = `${to.x} ${to.y}`
  if (control === undefined) return `M${from.x} ${from.y}L${end}`
  return `M${from.x} ${from.y}Q${control.x.toFixed(1)} ${control.y.toFixed(1)} ${end}`
}

/** The line that is nearest to a point, and at most so many px from it. */
export function nearestCurve(
  curves: readonly Curve[],
  point: Point,
  reach: number,
): Curve | undefined {
  let nearest: Curve | undefined
  let least = reach
  for (const curve of curves) {
    const distance = distanceTo(curve, point)
    if (distance > least) continue
    least = distance
    nearest = curve
  }
  return nearest
}

/** A bent line is taken for so many straight ones. */
const PARTS = 8

function distanceTo({ from, to, control }: Curve, point: Point): number {
  if (control === undefined) return distanceToLine(from, to, point)
  const at = (step: number): Point => {
    const [t, rest] = [step / PARTS, 1 - step / PARTS]
    const on = (a: number, b: number, c: number) => rest * rest * a + 2 * rest * t * b + t * t * c
    return { x: on(from.x, control.x, to.x), y: on(from.y, control.y, to.y) }
  }
  const steps = Array.from({ length: PARTS }, (_, step) => step)
  return Math.min(...steps.map((step) => distanceToLine(at(step), at(step + 1), point)))
}

function distanceToLine(from: Point, to: Point, { x, y }: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const along = ((x - from.x) * dx + (y - from.y) * dy) / Math.max(dx * dx + dy * dy, 1)
  const part = Math.min(Math.max(along, 0), 1)
  return Math.hypot(x - from.x - part * dx, y - from.y - part * dy)
}
