/**
 * Doubts: what was taken of a feed from another than its verified owner. The owner's numbers are
 * compared with it, and win.
 */

import type { Run } from '../wire/feed-messages.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Doubt, Feed } from './feed.ts'
import { withoutFirst } from './item.ts'

/** What is in doubt on a link of the owner, or undefined. */
export function doubtOn(
  { link, verified }: { readonly link: LinkId; readonly verified: boolean },
  feed: Feed,
): Doubt | undefined {
  return verified && feed.doubt?.link !== link ? feed.doubt : undefined
}

/** The owner has sent the same up to a number. */
export function confirm(feed: Feed, from: number): void {
  feed.doubt = feed.doubt && from < feed.next ? { ...feed.doubt, from } : undefined
}

/**
 * Compares what the verified owner sends with what others had sent in its name. Returns the number
 * from which on it is other, if any.
 */
export function differsFrom(
  feed: Feed,
  doubt: Doubt,
  from: number,
  runs: readonly Run[],
): { readonly at: number | undefined; readonly comparedTo: number } {
  const given = textsOf(withoutFirst(runs, doubt.from - from))
  const comparedTo = doubt.from + given.length
  for (let seq = doubt.from; seq < Math.min(feed.next, comparedTo); ) {
    const chunk = feed.chunkFrom(seq)
    if (chunk === undefined) break
    // There is a gap before it.
    seq = Math.max(seq, chunk.from)
    const had = textsOf(withoutFirst(chunk.runs(), seq - chunk.from))
    const isOther = had.some((text, at) => {
      const other = given[seq - doubt.from + at]
      return other !== undefined && other !== text
    })
    if (isOther) return { at: seq, comparedTo }
    seq = chunk.end
  }
  return { at: undefined, comparedTo }
}

/** Each item as text, to compare it. */
function textsOf(runs: readonly Run[]): readonly string[] {
  return runs.flatMap(({ topic, bodies }) => {
    const values: readonly unknown[] = bodies.kind === 'json' ? bodies.values : bodies.base64
    return values.map((value) => `${bodies.kind} ${topic} ${JSON.stringify(value)}`)
  })
}
