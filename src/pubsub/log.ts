/**
 * The log: the items of all feeds, and the gaps in them, in the order in which they came here. It
 * is bounded by bytes, by age, and by the share of one feed; the oldest go first.
 */

import { firstIndex } from '../structures/first-index.ts'
import type { Chunk } from './chunk.ts'
import { Feed } from './feed.ts'
import { ENTRY_BYTES, FEEDS_MAX } from './limits.ts'

/** Numbers of a feed that will never come: what was lost, or not kept. */
export interface Gap {
  readonly feed: string
  readonly first: number
  readonly last: number
}

/** One place in the log. */
export type Entry =
  | { readonly kind: 'items'; readonly chunk: Chunk }
  | { readonly kind: 'gap'; readonly gap: Gap; readonly atMs: number }

/** An entry at its place; without one once it was dropped. */
interface Placed {
  readonly position: number
  entry: Entry | undefined
}

/** How much the log keeps. */
export interface LogBounds {
  readonly bytes: number
  readonly ageMs: number
  /** Of one feed, in bytes. */
  readonly feedBytes: number
}

export class Log {
  readonly #bounds: LogBounds
  readonly #onDropped: (position: number, missing: Gap) => void
  readonly #mayForget: (feed: string) => boolean
  readonly #feeds = new Map<string, Feed>()
  /** In the order of their positions. Dropped ones are removed when they are more than the rest. */
  #placed: Placed[] = []
  /** The index of the first that is not dropped. */
  #head = 0
  #droppedCount = 0
  readonly #placeOf = new Map<Chunk, Placed>()
  /** By feed, its gaps, oldest first. */
  readonly #gapsOf = new Map<string, Placed[]>()
  /** The chunks that came in this turn: local subscriptions are about to read them. */
  #fresh: Chunk[] = []
  readonly #onGap: (gap: Gap) => void
  #bytes = 0
  #end = 0

  /**
   * @param onDropped called before an entry is dropped, which a subscription may not have read
   * @param mayForget whether a feed may be forgotten when there are too many
   * @param onGap called for each gap that is announced
   */
  constructor(
    bounds: LogBounds,
    onDropped: (position: number, missing: Gap) => void,
    mayForget: (feed: string) => boolean,
    onGap: (gap: Gap) => void,
  ) {
    this.#bounds = bounds
    this.#onDropped = onDropped
    this.#mayForget = mayForget
    this.#onGap = onGap
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#bytes
  }

  /** The position after the last entry. */
  get end(): number {
    return this.#end
  }

  get feedCount(): number {
    return this.#feeds.size
  }

  feed(id: string): Feed | undefined {
    return this.#feeds.get(id)
  }

  feeds(): Iterable<Feed> {
    return this.#feeds.values()
  }

  /** Whether another node may keep items of a feed: it had some not long ago. */
  isRecent({ cutMs, oldest }: Feed, nowMs: number): boolean {
    return oldest !== undefined || cutMs >= nowMs - this.#bounds.ageMs
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
    for (const chunk of empty.dropFrom(0)) this.#drop(this.#placeOf.get(chunk))
    this.#feeds.delete(empty.id)
  }

