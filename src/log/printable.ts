/**
 * Text from outside (operators' files, peers' close reasons) made safe to print: one line stays one
 * line, nothing controls the terminal, and no character is hidden.
 */

import type { Json } from '../wire/feed-messages.ts'
import type { NodeData } from '../wire/node-data.ts'

/**
 * Longest quoted value, in characters, its quotes not counted. Longer ones lose their tail to an
 * ellipsis.
 */
export const QUOTED_CHARS_MAX = 80

/**
 * What a terminal would act on instead of showing: C0, DEL and C1 controls (ANSI escapes begin with
 * one), format characters (bidi overrides reverse what follows, zero-width ones hide), line and
 * paragraph separators, and lone surrogates, which no encoder can write.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * The text with every invisible character escaped as in a JavaScript string. Idempotent; keeps
 * backslashes as they are.
 */
export function printable(text: string): string {
  // Most text is plain. The other expression loads Unicode's tables, 2 ms at its first use.
  if (/^[\x20-\x7e]*$/.test(text)) return text
  return text.replace(INVISIBLE, escaped)
}

/**
 * The text in single quotes, for messages: escaped so that it cannot seem to end early, and cut to
 * {@link QUOTED_CHARS_MAX} characters.
 */
export function quoted(text: string): string {
  let shown = ''
  for (const character of text) {
    const piece = character === "'" || character === '\\' ? `\\${character}` : printable(character)
    if (shown.length + piece.length > QUOTED_CHARS_MAX) return `'${shown}…'`
    shown += piece
  }
  return `'${shown}'`
}

/**
 * A value of any type for messages. Does not look into arrays and objects: they can be nested
 * deeper than JSON.stringify can go.
 */
export function valueText(value: unknown): string {
  if (Array.isArray(value)) return '[…]'
  return typeof value === 'object' && value !== null ? '{…}' : String(value)
}

/** What a node tells of itself, with every invisible character in its keys and texts escaped. */
export function printableData(data: NodeData): NodeData {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [printable(key), printablePart(value)]),
  )
}

function printablePart(value: Json): Json {
  if (typeof value === 'string') return printable(value)
  if (typeof value !== 'object' || value === null) return value
  return isList(value) ? value.map(printablePart) : printableData(value)
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

/** Longest text in a JSON object to print, in characters. Longer ones lose their end. */
export const JSON_TEXT_CHARS_MAX = 1_000

/** The value as JSON on one line, with every invisible character escaped. */
export function printableJson(value: object): string {
  const json = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' && part.length > JSON_TEXT_CHARS_MAX
      ? `${part.slice(0, JSON_TEXT_CHARS_MAX)}…`
      : part,
  )
  return escapedJson(json)
}

/** A line of JSON with every invisible character escaped. */
export function escapedJson(line: string): string {
  return line.replace(INVISIBLE, (character) =>
    // JSON has no escape for a code point beyond 16 bits: one for each half of the pair.
    character
      .split('')
      .map((half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}

function escaped(character: string): string {
  const short = SHORT_ESCAPES[character]
  if (short !== undefined) return short
  const point = character.codePointAt(0) ?? 0
  const digits = point.toString(16)
  if (point <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return point <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\u{${digits}}`
}
