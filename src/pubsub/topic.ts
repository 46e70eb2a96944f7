/** Topics, such as `a.b.c`, and patterns of them: `a.*` is one segment more, `a.>` any number. */

import { TOPIC_BYTES_MAX } from './limits.ts'

/** Whether text can be a topic: 1 to 255 bytes, segments that are not empty, no wildcard. */
export function isTopic(text: string): boolean {
  return hasSegments(text) && !/[*>]/.test(text)
}

/** What topics a subscription wants. */
export interface Pattern {
  readonly text: string
  matches(topic: string): boolean
}

/** The pattern that a text stands for, or undefined. A wildcard is a segment; `>` is the last. */
export function parsePattern(text: string): Pattern | undefined {
  if (!hasSegments(text)) return undefined
  const segments = text.split('.')
  const isWrong = segments.some(
    (segment, at) =>
      (segment === '>' && at < segments.length - 1) || (segment.length > 1 && /[*>]/.test(segment)),
  )
  if (isWrong) return undefined
  if (text === '>') return { text, matches: () => true }
  if (!/[*>]/.test(text)) return { text, matches: (topic) => topic === text }
  return { text, matches: (topic) => matches(segments, topic.split('.')) }
}

function matches(pattern: readonly string[], topic: readonly string[]): boolean {
  const isOpen = pattern.at(-1) === '>'
  const fixed = isOpen ? pattern.length - 1 : pattern.length
  if (isOpen ? topic.length <= fixed : topic.length !== fixed) return false
  return pattern.slice(0, fixed).every((segment, at) => segment === '*' || segment === topic[at])
}

/** Spaces and control characters would split log lines and URLs. */
function hasSegments(text: string): boolean {
  // A character has up to three bytes for each of its UTF-16 units.
  if (text.length > TOPIC_BYTES_MAX || /[\s\p{Cc}\p{Cs}]/u.test(text)) return false
  return text.split('.').every((segment) => segment !== '') && byteLength(text) <= TOPIC_BYTES_MAX
}

/** The bytes of a text in UTF-8. Half a surrogate pair counts as three, as encoders write it. */
export function byteLength(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    // Of a pair, each unit is two of four bytes.
    const isPair = unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text.charCodeAt(at + 1))
    if (isPair) at += 1
    bytes += isPair ? 2 : unit < 0x800 ? 1 : 2
  }
  return bytes
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
