/**
 * A local subscription: a cursor into the log. One that lags costs nothing but its place; what the
 * log drops before it was read becomes a gap.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { lengthOf, type Run } from '../wire/feed-messages.ts'
import type { Chunk } from './chunk.ts'
import type { Amount, Gap } from './entries.ts'
import { ENTRY_BYTES, FEEDS_MAX, STEP_BYTES_MAX, STEP_MESSAGES_MAX } from './limits.ts'
import type { Log } from './log.ts'
import type { Pattern } from './pattern.ts'

/** How messages and gaps are given to whoever reads a subscription: made once, not converted. */
export interface Form<Item> {
  /** Item `at` of a run. `ageMs`: since it was published, without the time on the wire. */
  message(chunk: Chunk, run: Run, at: number, seq: number, ageMs: number): Item
  gap(gap: Gap): Item
}

/** Where a subscription begins. */
export type History =
  /** With what comes from now on. */
  | 'none'
  /** With what was published since this process started, or a gap. */
  | 'run'
  /** With all that is kept. */
  | 'kept'
  /** Where another subscription was; with gaps if the log has dropped anything since. */
  | LogPlace

/** A place in the log. */
export interface LogPlace {
  readonly position: number
  /** How many items of the entry at the position were taken. */
  readonly taken: number
}

export interface SubscriptionOptions {
  readonly pattern: Pattern
  readonly history: History
  /** The feed of which nothing is wanted. */
  readonly without: string | undefined
  /** What was published before is not wanted. */
  readonly sinceMs?: number | undefined
}

export class Subscription<Item> {
  readonly #log: Log
  readonly #form: Form<Item>
  readonly #options: SubscriptionOptions
  #position: number
  /** The items that were taken of the chunk at the position. */
  #taken = 0
  /** What the log dropped unread, by feed. */
  #missed = new BoundedMap<string, Gap>(FEEDS_MAX)

  constructor(log: Log, form: Form<Item>, options: SubscriptionOptions) {
    this.#log = log
    this.#form = form
    this.#options = options
    const { history } = options
    this.#position = history === 'none' ? log.end : log.start
    if (history === 'none' || history === 'kept') return
    const place = history === 'run' ? { position: log.runStart, taken: 0 } : history
    this.#position = Math.min(place.position, log.end)
    this.#taken = place.position < log.end ? place.taken : 0
    for (const feed of log.feeds()) {
      const { begin, droppedEnd, id } = feed
      const first = log.firstOf(feed)
      const isMissed = droppedEnd > place.position
      if (isMissed && first > begin && this.#wants(id)) {
        this.#miss({ feed: id, first: begin, last: first - 1 })
      }
    }
  }

  /** Where it is. */
  get place(): LogPlace {
    return { position: this.#position, taken: this.#taken }
  }

  /** Whether there is anything to take. */
  get isBehind(): boolean {
    return this.#position < this.#log.end || this.#missed.size > 0
  }

  /**
   * The next messages and gaps, at most so many that others get their turn: perhaps none, although
   * there is more.
   *
   * @param entriesMax of how many entries of the log they may be
   */
  take(nowMs: number, entriesMax = Number.POSITIVE_INFINITY): readonly Item[] {
    const taken: Item[] = []
    if (this.#missed.size > 0) {
      for (const [, gap] of this.#missed) taken.push(this.#form.gap(gap))
      this.#missed = new BoundedMap(FEEDS_MAX)
    }
    let bytes = 0
    for (let entries = 0; entries < entriesMax; entries += 1) {
      if (taken.length >= STEP_MESSAGES_MAX || bytes >= STEP_BYTES_MAX) break
      const found = this.#log.entryFrom(this.#position)
      if (found === undefined) {
        if (this.#position < this.#log.end) this.#taken = 0
        this.#position = this.#log.end
        break
      }
      const { entry, position } = found
      if (position > this.#position) this.#taken = 0
      this.#position = position
      if (entry.kind === 'gap') {
        bytes += ENTRY_BYTES
        if (this.#wants(entry.gap.feed)) taken.push(this.#form.gap(entry.gap))
        this.#position += 1
        continue
      }
      bytes += entry.chunk.bytes
      // One that is taken in parts stays decoded until its end.
      if (!this.#takeOf(entry.chunk, taken, nowMs)) break
      this.#position += 1
      this.#taken = 0
      if (!this.#log.isFreshAt(position)) entry.chunk.release()
    }
    return taken
  }

  /** The log drops an entry. Whether something is missing that was not read. */
  dropped(position: number, { feed, first: from, last }: Gap): boolean {
    if (position < this.#position || !this.#wants(feed)) return false
    const first = position === this.#position ? from + this.#taken : from
    if (first <= last) this.#miss({ feed, first, last })
    return first <= last
  }

  /** What it has not read, of all topics. */
  behind(): Amount {
    const { items, bytes } = this.#log.amountFrom(this.#position)
    return { items: Math.max(0, items - this.#taken), bytes }
  }

  get pattern(): string {
    const { pattern } = this.#options
    return pattern.text
  }

  #miss({ feed, first, last }: Gap): void {
    const before = this.#missed.get(feed) ?? { first, last }
    // What was taken back and came again may be missed, too.
    const gap = { first: Math.min(first, before.first), last: Math.max(last, before.last) }
    this.#missed.set(feed, { feed, ...gap })
  }

  #wants(feed: string): boolean {
    return feed !== this.#options.without
  }

  /** Takes items of a chunk. Whether it was taken to its end. */
  #takeOf(chunk: Chunk, taken: Item[], nowMs: number): boolean {
    if (!this.#wants(chunk.feed)) return true
    let before = 0
    for (const run of chunk.runs()) {
      const length = lengthOf(run.bodies)
      const skip = Math.max(0, this.#taken - before)
      if (skip < length) {
        const room = STEP_MESSAGES_MAX - taken.length
        const end = Math.min(length, skip + room)
        const isOld = chunk.bornMs - run.ageMs < (this.#options.sinceMs ?? Number.NEGATIVE_INFINITY)
        if (!isOld && this.#options.pattern.matches(run.topic)) {
          // Whole: fractions would cost each message a number of its own in memory.
          const ageMs = Math.max(0, Math.round(nowMs - chunk.bornMs + run.ageMs))
          const first = chunk.from + before
          for (let at = skip; at < end; at += 1) {
            taken.push(this.#form.message(chunk, run, at, first + at, ageMs))
          }
          this.#taken = before + end
          if (end < length) return false
        } else this.#taken = before + length
      }
      before += length
    }
    return true
  }
}
