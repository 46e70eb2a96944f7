/** The lines and the dots of the picture, as SVG paths: one path for all of a kind. Pure. */

import type { Flight } from '../../sim/network.ts'
import type { Place } from '../../sim/place.ts'
import { directionOf, type LinkState, type LinkView, pairOf } from './link-view.ts'
import type { FlightOfLink } from './under-way.ts'

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
const BEND = 22

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

/** The dots under way at this moment, by kind: each on the line of its connection. */
export function dotPaths(
  flights: readonly FlightOfLink[],
  nowMs: number,
  places: { readonly pointOf: PointOf; readonly curveOf: CurveOf },
  shapes: Shapes,
): Readonly<Record<DotKind, string>> {
  const paths = { dial: '', upgrade: '', handshake: '', message: '', close: '', other: '' }
  for (const flight of flights) {
    const [from, to] = [places.pointOf(flight.from), places.pointOf(flight.to)]
    if (from === undefined || to === undefined) continue
    const { sentMs, arrivalMs } = flight
    const part = Math.min(1, Math.max(0, (nowMs - sentMs) / Math.max(arrivalMs - sentMs, 1)))
    const kind = kindOf(flight)
    const curve = places.curveOf(flight)
    const isBack = curve !== undefined && curve.link.from !== flight.from
    const line = curve ?? { from, to, control: undefined }
    const { x, y } = pointOn(line, isBack ? 1 - part : part)
    paths[kind] += `M${x.toFixed(1)} ${y.toFixed(1)}${shapes[kind]}`
  }
  return paths
}

/** The line that a packet moves on; undefined when none is drawn. */
export type CurveOf = (flight: FlightOfLink) => Curve | undefined

export function curveFinder(curves: readonly Curve[]): CurveOf {
  const dialing = new Map<number, Curve>()
  const byEnd = new Map<object, Curve>()
  for (const curve of curves) {
    for (const { from, to, state, end } of curve.links) {
      if (end !== undefined) byEnd.set(end, curve)
      if (state === 'opening') dialing.set(directionOf({ from, to }), curve)
    }
  }
  return (flight) => {
    if (flight.packet.kind === 'dial') return dialing.get(directionOf(flight))
    return flight.dialerEnd && byEnd.get(flight.dialerEnd)
  }
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

/** Where a line runs. */
interface Line {
  readonly from: Point
  readonly to: Point
  /** The point that a bent line is drawn to; undefined for a straight one. */
  readonly control: Point | undefined
}

/** The line of a connection, or of all dead ones of two nodes. */
export interface Curve extends Line {
  readonly link: LinkView
  /** All that the line stands for. */
  readonly links: readonly LinkView[]
}

/**
 * The lines of connections; several of two nodes lie side by side, in an order that stays while
 * they open and close. The dead ones of two nodes are one line: a node that is frozen leaves many.
 */
export function curvesOf(links: readonly LinkView[], pointOf: PointOf): readonly Curve[] {
  const byPair = new Map<number, LinkView[]>()
  for (const link of links) {
    const ofPair = byPair.get(pairOf(link))
    if (ofPair === undefined) byPair.set(pairOf(link), [link])
    else ofPair.push(link)
  }
  return [...byPair.values()].flatMap((ofPair) => {
    const lanes = lanesOf(ofPair)
    return lanes.flatMap((lane, nth) => {
      const [link] = lane
      const [from, to] = [link && pointOf(link.from), link && pointOf(link.to)]
      if (link === undefined || from === undefined || to === undefined) return []
      const bend = BEND * (nth - (lanes.length - 1) / 2)
      // The same side for both ends, whoever dialed.
      const sign = link.from.index < link.to.index ? 1 : -1
      const control = bend === 0 ? undefined : controlOf(from, to, bend * sign)
      return [{ link, links: lane, from, to, control }]
    })
  })
}

/** The connections of two nodes, by line. */
function lanesOf(links: readonly LinkView[]): readonly (readonly LinkView[])[] {
  const sorted = links.toSorted((a, b) => a.from.index - b.from.index)
  const dead = sorted.filter(({ state }) => state === 'dead')
  const [first] = dead
  return sorted
    .filter((link) => link.state !== 'dead' || link === first)
    .map((link) => (link === first ? dead : [link]))
}

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
  const paths = { opening: '', open: '', closing: '', dead: '', own: '' }
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

function distanceTo(curve: Line, point: Point): number {
  if (curve.control === undefined) return distanceToLine(curve.from, curve.to, point)
  const steps = Array.from({ length: PARTS }, (_, step) => step)
  const distances = steps.map((step) => {
    const [start, end] = [pointOn(curve, step / PARTS), pointOn(curve, (step + 1) / PARTS)]
    return distanceToLine(start, end, point)
  })
  return Math.min(...distances)
}

/** The point of a line after this part of it, from 0 to 1. */
function pointOn({ from, to, control }: Line, part: number): Point {
  const middle = control ?? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
  const rest = 1 - part
  const on = (a: number, b: number, c: number) =>
    rest * rest * a + 2 * rest * part * b + part * part * c
  return { x: on(from.x, middle.x, to.x), y: on(from.y, middle.y, to.y) }
}

function distanceToLine(from: Point, to: Point, { x, y }: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const along = ((x - from.x) * dx + (y - from.y) * dy) / Math.max(dx * dx + dy * dy, 1)
  const part = Math.min(Math.max(along, 0), 1)
  return Math.hypot(x - from.x - part * dx, y - from.y - part * dy)
}
