/** src/config/env-text.ts: what a `.env` says, wherever it was written. */

import test from 'ava'
import fc from 'fast-check'
import { envEntries } from '../../src/config/env-text.ts'
import { holds } from '../helpers/property.ts'

/** The texts of these settings, and where each value was found. */
function read(text: string): Record<string, string> {
  return Object.fromEntries(envEntries(text).map(({ key, value }) => [key, value]))
}

/** Each result is also that of dotenv 18, but for the last two, where it takes the next line. */
const TEXTS: Readonly<Record<string, readonly [text: string, settings: Record<string, string>]>> = {
  'a plain line': ['A=b c', { A: 'b c' }],
  'spaces around everything': ['  A =  b  \nB\t=\tc', { A: 'b', B: 'c' }],
  'a colon': ['A: b', { A: 'b' }],
  'a colon without a space': ['A:b\nB=c', { B: 'c' }],
  export: ['export A=b\nexport  B="c"', { A: 'b', B: 'c' }],
  'a value with an equals sign': ['A=b=c', { A: 'b=c' }],
  'no value': ['A=\nB=c\nC=\r\nD= # e', { A: '', B: 'c', C: '', D: '' }],
  'double quotes': ['A="b c"', { A: 'b c' }],
  'single quotes': ["A='b c'", { A: 'b c' }],
  backticks: ['A=`b "c"`', { A: 'b "c"' }],
  'spaces inside of quotes': ['A=" b "', { A: ' b ' }],
  'a hash in quotes': ["A='b#c' # d", { A: 'b#c' }],
  'line breaks in double quotes': ['A="b\\nc\\r"', { A: 'b\nc\r' }],
  'no line breaks in single quotes': ["A='b\\nc'", { A: 'b\\nc' }],
  'a value of several lines': ['A="\nB=c\n"\nD=e', { A: '\nB=c\n', D: 'e' }],
  'an apostrophe': ["A=it's\nB=c", { A: "it's", B: 'c' }],
  'an open quote': ['A="b\nB=c', { A: '"b', B: 'c' }],
  'text behind a quote': ['A="b"c', { A: '"b"c' }],
  comments: ["# A=b\n#\n# it's\nA=c # d\nB=e#f\n# g", { A: 'c', B: 'e' }],
  'a comment with quotes behind quotes': ['A="b" # it\'s "c"\nB=d', { A: 'b', B: 'd' }],
  'line ends of Windows': ['A=b\r\nB="c\r\nd"\r\n', { A: 'b', B: 'c\nd' }],
  'line ends of old Macs': ['A=b\rB=c\r', { A: 'b', B: 'c' }],
  'the last of several': ['A=b\nA=c', { A: 'c' }],
  'lines that are no settings': ['b c\n=d\nA=d\ne f\n"\nB=g', { A: 'd', B: 'g' }],
  'dots and hyphens in a key': ['A.b-c_1=d', { 'A.b-c_1': 'd' }],
  nothing: ['', {}],
  'a colon and nothing': ['A:\nB=c', { A: '', B: 'c' }],
  'a colon, nothing, and a word': ['A:\nB', { A: '' }],
}

for (const [title, [text, settings]] of Object.entries(TEXTS)) {
  test(`env text - reads ${title}`, (t) => {
    t.deepEqual(read(text), settings)
  })
}

test('env text - takes a key that names a part of every object', (t) => {
  const { length, 0: first } = envEntries('__proto__=a')
  t.is(length, 1)
  t.is(first?.key, '__proto__')
})

test('env text - says where a value stands, whatever the text', (t) => {
  const piece = fc.constantFrom(...'A=: \n\r"\'`#\\1'.split(''), 'export ', 'A=', 'A="')
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))
  holds(
    t,
    300,
    fc.property(text, (text) => {
      let before = 0
      for (const { value, start, end } of envEntries(text)) {
        if (start < before || end < start || end > text.length) return false
        const plain = text.slice(start, end).replace(/\r\n?/g, '\n')
        if (!plain.includes('\\') && plain !== value) return false
        before = end
      }
      return true
    }),
  )
})
