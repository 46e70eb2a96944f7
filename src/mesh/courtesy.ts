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
  return ((hash & 1) === 1) === isSmaller
}

/**
 * Java's string hash of both, with the end of MurmurHash3 (fmix32), without which addresses that
 * differ in their last digit only would nearly all fall on one side.
 */
function hashOf(smaller: Address, larger: Address): number {
  let hash = 0
  for (const text of [smaller, larger]) {
    for (let index = 0; index < text.length; index += 1) {
      hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35)
  return hash ^ (hash >>> 16)
}
