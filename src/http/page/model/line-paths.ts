/** The lines of the drawing as paths, many in one: this node alone can have a thousand. Pure. */

import { CROWD, type Graph, INDEXES_PER_LINE, LINE_KINDS, type LineKind } from './graph.ts'
import type { Place } from './layout.ts'

export interface LineGroup {
  readonly kind: LineKind | 'selected'
  readonly count: number
  readonly width: number
  readonly opacity: number
  /** Path data. */
  readonly paths: readonly string[]
}

/** Lines in one path. Painting a path takes longer than its share when it is very long. */
const LINES_PER_PATH = 256

/** The style of a kind: many lines are thinner and lighter. */
interface Look {
  /** Of a single line. */
  readonly width: number
  /** Of all of them together, when there are few and when there are many. */
  readonly opacityMax: number
  readonly opacityMin: number
}

const LOOKS: Readonly<Record<LineKind | 'selected', Look>> = {
  mutual: { width: 1.5, opacityMax: 0.55, opacityMin: 0.3 },
  half: { width: 1.5, opacityMax: 0.6, opacityMin: 0.3 },
  absent: { width: 1.25, opacityMax: 0.7, opacityMin: 0.35 },
  own: { width: 1.75, opacityMax: 0.8, opacityMin: 0.05 },
  missing: { width: 2.25, opacityMax: 1, opacityMin: 0.7 },
  selected: { width: 2.25, opacityMax: 1, opacityMin: 0.45 },
}

/** Up to this number, lines have full strength. */
const STRONG_LINES_MAX = 12

/** Others keep a trace while one node is selected. */
const DIMMED = 0.14

/** @param selected the index of a node; its lines are drawn once more, above the others */
export function lineGroups(
  graph: Graph,
  selected: number | undefined,
  places: readonly Place[],
): readonly LineGroup[] {
  const points = places.map(({ x, y }) => `${x} ${y}`)
  const isCrowd = places.length >= CROWD
  const groups = LINE_KINDS.filter(
    (kind) => !isCrowd || kind === 'missing' || (kind === 'own' && selected === undefined),
  ).map((kind) => groupOf(kind, graph.lines[kind], points, selected !== undefined))
  const { absent, missing, standing } = linesOf(graph, selected)
  return [
    ...groups,
    groupOf('absent', absent, points, false),
    groupOf('missing', missing, points, false),
    groupOf('selected', standing, points, false),
  ]
}

function groupOf(
  kind: LineGroup['kind'],
  indexes: readonly number[],
  points: readonly string[],
  isDimmed: boolean,
): LineGroup {
  const { width, opacityMax, opacityMin } = LOOKS[kind]
  const count = indexes.length / INDEXES_PER_LINE
  const strength = Math.min(Math.sqrt(STRONG_LINES_MAX / Math.max(count, 1)), 1)
  const opacity = opacityMin + (opacityMax - opacityMin) * strength
  return {
    kind,
    count,
    width: round(width * Math.max(Math.sqrt(strength), 0.4)),
    opacity: round(isDimmed ? opacity * (kind === 'missing' ? 0.5 : DIMMED) : opacity),
    paths: pathsOf(indexes, points),
  }
}

/** The connections of one node, and those that it lacks. */
function linesOf(graph: Graph, index: number | undefined) {
  const lines: Record<'absent' | 'missing' | 'standing', number[]> = {
    absent: [],
    missing: [],
    standing: [],
  }
  if (index === undefined) return lines
  for (const other of graph.nodes.keys()) {
    const kind = graph.between(index, other)
    if (kind === undefined) continue
    lines[kind === 'missing' || kind === 'absent' ? kind : 'standing'].push(index, other)
  }
  return lines
}

function pathsOf(indexes: readonly number[], points: readonly string[]): readonly string[] {
  const step = LINES_PER_PATH * INDEXES_PER_LINE
  return Array.from({ length: Math.ceil(indexes.length / step) }, (_, part) =>
    indexes
      .slice(part * step, (part + 1) * step)
      .map((index, place) => `${place % INDEXES_PER_LINE === 0 ? 'M' : 'L'}${points[index]}`)
      .join(''),
  )
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
