/**
 * The outlets: what goes out on each link. An outlet has a cursor into each feed that its peer
 * wants; nothing is queued for it. One whose socket does not take what it was given waits, and
 * delays no other.
 */

import type { WantMessage } from '../wire/feed-messages.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Chunk } from './chunk.ts'
import type { Feed } from './feed.ts'
import {
  ASK_MS_MAX,
  FEEDS_MAX,
  LINK_WINDOW_BYTES_MAX,
  REWIND_BYTES_MAX,
  REWIND_WINDOW_MS,
  WANT_PAUSE_MS,
  WINDOWS_BYTES_MAX,
} from './limits.ts'
import type { Log } from './log.ts'
import type { Output } from './outputs.ts'

interface Outlet {
  readonly link: LinkId
  /** By feed, the number that is sent next. */
  readonly cursors: Map<string, number>
  /** The feeds that are sent: our own, and others up to what is here. */
  readonly open: Set<string>
  /** Until when its peer has to ask for our own feed. */
  readonly askByMs: number
  /** What was sent since the socket took all. */
  unconfirmedBytes: number
  /** Whether the socket is to tell when it has taken all. */
  isFull: boolean
  /** Until when nothing is sent, or undefined. */
  pausedUntilMs: number | undefined
  /** What it was sent again, which is forgotten over time. */
  rewoundBytes: number
  rewoundMs: number
}

export class Outlets {
  readonly #log: Log
  readonly #own: Feed
  readonly #order: (output: Output) => void
  readonly #outlets = new Map<LinkId, Outlet>()
  /** Those that may pause. */
  readonly #paused = new Set<Outlet>()
  /** The frame that was made last, which most links get at the same time. */
  #lastFrame: { readonly chunk: Chunk; readonly from: number; readonly text: string } | undefined

  constructor(log: Log, own: Feed, order: (output: Output) => void) {
    this.#log = log
    this.#own = own
    this.#order = order
  }

  /** The links, in the order in which they opened. */
  links(): Iterable<LinkId> {
    return this.#outlets.keys()
  }

  opened(link: LinkId, nowMs: number): void {
    const { id, next } = this.#own
    const outlet: Outlet = {
      link,
      cursors: new Map(),
      open: new Set([id]),
      askByMs: nowMs + ASK_MS_MAX,
      unconfirmedBytes: 0,
      isFull: false,
      pausedUntilMs: undefined,
      rewoundBytes: 0,
      rewoundMs: Number.NEGATIVE_INFINITY,
    }
    this.#outlets.set(link, outlet)
    // Before the first message there is nothing to ask for.
    if (next === 1) outlet.cursors.set(id, 1)
    else this.#sendFeed(outlet)
  }

  closed(link: LinkId): void {
    const outlet = this.#outlets.get(link)
    if (outlet !== undefined) this.#paused.delete(outlet)
    this.#outlets.delete(link)
  }

  /** The socket of a link has taken all that it was given. */
  drained(link: LinkId, nowMs: number): void {
    const outlet = this.#outlets.get(link)
    if (outlet === undefined) return
    outlet.isFull = false
    outlet.unconfirmedBytes = 0
    this.#sendAll([outlet], nowMs)
  }

  /** A peer wants a feed from a place on. What it has had before comes again, but not at once. */
  wanted(link: LinkId, want: WantMessage['data'], nowMs: number): void {
    const outlet = this.#outlets.get(link)
    if (outlet === undefined) return
    const feed = this.#log.feed(want.feed)
    if (feed === undefined) {
      return this.#send(outlet, { type: 'GONE', data: { feed: want.feed, first: 0, ageMs: 0 } })
    }
    const isOwn = feed === this.#own
    // Somebody made up the rest, and the peer is to know where it ends.
    if (isOwn && 'from' in want && want.from > feed.next) this.#sendFeed(outlet)
    const from = 'from' in want ? want.from : feed.firstSince(nowMs - want.withinMs)
    const before = outlet.cursors.get(feed.id)
    this.#moveTo(outlet, feed.id, Math.min(from, feed.next))
    outlet.open.add(feed.id)
    // Whether what it wants may lie before what is kept.
    const isCut = 'withinMs' in want && feed.cutMs >= nowMs - want.withinMs
    if (isCut) this.#sendGone(outlet, feed, from, nowMs)
    if (before !== undefined && from < before) this.#rewound(outlet, feed, from, before, nowMs)
    this.#sendAll([outlet], nowMs)
  }

  #moveTo({ cursors }: Outlet, feed: string, to: number): void {
    cursors.set(feed, to)
    if (cursors.size <= FEEDS_MAX) return
    // Our own is not given up: it has to go on.
    for (const id of cursors.keys()) {
      if (id === this.#own.id || id === feed) continue
      cursors.delete(id)
      return
    }
  }

