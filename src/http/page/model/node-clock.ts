/** How far the clock of the node is from that of the reader. Pure. */

/** A header of HTTP has whole seconds, and comes late. */
const RESOLUTION_MS = 2000

/**
 * How far the clock of the node is ahead of the reader's, in ms; 0 for what is too little to tell.
 *
 * @param date the header `Date` of a response that has just come; null when it has none
 */
export function clockAhead(date: string | null, nowMs: number): number {
  const aheadMs = Date.parse(date ?? '') - nowMs
  return Math.abs(aheadMs) >= RESOLUTION_MS ? aheadMs : 0
}
