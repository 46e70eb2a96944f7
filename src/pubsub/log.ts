/**
 * The log: the items of all feeds, and the gaps in them, in the order in which they came here. It
 * is bounded by bytes, by age, and by the share of one feed; the oldest go first.
 */

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

/** How much the log keeps. */
export interface LogBounds {
  readonly bytes: number
  readonly ageMs: number
  /** Of one feed, in bytes. */
  readonly feedBytes: number
}

export class Log {
  readonly #bounds: LogBounds
  readonly #onDropped: (position: number, entry: Entry) => void
  readonly #mayForget: (feed: string) => boolean
  readonly #feeds = new Map<string, Feed>()
  /** By position, ascending, with holes where a feed exceeded its share. */
  readonly #entries = new Map<number, Entry>()
  readonly #positions = new Map<Chunk, number>()
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
    onDropped: (position: number, entry: Entry) => void,
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
    for (const chunk of empty.dropFrom(0)) this.#drop(chunk)
    this.#feeds.delete(empty.id)
  }

  append(feed: Feed, chunk: Chunk, nowMs: number): void {
    feed.append(chunk)
    this.#positions.set(chunk, this.#end)
    this.#add({ kind: 'items', chunk }, chunk.bytes)
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
    this.#add({ kind: 'gap', gap, atMs: nowMs }, ENTRY_BYTES)
    this.#onGap(gap)
    this.#trim(nowMs)
  }

  /** Takes back the items of a feed from a number on. */
  takeBack(feed: Feed, from: number): void {
    for (const chunk of feed.dropFrom(from)) this.#drop(chunk)
    feed.next = from
  }

  /** The entry at a position or the next one after it. */
  entryFrom(position: number): { readonly position: number; readonly entry: Entry } | undefined {
    for (let at = Math.max(position, this.start); at < this.#end; at += 1) {
      const entry = this.#entries.get(at)
      if (entry !== undefined) return { position: at, entry }
    }
    return undefined
  }

  /** The position of the first entry that is kept. */
  get start(): number {
    const [oldest = this.#end] = this.#entries.keys()
    return oldest
  }

  /** When its oldest entry is too old, or undefined when it is empty. */
  expiresMs(): number | undefined {
    const [entry] = this.#entries.values()
    if (entry === undefined) return undefined
    return this.#bounds.ageMs + (entry.kind === 'items' ? entry.chunk.bornMs : entry.atMs)
  }

  /** Drops what is too old. */
  expire(nowMs: number): void {
    this.#trim(nowMs)
  }

  #add(entry: Entry, bytes: number): void {
    this.#entries.set(this.#end, entry)
    this.#end += 1
    this.#bytes += bytes
  }

  #trim(nowMs: number): void {
    const oldestMs = nowMs - this.#bounds.ageMs
    for (const [position, entry] of this.#entries) {
      const atMs = entry.kind === 'items' ? entry.chunk.bornMs : entry.atMs
      const isLast = position === this.#end - 1
      if (atMs > oldestMs && (this.#bytes <= this.#bounds.bytes || isLast)) return
      if (entry.kind === 'items') this.#dropOldestOf(this.#feeds.get(entry.chunk.feed))
      else this.#remove(position, entry, ENTRY_BYTES)
    }
  }

  #dropOldestOf(feed: Feed | undefined): void {
    const oldest = feed?.oldest
    if (oldest === undefined) return
    feed?.dropOldest()
    this.#drop(oldest)
  }

  #drop(chunk: Chunk): void {
    const position = this.#positions.get(chunk)
    if (position === undefined) return
    this.#positions.delete(chunk)
    this.#remove(position, { kind: 'items', chunk }, chunk.bytes)
  }

  #remove(position: number, entry: Entry, bytes: number): void {
    this.#onDropped(position, entry)
    this.#entries.delete(position)
    this.#bytes -= bytes
  }
}