  #rewound(outlet: Outlet, feed: Feed, from: number, before: number, nowMs: number): void {
    const perMs = REWIND_BYTES_MAX / REWIND_WINDOW_MS
    const forgotten = (nowMs - outlet.rewoundMs) * perMs
    const bytes = Math.max(0, outlet.rewoundBytes - forgotten) + feed.bytesBetween(from, before)
    const waitMs = Math.max(WANT_PAUSE_MS, (bytes - REWIND_BYTES_MAX) / perMs)
    const pausedUntilMs = outlet.rewoundMs + waitMs
    if (pausedUntilMs > nowMs) {
      outlet.pausedUntilMs = pausedUntilMs
      this.#paused.add(outlet)
    }
    outlet.rewoundBytes = bytes
    outlet.rewoundMs = nowMs
  }

  /** Sends each link what it has not got, as far as its socket takes it. */
  pump(nowMs: number): void {
    this.#sendAll([...this.#outlets.values()], nowMs)
  }

  #sendAll(outlets: readonly Outlet[], nowMs: number): void {
    let behind = outlets
    // A frame for all links at a time: it is made once.
    while (behind.length > 0) behind = behind.filter((outlet) => this.#sendOne(outlet, nowMs))
    // It names how long it was held, and is too much to keep.
    this.#lastFrame = undefined
  }

  /** When a link that pauses goes on, or undefined. */
  deadlineMs(): number | undefined {
    let earliest: number | undefined
    for (const { pausedUntilMs } of this.#paused) {
      if (pausedUntilMs === undefined) continue
      earliest = Math.min(pausedUntilMs, earliest ?? pausedUntilMs)
    }
    return earliest
  }

  /** What a link has not got of our own feed. */
  lag(link: LinkId, nowMs: number): { readonly items: number; readonly bytes: number } {
    const { first, id, next } = this.#own
    const { askByMs = 0, cursors } = this.#outlets.get(link) ?? {}
    // Until it has asked, it may want all.
    const cursor = cursors?.get(id) ?? (nowMs < askByMs ? first : next)
    return { items: next - cursor, bytes: this.#own.bytesBetween(cursor, next) }
  }

  /** Sends one frame. False when the peer has all, or is to have no more now. */
  #sendOne(outlet: Outlet, nowMs: number): boolean {
    const { isFull, pausedUntilMs = nowMs } = outlet
    if (pausedUntilMs > nowMs) return false
    outlet.pausedUntilMs = undefined
    this.#paused.delete(outlet)
    if (isFull) return false
    for (const id of outlet.open) {
      const feed = this.#log.feed(id)
      const cursor = outlet.cursors.get(id)
      if (feed !== undefined && cursor !== undefined && cursor < feed.next) {
        this.#sendNext(outlet, feed, cursor, nowMs)
        return true
      }
      // What comes later of a feed whose owner is gone is told by FEEDS.
      if (feed !== this.#own) outlet.open.delete(id)
    }
    return false
  }

  #sendNext(outlet: Outlet, feed: Feed, cursor: number, nowMs: number): void {
    const chunk = feed.chunkFrom(cursor)
    const at = chunk?.from ?? feed.next
    if (at > cursor) {
      this.#sendGone(outlet, feed, at, nowMs)
      this.#moveTo(outlet, feed.id, at)
    } else if (chunk !== undefined) {
      this.#sendText(outlet, this.#frame(chunk, cursor, nowMs))
      this.#moveTo(outlet, feed.id, chunk.end)
    }
  }

  #frame(chunk: Chunk, from: number, nowMs: number): string {
    const last = this.#lastFrame
    if (last?.chunk === chunk && last.from === from) return last.text
    const text = chunk.frame(from, nowMs)
    this.#lastFrame = { chunk, from, text }
    return text
  }

  #sendFeed(outlet: Outlet): void {
    const { first, id: feed, next } = this.#own
    this.#send(outlet, { type: 'FEED', data: { feed, first, next } })
  }

  #sendGone(outlet: Outlet, { cutMs, id: feed }: Feed, first: number, nowMs: number): void {
    // Without a cut there is a hole that another node had announced: it is as old as anything.
    const ageMs = Math.max(0, Math.round(nowMs - Math.max(0, cutMs)))
    this.#send(outlet, { type: 'GONE', data: { feed, first, ageMs } })
  }

  #send(outlet: Outlet, message: { readonly type: string; readonly data: object }): void {
    this.#sendText(outlet, JSON.stringify(message))
  }

  #sendText(outlet: Outlet, text: string): void {
    const share = Math.min(LINK_WINDOW_BYTES_MAX, WINDOWS_BYTES_MAX / this.#outlets.size)
    outlet.unconfirmedBytes += text.length
    const fills = !outlet.isFull && outlet.unconfirmedBytes >= share
    if (fills) outlet.isFull = true
    // Once: an answer for what was sent later would open the window while it is in use again.
    this.#order({ kind: 'send', link: outlet.link, text, awaitsDrain: fills })
  }
}
