/**
 * A local subscription: a cursor into the log. One that lags costs nothing but its place; what the
 * log drops before it was read becomes a gap.
 */

import { lengthOf, type Run } from '../wire/feed-messages.ts'
import type { Chunk } from './chunk.ts'
import { STEP_MESSAGES_MAX } from './limits.ts'
import type { Gap, Log } from './log.ts'
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

export interface SubscriptionOptions {
  readonly pattern: Pattern
  readonly history: History
  /** The feed of which nothing is wanted. */
  readonly without: string | undefined
}

export class Subscription<Item> {
  readonly #log: Log
  readonly #form: Form<Item>
  readonly #options: SubscriptionOptions
  #position: number
  /** The items that were taken of the chunk at the position. */
  #taken = 0
  /** What the log dropped unread, by feed. */
  readonly #missed = new Map<string, Gap>()

  constructor(log: Log, form: Form<Item>, options: SubscriptionOptions) {
    this.#log = log
    this.#form = form
    this.#options = options
    this.#position = options.history === 'none' ? log.end : log.start
    if (options.history !== 'run') return
    for (const { id, begin, first } of log.feeds()) {
      if (first > begin) this.#miss({ feed: id, first: begin, last: first - 1 })
    }
  }

  /** Whether there is anything to take. */
  get isBehind(): boolean {
    return this.#position < this.#log.end || this.#missed.size > 0
  }

  /** The next messages and gaps, at most so many that others get their turn. */
  take(nowMs: number): readonly Item[] {
    const taken = [...this.#missed.values()].map((gap) => this.#form.gap(gap))
    this.#missed.clear()
    while (taken.length < STEP_MESSAGES_MAX) {
      const found = this.#log.entryFrom(this.#position)
      if (found === undefined) {
        this.#position = this.#log.end
        break
      }
      const { entry, position } = found
      if (position > this.#position) this.#taken = 0
      this.#position = position
      if (entry.kind === 'gap') {
        if (this.#wants(entry.gap.feed)) taken.push(this.#form.gap(entry.gap))
        this.#position += 1
      } else if (this.#takeOf(entry.chunk, taken, nowMs)) {
        this.#position += 1
        this.#taken = 0
      }
      if (entry.kind === 'items' && !this.#log.isFresh) entry.chunk.release()
    }
    return taken
  }

  /** The log drops an entry, and what was not read of it is missing. */
  dropped(position: number, { feed, first: from, last }: Gap): void {
    if (position < this.#position) return
    const first = position === this.#position ? from + this.#taken : from
    if (first <= last) this.#miss({ feed, first, last })
  }

  #miss({ feed, first, last }: Gap): void {
    if (!this.#wants(feed)) return
    const before = this.#missed.get(feed)
    this.#missed.set(feed, { feed, first: Math.min(first, before?.first ?? first), last })
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
        if (this.#options.pattern.matches(run.topic)) {
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
