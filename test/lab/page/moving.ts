/** Draws what moves, past the views: with each frame, only what is not as it was. */

import { type LinkView, linksOf } from '../model/link-view.ts'
import {
  type Curve,
  type CurveOf,
  curveFinder,
  curvePath,
  curvesOf,
  dotPaths,
  linePaths,
  nearestCurve,
  type Point,
  type PointOf,
  SHAPES,
  SMALL_SHAPES,
} from '../model/picture-paths.ts'
import type { Playground } from '../model/playground.ts'
import { NODES_MAX } from '../model/scene.ts'

/** More nodes have thin lines, but for those of the selected one, and small dots. */
export const FEW_NODES = 12

/** How far from a line a pointer is on it, in px. */
const REACH = 8

export class Moving {
  /** Where each node is, by its number. */
  #points: ReadonlyMap<number, Point> = new Map()
  #links: readonly LinkView[] | undefined
  #curves: readonly Curve[] = []
  #curveOf: CurveOf = () => undefined
  /** The line under the pointer. */
  #pointed: LinkView | undefined
  /** Of which node the lines are apart. */
  #selected = 0
  /** What each element has. */
  readonly #drawn = new WeakMap<Element, string>()

  /** The nodes have these places from now on. */
  place(points: ReadonlyMap<number, Point>): void {
    if (areSamePoints(points, this.#points)) return
    this.#points = points
    this.#links = undefined
  }

  /** The connection at this point, if it can be cut, which is drawn as one that can. */
  point(at: Point | undefined): LinkView | undefined {
    const whole = this.#curves.filter(({ link }) => canBeCut(link))
    this.#pointed = at && nearestCurve(whole, at, REACH)?.link
    return this.#pointed
  }

  draw(root: HTMLElement, playground: Playground, selected: number): void {
    const pointOf: PointOf = ({ index }) => this.#points.get(index + 1)
    const links = linksOf(playground)
    if (selected !== this.#selected || !areSame(links, this.#links)) {
      this.#links = links
      this.#selected = selected
      this.#curves = curvesOf(links, pointOf)
      this.#curveOf = curveFinder(this.#curves)
      this.#set(root, linePaths(this.#curves, selected))
    }
    const shapes = this.#points.size > FEW_NODES ? SMALL_SHAPES : SHAPES
    const { from, to } = this.#pointed ?? {}
    const pointed = this.#curves.filter(({ link }) => link.from === from && link.to === to)
    this.#set(root, {
      ...dotPaths(
        playground.flights,
        playground.nowMs,
        { pointOf, curveOf: this.#curveOf },
        shapes,
      ),
      pointed: pointed.map(curvePath).join(''),
    })
    const clock = root.querySelector('#clock')
    const text = clockText(playground.nowMs)
    if (clock !== null && clock.textContent !== text) clock.textContent = text
  }

  #set(root: HTMLElement, paths: Readonly<Record<string, string>>): void {
    for (const [name, d] of Object.entries(paths)) {
      const element = root.querySelector(`[data-moving="${name}"]`)
      if (element === null || this.#drawn.get(element) === d) continue
      this.#drawn.set(element, d)
      element.setAttribute('d', d)
    }
  }
}

function areSamePoints(
  points: ReadonlyMap<number, Point>,
  others: ReadonlyMap<number, Point>,
): boolean {
  return (
    points.size === others.size &&
    [...points].every(([number, { x, y }]) => {
      const other = others.get(number)
      return x === other?.x && y === other.y
    })
  )
}

/** A step names nodes, and strangers have no number. */
function canBeCut({ from, to, state, end }: LinkView): boolean {
  const isWhole = end !== undefined && (state === 'open' || state === 'opening')
  return isWhole && Math.max(from.index, to.index) < NODES_MAX
}

function areSame(links: readonly LinkView[], others: readonly LinkView[] | undefined): boolean {
  return (
    links.length === others?.length &&
    links.every(({ from, to, state, end }, index) => {
      const other = others?.[index]
      if (end !== other?.end || state !== other?.state) return false
      return from === other.from && to === other.to
    })
  )
}

/** Virtual time, such as `1:02.3`. */
export function clockText(ms: number): string {
  const seconds = (ms / 1000) % 60
  return `${Math.floor(ms / 60_000)}:${seconds.toFixed(1).padStart(4, '0')}`
}
