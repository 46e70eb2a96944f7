/**
 * Links and subscriptions that fall behind. Each episode is told twice: when so much waits for a
 * reader that its next gap is near, and when it has caught up or has got that gap.
 */

import type { Amount } from './entries.ts'
import { LAG_LOOK_MS, LAG_SHARE_MAX } from './limits.ts'
import type { Log } from './log.ts'

export interface LagChange<Reader> extends Amount {
  readonly reader: Reader
  readonly state: 'behind' | 'caught-up' | 'gap'
}

export class Lags<Reader> {
  readonly #log: Log
  /** Of a reader that is behind: whether it has got a gap since. */
  readonly #episodes = new Map<Reader, { hasGap: boolean }>()
  #changes: LagChange<Reader>[] = []
  /** When to look at the readers, or undefined. */
  #lookMs: number | undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** From so many bytes on a reader is behind, until a quarter of them is left. */
  get #bytesMax(): number {
    return this.#log.bounds.feedBytes * LAG_SHARE_MAX
  }

  /** The log has grown. Nobody is further behind than it is long. */
  grown(nowMs: number): void {
    if (this.#log.bytes > this.#bytesMax) this.#lookMs ??= nowMs + LAG_LOOK_MS
  }

  deadlineMs(): number | undefined {
    return this.#lookMs
  }

  /** @param amounts what each reader has not read */
  onDeadline(amounts: () => Iterable<readonly [Reader, Amount]>, nowMs: number): void {
    if (this.#lookMs === undefined || this.#lookMs > nowMs) return
    for (const [reader, amount] of amounts()) this.#look(reader, amount)
    this.#lookMs = this.#episodes.size > 0 ? nowMs + LAG_LOOK_MS : undefined
  }

  #look(reader: Reader, amount: Amount): void {
    const episode = this.#episodes.get(reader)
    if (episode === undefined) {
      if (amount.bytes <= this.#bytesMax) return
      this.#episodes.set(reader, { hasGap: false })
      this.#changes.push({ reader, state: 'behind', ...amount })
    } else if (amount.bytes <= this.#bytesMax / 4) {
      this.#episodes.delete(reader)
      if (!episode.hasGap) this.#changes.push({ reader, state: 'caught-up', ...amount })
    }
  }

  /** A reader gets a gap. */
  missed(reader: Reader, amount: () => Amount): void {
    const episode = this.#episodes.get(reader)
    if (episode === undefined || episode.hasGap) return
    episode.hasGap = true
    this.#changes.push({ reader, state: 'gap', ...amount() })
  }

  gone(reader: Reader): void {
    this.#episodes.delete(reader)
  }

  /** What changed since the last call. */
  takeChanges(): readonly LagChange<Reader>[] {
    const changes = this.#changes
    if (changes.length > 0) this.#changes = []
    return changes
  }
}
