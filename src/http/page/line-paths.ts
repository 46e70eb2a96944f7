/** The lines of the drawing, many in one path, because 200 nodes have 19,900. */

import { setAttributes, svg } from './elements.ts'
import { INDEXES_PER_LINE, LINE_KINDS, type LineKind, type Lines } from './graph.ts'
import type { Place } from './layout.ts'

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

const LOOKS: Readonly<Record<LineKind, Look>> = {
  mutual: { width: 1.5, opacityMax: 0.6, opacityMin: 0.16 },
  half: { width: 1.5, opacityMax: 0.6, opacityMin: 0.2 },
  absent: { width: 1.25, opacityMax: 0.6, opacityMin: 0.25 },
  own: { width: 2, opacityMax: 0.95, opacityMin: 0.4 },
  missing: { width: 2.5, opacityMax: 1, opacityMin: 0.6 },
}

/** Up to this number, lines have full strength. */
const STRONG_LINES_MAX = 12

/** Draws all lines; changes only what differs. */
export class LinePaths {
  readonly element = svg('svg', { class: 'lines', 'aria-hidden': 'true' })
  readonly #groups = new Map<string, SVGGElement>()

  constructor() {
    for (const kind of [...LINE_KINDS, 'selected']) {
      const group = svg('g', { class: kind })
      this.#groups.set(kind, group)
      this.element.append(group)
    }
  }

  /** @param selected those of the selected node: drawn once more, above the others */
  show(lines: Lines, selected: readonly number[], places: readonly Place[]): void {
    const points = places.map(({ x, y }) => `${x} ${y}`)
    for (const kind of LINE_KINDS) {
      const { width, opacityMax, opacityMin } = LOOKS[kind]
      const count = lines[kind].length / INDEXES_PER_LINE
      const strength = Math.min(Math.sqrt(STRONG_LINES_MAX / Math.max(count, 1)), 1)
      this.#fill(kind, lines[kind], points, {
        opacity: round(opacityMin + (opacityMax - opacityMin) * strength),
        'stroke-width': round(width * Math.max(Math.sqrt(strength), 0.35)),
      })
    }
    this.#fill('selected', selected, points, { 'stroke-width': points.length > 60 ? 1 : 2.5 })
  }

  #fill(
    kind: string,
    indexes: readonly number[],
    points: readonly string[],
    look: Readonly<Record<string, number>>,
  ): void {
    const group = this.#groups.get(kind)
    if (group === undefined) return
    setAttributes(group, look)
    const texts = pathTexts(indexes, points)
    while (group.childElementCount > texts.length) group.lastElementChild?.remove()
    for (const [index, d] of texts.entries()) {
      const path = group.children[index] ?? group.appendChild(svg('path'))
      setAttributes(path, { d })
    }
  }
}

function pathTexts(indexes: readonly number[], points: readonly string[]): readonly string[] {
  const texts: string[] = []
  for (let at = 0; at < indexes.length; at += LINES_PER_PATH * INDEXES_PER_LINE) {
    let text = ''
    for (const [place, index] of indexes
      .slice(at, at + LINES_PER_PATH * INDEXES_PER_LINE)
      .entries()) {
      text += `${place % INDEXES_PER_LINE === 0 ? 'M' : 'L'}${points[index]}`
    }
    texts.push(text)
  }
  return texts
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
