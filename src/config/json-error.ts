/**
 * Where a text stops being JSON (RFC 8259), for people who wrote it by hand. `JSON.parse` decides
 * whether it is JSON; its messages name the place differently, or not at all, on Node, Deno and
 * Bun. Builds no values.
 */

import { quoted } from '../log/printable.ts'

/**
 * The first thing that is wrong with a text that should be JSON. Line and column count from 1, in
 * UTF-16 units.
 */
export interface JsonError {
  readonly line: number
  readonly column: number
  readonly problem: string
}

/**
 * What may come next. `first-…` stands directly after an opening bracket, where the closing one may
 * follow at once.
 */
type Expected =
  | 'value'
  | 'first-item'
  | 'key'
  | 'first-key'
  | 'colon'
  | 'comma-in-array'
  | 'comma-in-object'
  | 'end'

type Token = '[' | ']' | '{' | '}' | ',' | ':' | 'string' | 'scalar' | 'end' | 'unknown'

const EXPECTED: Readonly<
  Record<Expected, { readonly tokens: readonly Token[]; readonly text: string }>
> = {
  value: { tokens: ['[', '{', 'string', 'scalar'], text: 'a value' },
  'first-item': { tokens: ['[', '{', 'string', 'scalar', ']'], text: "a value or ']'" },
  key: { tokens: ['string'], text: 'a name in double quotes' },
  'first-key': { tokens: ['string', '}'], text: "a name in double quotes or '}'" },
  colon: { tokens: [':'], text: "':'" },
  'comma-in-array': { tokens: [',', ']'], text: "',' or ']'" },
  'comma-in-object': { tokens: [',', '}'], text: "',' or '}'" },
  end: { tokens: ['end'], text: 'nothing more' },
}

const SPACE = /[ \t\n\r]*/y
/**
 * The classes hold all but quote, backslash and C0 controls. Unrolled, so that one never closed
 * costs linear time.
 */
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[ !#-[\]-\uffff]*)*"/y
/**
 * Not followed by more of a word or number: `01` and `nullx` are one mistake each, at their
 * beginning.
 */
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y

/**
 * Finds what keeps `text` from being JSON; undefined when it is JSON. Takes linear time, and no
 * stack for deep nesting.
 */
export function findJsonError(text: string): JsonError | undefined {
  const open: ('[' | '{')[] = []
  let expected: Expected = 'value'
  let comma: number | undefined
  let offset = 0
  for (;;) {
    offset += lengthAt(SPACE, text, offset)
    const { token, length } = tokenAt(text, offset)
    if (!EXPECTED[expected].tokens.includes(token)) {
      // The mistake is then the comma, which often stands a line above.
      if (comma !== undefined && (token === ']' || token === '}')) {
        return errorAt(text, comma, 'there is a comma too many')
      }
      return errorAt(text, offset, problemAt(text, offset, token, expected))
    }
    if (token === 'end') return undefined
    if (token === '[' || token === '{') open.push(token)
    if (token === ']' || token === '}') open.pop()
    comma = token === ',' ? offset : undefined
    offset += length
    expected = expectedAfter(token, expected, open.at(-1))
  }
}

function expectedAfter(token: Token, met: Expected, inside: '[' | '{' | undefined): Expected {
  if (token === '[') return 'first-item'
  if (token === '{') return 'first-key'
  if (token === ':') return 'value'
  if (token === ',') return inside === '[' ? 'value' : 'key'
  if (token === 'string' && (met === 'key' || met === 'first-key')) return 'colon'
  if (inside === undefined) return 'end'
  return inside === '[' ? 'comma-in-array' : 'comma-in-object'
}

function tokenAt(text: string, offset: number): { readonly token: Token; readonly length: number } {
  const character = text[offset]
  switch (character) {
    case undefined:
      return { token: 'end', length: 0 }
    case '[':
    case ']':
    case '{':
    case '}':
    case ',':
    case ':':
      return { token: character, length: 1 }
    default: {
      const token = character === '"' ? 'string' : 'scalar'
      const length = lengthAt(token === 'string' ? STRING : SCALAR, text, offset)
      return length > 0 ? { token, length } : { token: 'unknown', length: 0 }
    }
  }
}

/** The length of what a sticky pattern matches at `offset`; 0 when it does not match. */
function lengthAt(pattern: RegExp, text: string, offset: number): number {
  pattern.lastIndex = offset
  return pattern.exec(text)?.[0].length ?? 0
}

function problemAt(text: string, offset: number, token: Token, expected: Expected): string {
  if (token === 'end') {
    const isEmpty = text.trim() === ''
    return isEmpty
      ? 'the file is empty'
      : `the file ends where ${EXPECTED[expected].text} should follow`
  }
  const rest = text.slice(offset, offset + 200)
  if (token === 'unknown') {
    if (rest.startsWith('"'))
      return 'a text in double quotes is not closed, or has a stray backslash or tab in it'
    if (rest.startsWith("'")) return 'JSON wants double quotes, not single ones'
    if (/^(?:\/[/*]|#)/.test(rest)) return 'JSON has no comments'
  }
  const word = /^(?:"[^"]*"?|[^\s[\]{},:]+|.)/u.exec(rest)?.[0] ?? ''
  return `expected ${EXPECTED[expected].text}, got ${quoted(word)}`
}

function errorAt(text: string, offset: number, problem: string): JsonError {
  const lines = text.slice(0, offset).split(/\r\n?|\n/)
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, problem }
}
