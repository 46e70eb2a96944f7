/** What programs published in a run, by feed: what readers get is compared with it. */

import type { Process } from '../process.ts'

/** The least time that a log keeps an item, less what may pass until it is looked at, in ms. */
export const KEPT_MS = 540_000

/** A message that was published. */
interface Published {
  readonly atMs: number
  readonly bytes: number
}

/** What one process run published. */
export interface FeedRecord {
  readonly owner: Process
  /** Whether its log is so large that it keeps all of a run. */
  readonly keepsAll: boolean
  readonly items: Published[]
}

export class Ledger {
  readonly #feeds = new Map<string, FeedRecord>()
  /** Feeds about which a hostile peer has said anything. */
  readonly forged = new Set<string>()
  /**
   * Feeds that a hostile peer published in: it has copied the id of the owner, and was verified
   * with it.
   */
  readonly stolen = new Set<string>()
  /** How many messages were published and delivered. */
  publishedCount = 0
  deliveredCount = 0
  gapCount = 0

  feeds(): Iterable<readonly [string, FeedRecord]> {
    return this.#feeds
  }

  feed(id: string): FeedRecord | undefined {
    return this.#feeds.get(id)
  }

  opened(feed: string, owner: Process, keepsAll: boolean): void {
    this.#feeds.set(feed, { owner, keepsAll, items: [] })
  }

  published(feed: string, seq: number, atMs: number, bytes: number): void {
    const items = this.#feeds.get(feed)?.items
    if (items === undefined || seq !== items.length + 1) throw new RangeError(`${feed} ${seq}`)
    items.push({ atMs, bytes })
    this.publishedCount += 1
  }

  publishedMs(feed: string, seq: number): number | undefined {
    return this.#feeds.get(feed)?.items[seq - 1]?.atMs
  }

  /** Whether this is what was published under a number. */
  isRight(feed: string, seq: number, body: unknown): boolean {
    const item = this.#feeds.get(feed)?.items[seq - 1]
    return item !== undefined && body === bodyOf(feed, seq, item.bytes)
  }

  /** Whether the owner still has one of these numbers for a reader that wants what came since. */
  ownerKeeps(feed: string, first: number, last: number, sinceMs: number, nowMs: number): boolean {
    const record = this.#feeds.get(feed)
    if (record === undefined || !record.keepsAll || !record.owner.alive) return false
    return record.items
      .slice(first - 1, last)
      .some(({ atMs }) => atMs >= Math.max(sinceMs, nowMs - KEPT_MS))
  }
}

/** The body of a message: it names its place. */
export function bodyOf(feed: string, seq: number, bytes: number): string {
  return `${feed.slice(0, 8)} ${seq} `.padEnd(bytes, '.')
}
