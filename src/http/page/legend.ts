/** What marks and lines mean. */

import { html, svg } from './elements.ts'
import type { GraphNode, LineKind } from './graph.ts'
import { markPath, STATE_WORDS } from './node-marks.ts'

const STATES: readonly GraphNode['state'][] = [
  'own',
  'connected',
  'attempting',
  'backing-off',
  'gone',
]

const LINES: readonly (readonly [LineKind, string])[] = [
  ['own', 'own connection'],
  ['mutual', 'other connection'],
  ['half', 'at one end only'],
  ['missing', 'missing'],
]

/** Fills a list with all marks and lines of the drawing. */
export function fillLegend(list: HTMLElement): void {
  for (const state of STATES) {
    const mark = svg('path', { class: 'mark', d: markPath(state, 6), transform: 'translate(14 9)' })
    list.append(entry(svg('g', { class: state }, mark), STATE_WORDS[state]))
  }
  for (const [kind, words] of LINES) {
    const line = svg('path', { d: 'M1 9H27', 'stroke-width': 2 })
    list.append(entry(svg('g', { class: 'lines' }, svg('g', { class: kind }, line)), words))
  }
}

function entry(symbol: SVGElement, words: string): HTMLElement {
  const picture = svg('svg', { width: 28, height: 18, 'aria-hidden': 'true' }, symbol)
  return html('li', {}, picture, html('span', {}, words))
}
