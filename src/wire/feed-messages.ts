/** The messages that carry what nodes publish. Only to peers that sent `Mesh-Messages`. */

/** A value that JSON can express. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** What of the sender's own feed exists: the numbers from `first` to `next` - 1. */
export interface FeedMessage {
  readonly type: 'FEED'
  readonly data: { readonly feed: string; readonly first: number; readonly next: number }
}

/** Asks for a feed: from a number on, or what is not older than so many ms. */
export interface WantMessage {
  readonly type: 'WANT'
  readonly data:
    | { readonly feed: string; readonly from: number }
    | { readonly feed: string; readonly withinMs: number }
}

/** Items with one topic, in the order of their numbers; `ageMs` when `heldMs` was 0. */
export interface Run {
  readonly topic: string
  readonly ageMs: number
  readonly bodies:
    | { readonly kind: 'json'; readonly values: readonly Json[] }
    | { readonly kind: 'bytes'; readonly base64: readonly string[] }
}

export function lengthOf(bodies: Run['bodies']): number {
  return bodies.kind === 'json' ? bodies.values.length : bodies.base64.length
}

/** How many items runs have. */
export function countItems(runs: readonly Run[]): number {
  let count = 0
  for (const { bodies } of runs) count += lengthOf(bodies)
  return count
}

/** Items of a feed with the numbers `from`, `from` + 1, …; all are older by `heldMs`. */
export interface EventsMessage {
  readonly type: 'EVENTS'
  readonly data: {
    readonly feed: string
    readonly from: number
    readonly heldMs: number
    readonly runs: readonly Run[]
  }
}

/**
 * The sender has nothing of a feed that is below `first`; nothing at all when that is 0. What it
 * lacks is older than `ageMs`.
 */
export interface GoneMessage {
  readonly type: 'GONE'
  readonly data: { readonly feed: string; readonly first: number; readonly ageMs: number }
}

/** What the sender wants next of feeds whose owner is not linked to it. */
export interface FeedsMessage {
  readonly type: 'FEEDS'
  readonly data: { readonly have: Readonly<Record<string, number>> }
}

export type PubSubMessage = FeedMessage | WantMessage | EventsMessage | GoneMessage | FeedsMessage
