/** Patterns of topics: `a.*` is one segment more, `a.>` one or more. */

import { hasSegments } from '../wire/topic.ts'

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
