/** Property tests: one that fails says why, and with which seed to see it again. */

import type { ExecutionContext } from 'ava'
import fc from 'fast-check'

/**
 * Asserts that a property holds for this many random inputs; `FUZZ_FACTOR=100` in the environment
 * makes them more.
 */
export function holds<Inputs>(
  t: ExecutionContext,
  runs: number,
  property: fc.IProperty<Inputs>,
): void {
  const factor = Number(process.env['FUZZ_FACTOR'] ?? 1)
  fc.assert(property, { numRuns: runs * factor, includeErrorInReport: true })
  t.pass()
}
