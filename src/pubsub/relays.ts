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

/** Who was asked for a feed, while it ended at the same number. */
interface Round {
  readonly atMs: number
  /** The end of the feed as it was here; 0 when nothing of it was here. */
  readonly end: number
  readonly asked: ReadonlySet<LinkId>
  /** How many are asked if nothing comes of it. */
  readonly next: number
  /** Whether somebody is left to ask, or what was asked for is on its way. */
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
    inlet.told.set(id, next)
    const round = this.#rounds.get(id)
    if (round === undefined) return this.#ask(id, [inlet], NOBODY, nowMs)
    const isAsked = [...round.asked].some((link) => this.#options.inlets.has(link))
    if (isAsked && nowMs < round.atMs + WANT_PAUSE_MS) return
    if (round.end !== this.#endOf(id)) return this.#end(id, round, nowMs)
    if (!round.asked.has(inlet.link)) return this.#ask(id, [inlet], round.asked, nowMs)
    if (nowMs >= round.atMs + HOLE_WAIT_MS) this.#ask(id, [inlet], NOBODY, nowMs)
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

  #end(id: string, round: Round, nowMs: number): void {
    const end = this.#endOf(id)
    const more = [...this.#options.inlets.values()].filter(
      (inlet) => (inlet.told.get(id) ?? 0) > end && this.#options.mayRelay(inlet, id),
    )
    if (more.length === 0) return this.#rounds.delete(id)
    const isAsked = ({ link }: Inlet): boolean => round.asked.has(link)
    const hasGained = end > round.end
    // What has begun to come goes on by itself.
    if (hasGained && more.some(isAsked)) {
      return this.#set(id, { ...round, atMs: nowMs, end, next: 1, isOpen: true })
    }
    const others = more.filter((inlet) => !isAsked(inlet)).slice(0, hasGained ? 1 : round.next)
    if (end === 0 || others.length === 0) this.#set(id, { ...round, isOpen: false })
    else this.#ask(id, others, hasGained ? NOBODY : round.asked, nowMs)
  }

  #ask(id: string, inlets: readonly Inlet[], before: ReadonlySet<LinkId>, nowMs: number): void {
    const asked = new Set([...before, ...inlets.map(({ link }) => link)])
    const end = this.#endOf(id)
    this.#set(id, { atMs: nowMs, end, asked, next: asked.size + 1, isOpen: true })
    for (const inlet of inlets) this.#options.ask(inlet, id, inlet.told.get(id) ?? 0, nowMs)
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