  append(feed: Feed, chunk: Chunk, nowMs: number): void {
    feed.append(chunk)
    this.#placeOf.set(chunk, this.#add({ kind: 'items', chunk }, chunk.bytes))
    this.#fresh.push(chunk)
    while (feed.bytes > this.#bounds.feedBytes && feed.oldest !== chunk) this.#dropOldestOf(feed)
    this.#trim(nowMs)
  }

  /** Announces that a feed goes on at a number. What is missing was published before `cutMs`. */
  skipTo(feed: Feed, next: number, cutMs: number, nowMs: number): void {
    const gap = { feed: feed.id, first: feed.next, last: next - 1 }
    feed.next = next
    feed.cutMs = Math.max(feed.cutMs, cutMs)
    this.announce(gap, nowMs)
  }

  announce(gap: Gap, nowMs: number): void {
    const placed = this.#add({ kind: 'gap', gap, atMs: nowMs }, ENTRY_BYTES)
    const ofFeed = (this.#gapsOf.get(gap.feed) ?? []).filter(({ entry }) => entry !== undefined)
    this.#gapsOf.set(gap.feed, [...ofFeed, placed])
    this.#onGap(gap)
    this.#trim(nowMs)
  }

  /**
   * Takes back the items of a feed from a number on, with all that came in one chunk with it: a gap
   * says so, also to those who had not read them.
   */
  takeBack(feed: Feed, from: number, nowMs: number): void {
    const { next } = feed
    const dropped = feed.dropFrom(from)
    feed.next = Math.min(from, dropped[0]?.from ?? from)
    for (const chunk of dropped) this.#remove(this.#placeOf.get(chunk))
    this.announce({ feed: feed.id, first: feed.next, last: next - 1 }, nowMs)
  }

  /** The entry at a position or the next one after it. */
  entryFrom(position: number): { readonly position: number; readonly entry: Entry } | undefined {
    const first = firstIndex(this.#placed, this.#head, (placed) => placed.position >= position)
    for (let at = first; at < this.#placed.length; at += 1) {
      const found = this.#placed[at]
      if (found?.entry !== undefined) return { position: found.position, entry: found.entry }
    }
    return undefined
  }

  /** The position of the first entry that is kept. */
  get start(): number {
    return this.#placed[this.#head]?.position ?? this.#end
  }

  /** When its oldest entry is too old, or undefined when it is empty. */
  expiresMs(): number | undefined {
    const entry = this.#placed[this.#head]?.entry
    return entry && this.#bounds.ageMs + timeOf(entry)
  }

  /** Whether chunks came in this turn. */
  get isFresh(): boolean {
    return this.#fresh.length > 0
  }

  /** Local subscriptions had their turn: one that lags decodes again what it reads later. */
  endTurn(): void {
    for (const chunk of this.#fresh) chunk.release()
    this.#fresh = []
  }

  /** Drops what is too old. */
  expire(nowMs: number): void {
    this.#trim(nowMs)
  }

  #add(entry: Entry, bytes: number): Placed {
    const placed = { position: this.#end, entry }
    this.#placed.push(placed)
    this.#end += 1
    this.#bytes += bytes
    return placed
  }

  #trim(nowMs: number): void {
    for (;;) {
      const oldest = this.#placed[this.#head]
      if (oldest?.entry === undefined) return
      const isLast = oldest.position === this.#end - 1
      const isWithin = this.#bytes <= this.#bounds.bytes || isLast
      // As in expiresMs: rounded otherwise, it could be due and not be dropped.
      if (this.#bounds.ageMs + timeOf(oldest.entry) > nowMs && isWithin) return
      // It is the oldest of its feed, too.
      if (oldest.entry.kind === 'items') this.#feeds.get(oldest.entry.chunk.feed)?.dropOldest()
      this.#drop(oldest)
    }
  }

  #dropOldestOf(feed: Feed): void {
    const { oldest } = feed
    if (oldest === undefined) return
    const placed = this.#placeOf.get(oldest)
    feed.dropOldest()
    // What is missing before it goes first, or a subscription would get it later.
    for (const gap of this.#gapsOf.get(feed.id) ?? []) {
      if (placed !== undefined && gap.position < placed.position) this.#drop(gap)
    }
    this.#drop(placed)
  }

  #drop(placed: Placed | undefined): void {
    if (placed?.entry === undefined) return
    this.#onDropped(placed.position, missingOf(placed.entry))
    this.#remove(placed)
  }

  #remove(placed: Placed | undefined): void {
    if (placed?.entry === undefined) return
    const { entry } = placed
    placed.entry = undefined
    this.#bytes -= entry.kind === 'items' ? entry.chunk.bytes : ENTRY_BYTES
    if (entry.kind === 'items') this.#placeOf.delete(entry.chunk)
    this.#droppedCount += 1
    while (this.#head < this.#placed.length && this.#placed[this.#head]?.entry === undefined) {
      this.#head += 1
    }
    if (this.#droppedCount * 2 <= this.#placed.length) return
    this.#placed = this.#placed.filter((one) => one.entry !== undefined)
    this.#droppedCount = 0
    this.#head = 0
  }
}

function timeOf(entry: Entry): number {
  return entry.kind === 'items' ? entry.chunk.bornMs : entry.atMs
}

/** What is missing when an entry was not read. */
function missingOf(entry: Entry): Gap {
  if (entry.kind === 'gap') return entry.gap
  const { end, feed, from } = entry.chunk
  return { feed, first: from, last: end - 1 }
}
