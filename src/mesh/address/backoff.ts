/**
 * The formulas of random, growing pauses. address-book.ts decides when each is used, and when an
 * address is forgotten; the default values are in timings.ts.
 */

import type { Timings } from '../timings.ts'

/** How a pause departs from the usual one. */
export interface RedialOptions {
  /** By how much the bound starts lower; it doubles all the same. Default 1. */
  readonly firstDivisor?: number
  /** The shortest pause, in ms; the bound is twice as long at least. Default 0. */
  readonly leastMs?: number
}

/**
 * Exponential backoff with full jitter: a random time between `leastMs` and a bound that starts at
 * `redialMinMs` and doubles with each failure up to `redialMaxMs`. Full jitter spreads nodes
 * that lost one peer at the same moment best (Brooker, "Exponential Backoff And Jitter", AWS 2015).
 *
 * @param failures failures in a row, from 1 up; 0 counts as 1
 * @param random a number from 0 up to, not including, 1
 */
export function redialDelayMs(
  failures: number,
  random: number,
  timings: Timings,
  { firstDivisor = 1, leastMs = 0 }: RedialOptions = {},
): number {
  const doublings = Math.max(0, failures - 1)
  const firstMs = timings.redialMinMs / firstDivisor
  const boundMs = Math.max(2 * leastMs, firstMs * 2 ** doublings)
  const mostMs = Math.min(timings.redialMaxMs, boundMs)
  const fromMs = Math.min(leastMs, mostMs)
  return fromMs + random * (mostMs - fromMs)
}

/**
 * Pause until the next round of anti-entropy. Grows with the logarithm of the mesh, so that the
 * load of a node stays flat and every hole is repaired in a few rounds; ±20 % keeps nodes that
 * started together apart.
 *
 * @param peers how many addresses we are connected to
 * @param random a number from 0 up to, not including, 1
 */
export function antiEntropyDelayMs(peers: number, random: number, timings: Timings): number {
  return timings.antiEntropyMs * Math.max(1, Math.log2(peers + 1)) * (0.8 + 0.4 * random)
}
