/** Who dials whom when two nodes hear of each other at the same time. Pure. */

import type { Address } from './address.ts'

/**
 * Whether we dial at once, and the other waits a little: true at exactly one of the two. Nodes that
 * start together learn of each other together, and without this a fifth of all pairs dial each
 * other at the same moment. A hash decides, so that every node dials about half of the others; by
 * size alone one node would dial all of them.
 */
export function goesFirst(own: Address, other: Address): boolean {
  const isSmaller = own < other
  const hash = isSmaller ? hashOf(own, other) : hashOf(other, own)
  // A middle bit: the lowest ones of this hash depend on little more than the last characters.
  return (((hash >>> 7) & 1) === 1) === isSmaller
}

/** Java's string hash of both; any function that both ends agree on will do. */
function hashOf(smaller: Address, larger: Address): number {
  let hash = 0
  for (const text of [smaller, larger]) {
    for (let index = 0; index < text.length; index += 1) {
      hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
    }
  }
  return hash
}
