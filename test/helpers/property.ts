/** Property tests: one that fails says why, and with which seed to see it again. */

import type { ExecutionContext } from 'ava'
import fc from 'fast-check'

/** As many as there are from U+0000 to U+10FFFF without surrogates. */
const CODE_POINTS = 0x11_0000 - 0x800

/**
 * One code point of any kind. fast-check's own `unit: 'binary'` is the same, and takes two seconds
 * for a list of them all.
 */
export const anyCodePoint = fc.nat(CODE_POINTS - 1).map(
  (index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800),
  // For the strings that fast-check mixes in, such as `__proto__`.
  (text) => {
    const [character, ...others] = typeof text === 'string' ? text : ''
    const code = character?.codePointAt(0)
    if (code === undefined || others.length > 0 || (code >= 0xd800 && code < 0xe000)) {
      throw new Error('not one code point')
    }
    return code < 0xd800 ? code : code - 0x800
  },
)

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
