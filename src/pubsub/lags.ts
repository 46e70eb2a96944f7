/**
 * Links and subscriptions that fall behind. Each episode is told twice: when so much waits for a
 * reader that its next gap is near, and when it has caught up or has got that gap.
 */

import type { LinkId } from '../wire/link-facts.ts'
import type { Amount, Gap } from './entries.ts'
import { LAG_LOOK_MS, LAG_SHARE_MAX } from './limits.ts'
import type { Log } from './log.ts'
import type { Outlets } from './outlets.ts'
import type { Subscription } from './subscription.ts'

type LocalReader = Pick<Subscription<unknown>, 'dropped' | 'pattern' | 'behind'>

/** A link, or a subscription of this program. */
export type LogReader = LinkId | LocalReader

export interface LagChange extends Amount {
  readonly reader: LogReader
  readonly state: 'behind' | 'caught-up' | 'gap'
}

export class Lags {
  readonly #log: Log
  readonly #outlets: Outlets
  readonly #subscriptions = new Set<LocalReader>()
  /** Of a reader that is behind: whether it has got a gap since. */
  readonly #episodes = new Map<LogReader, { hasGap: boolean }>()
  #changes: LagChange[] = []
  /** When to look at the readers, or undefined. */
  #lookMs: number | undefined

  constructor(log: Log, outlets: Outlets) {
    this.#log = log
    this.#outlets = outlets
  }

  add(subscription: LocalReader): void {
    this.#subscriptions.add(subscription)
  }

  /** A link or a subscription ended. */
  gone(reader: LogReader): void {
    if (typeof reader !== 'number') this.#subscriptions.delete(reader)
    this.#episodes.delete(reader)
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

  onDeadline(nowMs: number): void {
    if (this.#lookMs === undefined || this.#lookMs > nowMs) return
    for (const link of this.#outlets.links()) this.#look(link, this.#outlets.lag(link, nowMs))
    for (const subscription of this.#subscriptions) this.#look(subscription, subscription.behind())
    this.#lookMs = this.#episodes.size > 0 ? nowMs + LAG_LOOK_MS : undefined
  }

  #look(reader: LogReader, amount: Amount): void {
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

  /** The log drops an entry: subscriptions that have not read it get a gap. */
  dropped(position: number, missing: Gap): void {
    for (const subscription of this.#subscriptions) {
      if (!subscription.dropped(position, missing)) continue
      this.#missed(subscription, () => subscription.behind())
    }
  }

  /** The log has dropped what a link was to get. */
  linkMissed(link: LinkId, nowMs: number): void {
    this.#missed(link, () => this.#outlets.lag(link, nowMs))
  }

  #missed(reader: LogReader, amount: () => Amount): void {
    const episode = this.#episodes.get(reader)
    if (episode === undefined || episode.hasGap) return
    episode.hasGap = true
    this.#changes.push({ reader, state: 'gap', ...amount() })
  }

  /** What changed since the last call. */
  takeChanges(): readonly LagChange[] {
    const changes = this.#changes
    if (changes.length > 0) this.#changes = []
    return changes
  }
}
