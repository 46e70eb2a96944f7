/** src/config/env-file.ts: a `.env` as editors on any system write it. */

import test from 'ava'
import fc from 'fast-check'
import { settingOf } from '../../build/env-file.ts'
import { parseEnvFile } from '../../src/config/env-file.ts'
import { holds } from '../helpers/property.ts'

function read(text: string): Record<string, string> {
  return Object.fromEntries(parseEnvFile(text).values)
}

/** The format that dotenv made common; a new version of it must not change any of these. */
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
  'a colon and nothing, with the next line as the value': ['A:\nB=c', { A: 'B=c' }],
  'a colon, nothing, and a word': ['A:\nB', { A: 'B' }],
}

for (const [title, [text, settings]] of Object.entries(TEXTS)) {
  test(`env file - reads ${title}`, (t) => {
    t.deepEqual(read(text), settings)
  })
}

test('env file - names the keys that stand in several lines', (t) => {
  const repeated = (text: string) => [...parseEnvFile(text).repeated]
  t.deepEqual(repeated('A=b\nB=c\nexport A=d\nB: e\nC=f'), ['A', 'B'])
  t.deepEqual(repeated('A=b\n# A=c\nB="\nA=d\n"\nC=`\nA=e\n`\n A x\nAA=f'), [])
  t.deepEqual(repeated("A=it's\nA=c"), ['A'])
})

/** The tools change values in place, and dotenv gives no places (build/env-file.ts). */
test('env file - the tools read a setting as a node reads it, whatever the text', (t) => {
  const pieces = [...'A=: \n\r"\'`#1', 'export ', 'A=', 'A="', 'PORT=', 'PORT:', '\nPORT="', "x'"]
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((all) => all.join(''))
  holds(
    t,
    2_000,
    fc.property(text, (text) => {
      const ofNode = parseEnvFile(text).values.get('PORT')?.trim() || undefined
      return settingOf(text, 'PORT')?.replace(/\r\n?/g, '\n') === ofNode
    }),
  )
})
