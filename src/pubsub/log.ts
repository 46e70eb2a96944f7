/**
 * The log: the items of all feeds, and the gaps in them, in the order in which they came here. It
 * is bounded by bytes, by age, and by the share of one feed; the oldest go first.
 */

import type { Chunk } from './chunk.ts'
import {
  type Amount,
  Entries,
  type Entry,
  type Gap,
  missingOf,
  type Placed,
  timeOf,
} from './entries.ts'
import { Feed } from './feed.ts'
import { FEEDS_MAX, FRESH_BYTES_MAX } from './limits.ts'

/** How much the log keeps. */
export interface LogBounds {
  readonly bytes: number
  readonly ageMs: number
  /** Of one feed, in bytes. */
  readonly feedBytes: number
}

export class Log {
  readonly bounds: LogBounds
  readonly #onDropped: (position: number, missing: Gap) => void
  readonly #mayForget: (feed: string) => boolean
  readonly #onGap: (gap: Gap) => void
  readonly #feeds = new Map<string, Feed>()
  readonly #entries = new Entries()
  /** The chunks that came in this turn: local subscriptions are about to read them. */
  #fresh: Chunk[] = []
  #freshBytes = 0
  /** The position of the first of them. */
  #freshStart = 0
  /** The position of the first entry that is not of an earlier run. */
  runStart = 0
  /** The number from which on a feed that is not here is wanted; undefined: what is recent. */
  readonly wantedFrom: (feed: string) => number | undefined

  /**
   * @param onDropped called before an entry is dropped, which a subscription may not have read
   * @param mayForget whether a feed may be forgotten when there are too many
   * @param onGap called for each gap that is announced
   * @param wantedFrom see {@link wantedFrom}
   */
  constructor(
    bounds: LogBounds,
    onDropped: (position: number, missing: Gap) => void,
    mayForget: (feed: string) => boolean,
    onGap: (gap: Gap) => void,
    wantedFrom: (feed: string) => number | undefined = () => undefined,
  ) {
    this.bounds = bounds
    this.#onDropped = onDropped
    this.#mayForget = mayForget
    this.#onGap = onGap
    this.wantedFrom = wantedFrom
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#entries.bytes
  }

  /** The position after the last entry. */
  get end(): number {
    return this.#entries.end
  }

  /** The position of the first entry that is kept. */
  get start(): number {
    return this.#entries.oldest?.position ?? this.end
  }

  feed(id: string): Feed | undefined {
    return this.#feeds.get(id)
  }

  feeds(): Iterable<Feed> {
    return this.#feeds.values()
  }

  /** Whether another node may keep items of a feed: it had some not long ago. */
  isRecent({ cutMs, oldest }: Feed, nowMs: number): boolean {
    return oldest !== undefined || cutMs >= nowMs - this.bounds.ageMs
  }

  /** The lowest number of a feed that is kept, as a message or as a gap. */
  firstOf({ first, oldestGap }: Feed): number {
    return Math.min(first, oldestGap?.first ?? first)
  }

