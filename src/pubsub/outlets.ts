/**
 * The outlets: what goes out on each link. An outlet has a cursor into each feed that its peer
 * wants; nothing is queued for it. It gets one frame at a time: what the mesh sends meanwhile is
 * behind one frame at most, and one whose socket takes nothing delays no other.
 */

import { earlier } from '../structures/earlier.ts'
import type { WantMessage } from '../wire/feed-messages.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Chunk } from './chunk.ts'
import type { Amount } from './entries.ts'
import type { Feed } from './feed.ts'
import { ASKED_FEEDS_MAX } from './limits.ts'
import type { Log } from './log.ts'
import { Outlet } from './outlet.ts'
import type { Output } from './outputs.ts'

export class Outlets {
  readonly #log: Log
  readonly #own: Feed
  readonly #order: (output: Output) => void
  readonly #onMissed: (link: LinkId, nowMs: number) => void
  readonly #outlets = new Map<LinkId, Outlet>()
  /** Those that may pause. */
  readonly #paused = new Set<Outlet>()
  /** The frame that was made last, which most links get at the same time. */
  #lastFrame: { readonly chunk: Chunk; readonly from: number; readonly text: string } | undefined

  /** @param onMissed called when the log has dropped what a link was to get of our own feed */
  constructor(
    log: Log,
    own: Feed,
    order: (output: Output) => void,
    onMissed: (link: LinkId, nowMs: number) => void,
  ) {
    this.#log = log
    this.#onMissed = onMissed
    this.#own = own
    this.#order = order
  }

  /** The links, in the order in which they opened. */
  links(): Iterable<LinkId> {
    return this.#outlets.keys()
  }

  opened(link: LinkId, nowMs: number): void {
    const { id, next } = this.#own
    const outlet = new Outlet(link, this.#own, nowMs)
    this.#outlets.set(link, outlet)
    // Before the first message there is nothing to ask for.
    if (next === 1) outlet.cursors.set(id, 1)
    this.#sendFeed(outlet)
  }

  closed(link: LinkId): void {
    const outlet = this.#outlets.get(link)
    if (outlet !== undefined) this.#paused.delete(outlet)
    this.#outlets.delete(link)
  }

  get size(): number {
    return this.#outlets.size
  }

  /** The socket of a link has not taken the last frame. */
  full(link: LinkId): void {
    const outlet = this.#outlets.get(link)
    if (outlet !== undefined) outlet.isFull = true
  }

  /** The sockets of links have taken all that they were given. */
  drained(links: readonly LinkId[], nowMs: number): void {
    const outlets: Outlet[] = []
    for (const link of links) {
      const outlet = this.#outlets.get(link)
      if (outlet === undefined) continue
      outlet.isFull = false
      outlets.push(outlet)
    }
    this.#sendAll(outlets, nowMs)
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
    // Items above our end were forged in our name: FEED tells the peer where the feed ends.
    if (isOwn && 'from' in want && want.from > feed.next) this.#sendFeed(outlet)
    // A first request for our own feed answers our FEED: it counts from there, however long it was
    // on its way.
    const askedMs = isOwn && !outlet.cursors.has(feed.id) ? outlet.openedMs : nowMs
    // The cursor may have been dropped to make room: assume that all was sent, so that sending it
    // again counts.
    const isForgotten = outlet.cursors.size >= ASKED_FEEDS_MAX
    const before = outlet.cursors.get(feed.id) ?? (isForgotten ? feed.next : undefined)
    // A repeated WANT does not move the cursor past items that were not sent yet and have become
    // too old meanwhile.
    const from =
      'from' in want
        ? want.from
        : Math.min(feed.firstSince(askedMs - want.withinMs), before ?? feed.next)
    outlet.moveTo(feed.id, Math.min(from, feed.next))
    outlet.open.add(feed.id)
    // Whether what it wants may lie before what is kept.
    const isCut = 'withinMs' in want && feed.cutMs >= askedMs - want.withinMs
    if (isCut) this.#sendGone(outlet, feed, from, nowMs)
    if (before !== undefined && from < before) {
      outlet.pausedUntilMs = outlet.rewinds.take(feed.bytesBetween(from, before), nowMs)
      this.#paused.add(outlet)
    }
    this.#sendAll([outlet], nowMs)
  }

  /** Sends each link what it has not got, as far as its socket takes it. */
  pump(nowMs: number): void {
    this.#sendAll([...this.#outlets.values()], nowMs)
  }

  #sendAll(outlets: readonly Outlet[], nowMs: number): void {
    // The same frame for those that are at the same place: it is made once.
    for (const outlet of outlets) this.#sendOne(outlet, nowMs)
    // It names how long it was held, and is too much to keep.
    this.#lastFrame = undefined
  }

  /** When a link that pauses goes on, or undefined. */
  deadlineMs(): number | undefined {
    let dueMs: number | undefined
    for (const { pausedUntilMs } of this.#paused) dueMs = earlier(dueMs, pausedUntilMs)
    return dueMs
  }

  /** What the socket of a link has not taken of our own feed. */
  lag(link: LinkId, nowMs: number): Amount {
    const { next } = this.#own
    const cursor = this.#outlets.get(link)?.takenTo(nowMs) ?? next
    return { items: next - cursor, bytes: this.#own.bytesBetween(cursor, next) }
  }

  /** The same of all links, in items. */
  lagOfAll(nowMs: number): { readonly sum: number; readonly max: number } {
    const lags = [...this.links()].map((link) => this.lag(link, nowMs).items)
    return { sum: lags.reduce((sum, items) => sum + items, 0), max: Math.max(0, ...lags) }
  }

  /** Whether the socket of a link has taken our own messages below a number. */
  hasTaken(link: LinkId, seq: number, nowMs: number): boolean {
    return (this.#outlets.get(link)?.takenTo(nowMs) ?? this.#own.next) >= seq
  }

  /** Sends one frame, unless the peer has all, or is to have no more now. */
  #sendOne(outlet: Outlet, nowMs: number): void {
    const { isFull, pausedUntilMs = nowMs } = outlet
    if (pausedUntilMs > nowMs) return
    outlet.pausedUntilMs = undefined
    this.#paused.delete(outlet)
    if (isFull) return
    for (let next = outlet.nextOf(this.#log); next !== undefined; next = outlet.nextOf(this.#log)) {
      const { cursor, feed } = next
      const chunk = feed.chunkFrom(cursor)
      const at = chunk?.from ?? feed.next
      if (chunk !== undefined && at <= cursor) {
        return this.#sendChunk(outlet, feed, chunk, cursor, nowMs)
      }
      if (feed === this.#own) this.#onMissed(outlet.link, nowMs)
      this.#sendGone(outlet, feed, at, nowMs)
      outlet.moveTo(feed.id, at)
    }
  }

  #sendChunk(outlet: Outlet, feed: Feed, chunk: Chunk, from: number, nowMs: number): void {
    const { cursors, link } = outlet
    const text = this.#frame(chunk, from, nowMs)
    outlet.lastFrom = feed === this.#own ? from : (cursors.get(this.#own.id) ?? outlet.lastFrom)
    outlet.moveTo(feed.id, chunk.end)
    outlet.isFull = outlet.nextOf(this.#log) !== undefined
    this.#order({ kind: 'send', link, text, awaitsDrain: outlet.isFull })
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

  #send({ link }: Outlet, message: { type: string; data: object }): void {
    this.#order({ kind: 'send', link, text: JSON.stringify(message), awaitsDrain: false })
  }
}
