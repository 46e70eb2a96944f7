import test from 'ava'
import fc from 'fast-check'
import { findJsonError } from '../../src/config/json-error.ts'

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Text that is nearly JSON: its pieces in any order. */
const NEARLY_JSON = fc
  .array(
    fc.constantFrom(
      ...[
        '[',
        ']',
        '{',
        '}',
        ',',
        ':',
        '"',
        '"a"',
        '"\\',
        'u00',
        '1',
        '-',
        '0',
        '.5',
        'e',
        '+',
        'true',
        'null',
      ],
      ...[
        ' ',
        '\n',
        '\t',
        '\\"',
        '\u007f',
        '\u0085',
        '\u2028',
        '😀',
        '\ud800',
        '\u00a0',
        '\u0000',
        '//',
        "'",
      ],
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''))

/** JSON with one character replaced, added or removed. */
const ALMOST_JSON = fc
  .record({
    json: fc.json(),
    at: fc.nat(),
    piece: fc.constantFrom('', ',', '"', ']', '}', '\\', '0', '\n', ' '),
    removed: fc.nat(1),
  })
  .map(({ json, at, piece, removed }) => {
    const offset = at % (json.length + 1)
    return json.slice(0, offset) + piece + json.slice(offset + removed)
  })

test('json error - is found in exactly the texts that JSON.parse refuses', (t) => {
  const property = fc.property(fc.oneof(fc.json(), NEARLY_JSON, ALMOST_JSON), (text) => {
    return (findJsonError(text) === undefined) === isJson(text)
  })
  t.notThrows(() => fc.assert(property, { numRuns: 20_000 }))
})

const PLACES = [
  ['{"a" 1}', 1, 6, "expected ':', got '1'"],
  ['{a: 1}', 1, 2, "expected a name in double quotes or '}', got 'a'"],
  ['{"a": 1,}', 1, 8, 'there is a comma too many'],
  ['{"a": 1, 2}', 1, 10, "expected a name in double quotes, got '2'"],
  ['[1}', 1, 3, "expected ',' or ']', got '}'"],
  ['[,]', 1, 2, "expected a value or ']', got ','"],
  ['[01]', 1, 2, "expected a value or ']', got '01'"],
  ['[1,\r2,\r\n3,\n nul]', 4, 2, "expected a value, got 'nul'"],
  ['["\\x"]', 1, 2, 'a text in double quotes is not closed, or has a stray backslash or tab in it'],
  [']', 1, 1, "expected a value, got ']'"],
] as const

for (const [text, line, column, problem] of PLACES) {
  test(`json error - is placed and worded for ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(findJsonError(text), { line, column, problem })
  })
}

test('json error - is found in linear time in a text of 1 MiB', (t) => {
  const start = process.cpuUsage()
  for (const text of [
    `["${'a'.repeat(1_048_000)}`,
    `["${'\\"'.repeat(524_000)}`,
    '['.repeat(1_048_000),
    ' '.repeat(1_048_000),
    '1'.repeat(1_048_000),
  ]) {
    findJsonError(text)
  }
  // Quadratic, each would take minutes. In time of our own, which a busy machine does not lengthen.
  const { user, system } = process.cpuUsage(start)
  t.true(user + system < 2_000_000, `${user} µs, ${system} µs`)
})
