/** The marks of nodes, as paths around 0, 0. Each state has its own shape besides its colour. */

import type { GraphNode } from './graph.ts'

/** The outline of a mark. `radius` is half its width. */
export function markPath(state: GraphNode['state'], radius: number): string {
  switch (state) {
    case 'own':
      // By the even-odd rule: a dot with a ring.
      return [0.75, 1.1, 1.4].map((part) => circle(radius * part)).join('')
    case 'connected':
      return circle(radius)
    case 'silent':
      return diamond(radius * 1.15)
    case 'attempting':
      return circle(radius * 0.85)
    case 'backing-off':
      return square(radius * 0.95)
    case 'gone':
      return cross(radius * 0.75)
    default:
      state satisfies never
      return ''
  }
}

/** A state in words. */
export const STATE_WORDS: Readonly<Record<GraphNode['state'], string>> = {
  own: 'this node',
  connected: 'connected',
  silent: 'connected, no answer',
  attempting: 'connecting',
  'backing-off': 'missing',
  gone: 'gone',
}

function circle(radius: number): string {
  const [r, d] = [round(radius), round(2 * radius)]
  return `M${-r} 0a${r} ${r} 0 1 0 ${d} 0a${r} ${r} 0 1 0 ${-d} 0z`
}

function square(half: number): string {
  const [h, width] = [round(half), round(2 * half)]
  return `M${-h} ${-h}h${width}v${width}h${-width}z`
}

function diamond(half: number): string {
  const h = round(half)
  return `M${-h} 0L0 ${-h}L${h} 0L0 ${h}z`
}

function cross(half: number): string {
  const [h, width] = [round(half), round(2 * half)]
  return `M${-h} ${-h}l${width} ${width}M${h} ${-h}l${-width} ${width}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
