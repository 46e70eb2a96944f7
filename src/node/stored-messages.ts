/** What a node has stored, for its log and for its named subscriptions. */

import type { MessageSettings } from '../config/message-settings.ts'
import { Chunk } from '../pubsub/chunk.ts'
import { LOG_AGE_MS_MAX, LOG_BYTES_MAX } from '../pubsub/limits.ts'
import type { Pattern } from '../pubsub/pattern.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import type { Form } from '../pubsub/subscription.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { Place } from '../storage/places.ts'
import type { StoredEvents } from '../storage/segment.ts'
import type { Store } from '../storage/store.ts'
import { lengthOf } from '../wire/feed-messages.ts'
import type { Gap, Message } from './messages.ts'

type Item = Message | Gap

/** Stores what this node publishes. */
export function append(store: Store, chunk: Chunk): void {
  store.append(chunk.from, chunk.end, chunk.frame(chunk.from, chunk.bornMs))
}

/** Puts the feeds of earlier runs into the log, as far as that keeps them: peers may want them. */
export function restore(
  store: Store,
  pubsub: PubSub,
  { keepMib, keepSeconds }: Pick<MessageSettings, 'keepMib' | 'keepSeconds'>,
): void {
  const ageMs = keepSeconds === undefined ? LOG_AGE_MS_MAX : keepSeconds * 1_000
  const bytes = keepMib === undefined ? LOG_BYTES_MAX : keepMib * 1024 * 1024
  for (const [feed, events] of store.since(Date.now() - ageMs, bytes)) {
    pubsub.restore(chunkOf(feed, events), monotonicMs())
  }
}

/** The way of a named subscription through the messages, from one run to the next. */
export class Progress {
  readonly #store: Store
  readonly #place: Place
  readonly #pattern: Pattern
  readonly #form: Form<Item>
  /** The feeds of earlier runs of which nothing is wanted. */
  readonly #without: ReadonlySet<string>
  readonly #echo: boolean

  /** @param echo whether what this node publishes comes, and came in earlier runs */
  constructor(store: Store, place: Place, pattern: Pattern, form: Form<Item>, echo: boolean) {
    this.#store = store
    this.#place = place
    this.#pattern = pattern
    this.#form = form
    this.#echo = echo
    this.#without = new Set(echo ? [] : store.feeds())
  }

  /** The feeds of earlier runs that may have messages which were not handled. */
  feeds(): readonly string[] {
    return this.#echo ? this.#store.feedsFor(this.#place) : []
  }

  /** The messages of one that were not handled, and what is missing of them. */
  earlier(feed: string): Iterable<Item> {
    return this.#stored(feed, Number.POSITIVE_INFINITY)
  }

  /** An item of the log: not one that was handled, and stored messages in the place of a gap. */
  *of(item: Item): Iterable<Item> {
    const { feed } = item
    const last = item.kind === 'gap' ? item.last : item.seq
    if (last <= this.#handled(feed) || this.#without.has(feed)) return
    if (item.kind === 'message') return yield item
    if (this.#store.has(feed)) yield* this.#stored(feed, last)
    const first = Math.max(item.first, this.#handled(feed) + 1)
    if (first <= last) yield { ...item, first }
  }

  done(item: Item): void {
    this.#place.moveTo(item.feed, item.kind === 'gap' ? item.last : item.seq)
  }

  /** @param ends the number after the last message of each feed, which were all handled */
  caughtUp(ends: Iterable<readonly [feed: string, next: number]>): void {
    for (const [feed, next] of ends) if (next > 1) this.#place.moveTo(feed, next - 1)
  }

  *#stored(feed: string, last: number): Iterable<Item> {
    for (const found of this.#store.read(feed, this.#place.lastOf(feed))) {
      const first = found.kind === 'missing' ? found.first : found.from
      if (first > last) return
      if (found.kind === 'missing') yield this.#form.gap({ feed, first, last: found.last })
      else {
        yield* this.#itemsOf(chunkOf(feed, found))
        this.#place.moveTo(feed, found.end - 1)
      }
    }
  }

  *#itemsOf(chunk: Chunk): Iterable<Item> {
    const handled = this.#handled(chunk.feed)
    let seq = chunk.from
    for (const run of chunk.runs()) {
      const ageMs = Math.max(0, Math.round(monotonicMs() - chunk.bornMs + run.ageMs))
      const isWanted = this.#pattern.matches(run.topic)
      for (let at = 0; at < lengthOf(run.bodies); at += 1) {
        if (isWanted && seq > handled) yield this.#form.message(chunk, run, at, seq, ageMs)
        seq += 1
      }
    }
  }

  #handled(feed: string): number {
    return this.#place.lastOf(feed) ?? 0
  }
}

function chunkOf(feed: string, { atMs, end, from, text }: StoredEvents): Chunk {
  // A clock that was wrong makes nothing of the future.
  const bornMs = monotonicMs() - Math.max(0, Date.now() - atMs)
  const facts = { feed, from, count: end - from, bornMs, relayed: true }
  return new Chunk(facts, { kind: 'frame', text: text(), known: 0 })
}
