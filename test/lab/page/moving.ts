/** Draws what moves, with each frame: the attributes of a few paths, past the views. */

import { linksOf } from '../model/node-view.ts'
import { dotPaths, linePaths, type Point } from '../model/picture-paths.ts'
import type { Playground } from '../model/playground.ts'

/** Where each node is, by its number: the picture sets it. */
export const points = new Map<number, Point>()

export function drawMoving(root: HTMLElement, playground: Playground, selected: number): void {
  const pointOf = ({ index }: { readonly index: number }): Point | undefined =>
    points.get(index + 1)
  const lines = linePaths(linksOf(playground), pointOf, selected)
  const dots = dotPaths(playground.flights, playground.nowMs, pointOf)
  for (const [name, d] of Object.entries({ ...lines, ...dots })) {
    root.querySelector(`[data-moving="${name}"]`)?.setAttribute('d', d)
  }
  const clock = root.querySelector('#clock')
  if (clock !== null) clock.textContent = clockText(playground.nowMs)
}

/** Virtual time, such as `1:02.3`. */
export function clockText(ms: number): string {
  const seconds = (ms / 1000) % 60
  return `${Math.floor(ms / 60_000)}:${seconds.toFixed(1).padStart(4, '0')}`
}