  /** Begins a feed at a number. When there are too many, one that nothing is kept of gives way. */
  open(id: string, next: number): Feed {
    const feed = new Feed(id, next)
    if (this.#feeds.size >= FEEDS_MAX) this.#forgetOne()
    this.#feeds.set(id, feed)
    return feed
  }

  #forgetOne(): void {
    const feeds = [...this.#feeds.values()].filter(({ id }) => this.#mayForget(id))
    const empty = feeds.find(({ oldest }) => oldest === undefined) ?? feeds[0]
    if (empty === undefined) return
    while (this.#dropOldestOf(empty)) {}
    this.#feeds.delete(empty.id)
  }

  append(feed: Feed, chunk: Chunk, nowMs: number): void {
    this.#keepFresh(chunk)
    feed.append(chunk, this.#entries.add({ kind: 'items', chunk }))
    this.#trimFeed(feed)
    this.expire(nowMs)
  }

  /** Announces that a feed goes on at a number. What is missing was published before `cutMs`. */
  skipTo(feed: Feed, next: number, cutMs: number, nowMs: number): void {
    const gap = { feed: feed.id, first: feed.next, last: next - 1 }
    feed.next = next
    feed.cutMs = Math.max(feed.cutMs, cutMs)
    this.#announce(feed, gap, nowMs)
  }

  /**
   * Takes back the items of a feed from a number on, with all that came in one chunk with it: a gap
   * says so, also to those who had not read them. It stands for the gaps above, too.
   */
  takeBack(feed: Feed, from: number, nowMs: number): void {
    let last = feed.next - 1
    for (const placed of feed.dropFrom(from)) this.#entries.remove(placed)
    for (const placed of feed.dropGapsFrom(feed.next)) {
      if (placed.entry !== undefined) last = Math.max(last, missingOf(placed.entry).last)
      this.#entries.remove(placed)
    }
    this.#announce(feed, { feed: feed.id, first: feed.next, last }, nowMs)
  }

  #announce(feed: Feed, gap: Gap, nowMs: number): void {
    const placed = this.#entries.add({ kind: 'gap', gap, atMs: nowMs })
    feed.addGap(placed, gap.first)
    this.#onGap(gap)
    this.#trimFeed(feed)
    this.expire(nowMs)
  }

  // --- Readers -----------------------------------------------------------------------------------

  /** The entry at a position or the next one after it. */
  entryFrom(position: number): { readonly position: number; readonly entry: Entry } | undefined {
    return this.#entries.from(position)
  }

  /** How much was added from a position on. */
  amountFrom(position: number): Amount {
    return this.#entries.amountFrom(position)
  }

  /** Whether chunks came in this turn. */
  get isFresh(): boolean {
    return this.#fresh.length > 0
  }

  /** Whether local subscriptions are about to read the entry at a position. */
  isFreshAt(position: number): boolean {
    return this.isFresh && position >= this.#freshStart
  }

  /** Local subscriptions had their turn: one that lags decodes again what it reads later. */
  endTurn(): void {
    for (const chunk of this.#fresh) chunk.release()
    this.#fresh = []
    this.#freshBytes = 0
  }

  #keepFresh(chunk: Chunk): void {
    // A turn may bring more than memory holds.
    if (this.#freshBytes >= FRESH_BYTES_MAX) this.endTurn()
    if (!this.isFresh) this.#freshStart = this.end
    this.#freshBytes += chunk.bytes
    this.#fresh.push(chunk)
  }

  // --- Bounds ------------------------------------------------------------------------------------

  /** When its oldest entry is too old, or undefined when it is empty. */
  expiresMs(): number | undefined {
    const entry = this.#entries.oldest?.entry
    return entry && this.bounds.ageMs + timeOf(entry)
  }

  /** Drops what is too old or too much. The newest entry stays, however large. */
  expire(nowMs: number): void {
    const { ageMs, bytes } = this.bounds
    for (;;) {
      const { oldest } = this.#entries
      if (oldest?.entry === undefined) return
      const isWithin = this.bytes <= bytes || this.#isNewest(oldest)
      // As in expiresMs: rounded otherwise, it could be due and not be dropped.
      if (ageMs + timeOf(oldest.entry) > nowMs && isWithin) return
      const feed = this.#feeds.get(missingOf(oldest.entry).feed)
      // It is the oldest of its feed, too.
      if (feed === undefined || !this.#dropOldestOf(feed)) this.#entries.remove(oldest)
    }
  }

  #trimFeed(feed: Feed): void {
    while (feed.bytes > this.bounds.feedBytes) {
      const oldest = this.#oldestOf(feed)
      if (oldest === undefined || this.#isNewest(oldest)) return
      this.#dropOldestOf(feed)
    }
  }

  #isNewest({ position }: Placed): boolean {
    return position === this.end - 1
  }

  #oldestOf({ oldestGap: gap, oldestPlaced: place }: Feed): Placed | undefined {
    if (gap === undefined) return place
    return place !== undefined && place.position < gap.placed.position ? place : gap.placed
  }

  /** Whether there was one. */
  #dropOldestOf(feed: Feed): boolean {
    const placed = this.#oldestOf(feed)
    if (placed?.entry === undefined) return false
    if (placed.entry.kind === 'items') feed.dropOldest()
    else feed.dropOldestGap()
    feed.droppedEnd = Math.max(feed.droppedEnd, placed.position + 1)
    this.#onDropped(placed.position, missingOf(placed.entry))
    this.#entries.remove(placed)
    return true
  }
}
