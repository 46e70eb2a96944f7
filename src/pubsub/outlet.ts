/** An outlet: a place in each feed that the peer of a link wants. */

import type { LinkId } from '../wire/link-facts.ts'
import type { Feed } from './feed.ts'
import { ASK_MS_MAX, ASKED_FEEDS_MAX } from './limits.ts'
import type { Log } from './log.ts'
import { RewindBudget } from './rewind-budget.ts'

export class Outlet {
  readonly link: LinkId
  readonly openedMs: number
  /** By feed, the number that is sent next. */
  readonly cursors = new Map<string, number>()
  /** The feeds that are sent: our own, and others up to what is here. */
  readonly open: Set<string>
  /** Whether its socket has to take the last frame first. */
  isFull = false
  /** The first number of our own feed in the last frame, or after it. */
  lastFrom: number
  /** Until when nothing is sent, or undefined. */
  pausedUntilMs: number | undefined
  readonly rewinds = new RewindBudget()
  readonly #own: Feed

  constructor(link: LinkId, own: Feed, nowMs: number) {
    this.link = link
    this.openedMs = nowMs
    this.open = new Set([own.id])
    this.lastFrom = own.next
    this.#own = own
  }

  moveTo(feed: string, to: number): void {
    const { cursors, open } = this
    cursors.set(feed, to)
    if (cursors.size <= ASKED_FEEDS_MAX) return
    const others = [...cursors.keys()].filter((id) => id !== this.#own.id && id !== feed)
    const forgotten = others.find((id) => !open.has(id)) ?? others[0]
    if (forgotten === undefined) return
    cursors.delete(forgotten)
    open.delete(forgotten)
  }

  /** A feed of which the link lacks something, and the number that it lacks. */
  nextOf(log: Log): { readonly feed: Feed; readonly cursor: number } | undefined {
    for (const id of this.open) {
      const feed = log.feed(id)
      const cursor = this.cursors.get(id)
      if (feed !== undefined && cursor !== undefined && cursor < feed.next) return { feed, cursor }
      // What comes later of a feed whose owner is gone is told by FEEDS.
      if (feed !== this.#own) this.open.delete(id)
    }
    return undefined
  }

  /** The number below which its socket has taken all of our own feed. */
  takenTo(nowMs: number): number {
    const { first, id, next } = this.#own
    const cursor = this.cursors.get(id)
    // Until it has asked, it may want all.
    if (cursor === undefined) return nowMs < this.openedMs + ASK_MS_MAX ? first : next
    return this.isFull ? Math.min(cursor, this.lastFrom) : cursor
  }
}
