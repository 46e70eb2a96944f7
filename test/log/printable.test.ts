import test from 'ava'
import fc from 'fast-check'
import { printable, QUOTED_CHARS_MAX, quoted } from '../../src/log/printable.ts'
import { anyCodePoint } from '../helpers/property.ts'

test('printable - leaves text in any script as it is', (t) => {
  for (const text of ['', 'ws://localhost:4001', 'Grüße 世界 😀', 'C:\\nodes'])
    t.is(printable(text), text)
})

test('printable - escapes what controls a terminal or is invisible', (t) => {
  t.is(printable('a\u001b[31mb\r\n\t\u0000\u007f'), 'a\\x1b[31mb\\r\\n\\t\\x00\\x7f')
  t.is(
    printable('\u009b31m \u202e \u2066 \u200b \u2028 \ufeff \ud800 \u{e0041}'),
    '\\x9b31m \\u202e \\u2066 \\u200b \\u2028 \\ufeff \\ud800 \\u{e0041}',
  )
})

test('printable - never leaves a control character, and is idempotent', (t) => {
  const property = fc.property(fc.string({ unit: anyCodePoint }), (text) => {
    const shown = printable(text)
    return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(shown) && printable(shown) === shown
  })
  t.notThrows(() => fc.assert(property))
})

test('quoted - cannot seem to end early', (t) => {
  t.is(quoted("x', connected to 9"), "'x\\', connected to 9'")
  t.is(quoted("\\'"), "'\\\\\\''")
})

test('quoted - cuts at the limit, between characters', (t) => {
  t.is(quoted('x'.repeat(QUOTED_CHARS_MAX)), `'${'x'.repeat(QUOTED_CHARS_MAX)}'`)
  t.is(quoted('x'.repeat(QUOTED_CHARS_MAX + 1)), `'${'x'.repeat(QUOTED_CHARS_MAX)}…'`)
  t.is(quoted(`${'x'.repeat(QUOTED_CHARS_MAX - 1)}😀`), `'${'x'.repeat(QUOTED_CHARS_MAX - 1)}…'`)
  t.is(quoted(`${'x'.repeat(QUOTED_CHARS_MAX - 1)}\n`), `'${'x'.repeat(QUOTED_CHARS_MAX - 1)}…'`)
})
