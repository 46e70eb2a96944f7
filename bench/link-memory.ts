/** What one link takes of the memory of a node: how its heap grows from a small mesh to a large. */

import { distinct, rowOf, type Section, valuesOf } from './results.ts'
import { lineThrough, summary } from './statistics.ts'

/** Bytes a link; undefined when the system was measured at fewer than two sizes. */
export function perLink(section: Section, system: string): number | undefined {
  const points = distinct(section.rows, 'nodes').flatMap((nodes): [number, number][] => {
    const row = rowOf(section, { task: 'memory', system, nodes })
    const heap = summary(valuesOf(row, 'heapBytes'))
    return heap === undefined ? [] : [[nodes - 1, heap.median]]
  })
  return points.length < 2 ? undefined : lineThrough(points).slope
}
