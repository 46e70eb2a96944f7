/**
 * Relays: which links are asked for a feed whose owner is gone. All have the same, so one is
 * enough; but some tell of what they have not. So where nothing came within a pause, those that
 * were not asked yet are, twice as many each time. Only where something of the feed is here: of one
 * that is too old for this node all relays tell, and none has anything for it.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Inlet } from './inlet.ts'
import { FEEDS_MAX, HOLE_WAIT_MS, WANT_PAUSE_MS } from './limits.ts'
import type { Log } from './log.ts'

/** Who was asked for a feed, while it ended at the same number, or grew by what they sent. */
interface Round {
  readonly atMs: number
  /** The end of the feed as it was here; 0 when nothing of it was here. */
  readonly end: number
  readonly asked: ReadonlySet<LinkId>
  readonly hasGained: boolean
  /** Whether others are asked once nothing comes any more. */
  readonly isOpen: boolean
}

export interface RelayOptions {
  readonly log: Log
  readonly inlets: ReadonlyMap<LinkId, Inlet>
  /** Whether a link may relay a feed. */
  readonly mayRelay: (inlet: Inlet, id: string) => boolean
  readonly ask: (inlet: Inlet, id: string, next: number, nowMs: number) => void
}

export class Relays {
  readonly #options: RelayOptions
  readonly #rounds = new BoundedMap<string, Round>(FEEDS_MAX)
  /** When the first open round ends. */
  #dueMs = Number.POSITIVE_INFINITY

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** A link has numbers of a feed that are not here, below `next`. */
  told(inlet: Inlet, id: string, next: number, nowMs: number): void {
    const before = inlet.told.get(id) ?? 0
    inlet.told.set(id, next)
    const round = this.#rounds.get(id)
    const end = this.#endOf(id)
    // Where it ends lower than before, what was here was taken back, or is forgotten.
    if (round === undefined || end < round.end) return this.#ask(id, [inlet], NOBODY, nowMs)
    const isAwaited = this.#open(round.asked).length > 0
    if (isAwaited && nowMs < round.atMs + WANT_PAUSE_MS) return
    if (end > round.end || (end > 0 && round.isOpen)) return this.#end(id, round, nowMs)
    const isNews = next > before || !round.asked.has(inlet.link)
    if (isNews || nowMs >= round.atMs + HOLE_WAIT_MS) this.#ask(id, [inlet], round.asked, nowMs)
  }

  /** When the next links are asked, or undefined. */
  deadlineMs(): number | undefined {
    return Number.isFinite(this.#dueMs) ? this.#dueMs : undefined
  }

  onDeadline(nowMs: number): void {
    if (nowMs < this.#dueMs) return
    this.#dueMs = Number.POSITIVE_INFINITY
    for (const [id, round] of [...this.#rounds]) {
      if (!round.isOpen) continue
      if (nowMs < round.atMs + WANT_PAUSE_MS) this.#await(round)
      else this.#end(id, round, nowMs)
    }
  }

  /** The time of a round is over. */
  #end(id: string, round: Round, nowMs: number): void {
    const end = this.#endOf(id)
    const more = [...this.#options.inlets.values()].filter(
      (inlet) => (inlet.told.get(id) ?? 0) > end && this.#options.mayRelay(inlet, id),
    )
    if (more.length === 0) return this.#rounds.delete(id)
    const others = more.filter(({ link }) => !round.asked.has(link))
    if (end > round.end && others.length < more.length) {
      // What has begun to come may go on by itself.
      return this.#set(id, { ...round, atMs: nowMs, end, hasGained: true, isOpen: true })
    }
    if (end !== round.end || round.hasGained) {
      // Whoever has sent all may have more by now.
      return this.#ask(id, [...others, ...more].slice(0, 1), NOBODY, nowMs)
    }
    if (end === 0 || others.length === 0) return this.#set(id, { ...round, isOpen: false })
    this.#ask(id, others.slice(0, round.asked.size + 1), round.asked, nowMs)
  }

  #ask(id: string, inlets: readonly Inlet[], before: ReadonlySet<LinkId>, nowMs: number): void {
    const asked = new Set([...this.#open(before), ...inlets.map(({ link }) => link)])
    const end = this.#endOf(id)
    this.#set(id, { atMs: nowMs, end, asked, hasGained: false, isOpen: true })
    for (const inlet of inlets) this.#options.ask(inlet, id, inlet.told.get(id) ?? 0, nowMs)
  }

  /** Of these links those that stand. */
  #open(links: ReadonlySet<LinkId>): readonly LinkId[] {
    return [...links].filter((link) => this.#options.inlets.has(link))
  }

  #set(id: string, round: Round): void {
    this.#rounds.set(id, round)
    if (round.isOpen) this.#await(round)
  }

  #await({ atMs }: Round): void {
    this.#dueMs = Math.min(this.#dueMs, atMs + WANT_PAUSE_MS)
  }

  #endOf(id: string): number {
    return this.#options.log.feed(id)?.next ?? 0
  }
}

const NOBODY: ReadonlySet<LinkId> = new Set()
