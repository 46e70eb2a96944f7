/**
 * The inlets: what comes in on each link. A feed is taken in the order of its numbers; what is
 * lower came before, and what is higher is asked for. The link of the owner speaks for its feed;
 * others may only while no owner is linked.
 */

import { earlier } from '../structures/earlier.ts'
import {
  countItems,
  type EventsMessage,
  type FeedMessage,
  type GoneMessage,
} from '../wire/feed-messages.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { Chunk } from './chunk.ts'
import { confirm, doubtOn } from './doubts.ts'
import type { Feed } from './feed.ts'
import { FeedRequests } from './feed-requests.ts'
import { type Inlet, Owners } from './inlet.ts'
import { withoutFirst } from './item.ts'
import type { Log } from './log.ts'
import type { Output } from './outputs.ts'
import { OwnerReview } from './owner-review.ts'
import { Relays } from './relays.ts'

/** What a link lacks of a feed whose owner is gone. */
export interface Cut {
  readonly id: string
  readonly link: LinkId
  /** It has nothing below this number; nothing at all when that is 0. */
  readonly first: number
  /** When what it lacks was published at the latest. */
  readonly cutMs: number
}

export interface InletOptions {
  readonly log: Log
  /** Our own feed, for which nobody else speaks. */
  readonly own: string
  readonly startedMs: number
  /** Whether items are taken that links relay which are not trusted. */
  readonly takesRelayed: boolean
  readonly order: (output: Output) => void
  /** Items of a feed whose owner is gone came. */
  readonly onRelayed: (feed: Feed, nowMs: number) => void
  readonly onHole: (cut: Cut, nowMs: number) => void
}

export class Inlets {
  /** Items that came in, by who sent them. */
  readonly taken = { sender: 0, relay: 0 }
  readonly #options: InletOptions
  readonly #inlets = new Map<LinkId, Inlet>()
  readonly #owners: Owners
  readonly #requests: FeedRequests
  readonly #review: OwnerReview
  readonly #relays: Relays

  constructor(options: InletOptions) {
    const { log, order, own, startedMs, takesRelayed } = options
    this.#options = options
    this.#owners = new Owners(own, takesRelayed)
    this.#requests = new FeedRequests(log, startedMs, order)
    this.#review = new OwnerReview(log, this.#requests)
    this.#relays = new Relays({
      log,
      inlets: this.#inlets,
      mayRelay: (inlet, id) => this.#owners.voice(inlet, id) === 'relay',
      ask: (inlet, id, next, nowMs) => this.#requests.want(inlet, id, next, nowMs),
    })
  }

  opened(inlet: Inlet): void {
    this.#inlets.set(inlet.link, inlet)
    this.#owners.add(inlet)
  }

  verified(link: LinkId, nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined || inlet.verified) return
    inlet.verified = true
    const feed = this.#options.log.feed(inlet.peer)
    if (feed?.doubt?.link === link) feed.doubt = undefined
    const { peer, toldEnd } = inlet
    // It does not say again where its feed ends, and a gap that was forged hides what it lacks.
    const isTold = feed?.doubt !== undefined && toldEnd !== undefined
    if (isTold && this.#review.reviewEnd(inlet, feed, toldEnd, nowMs)) return
    if (inlet.isIgnored || feed?.doubt !== undefined) this.ask(link, peer, nowMs)
  }

  /** A link is gone. Returns the feed of its peer if no other link to that is left. */
  closed(link: LinkId, nowMs: number): string | undefined {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return undefined
    this.#inlets.delete(link)
    this.#requests.closed(inlet)
    const next = this.#owners.remove(inlet)
    if (next === undefined) return inlet.peer
    this.#requests.want(next, inlet.peer, 0, nowMs)
    return undefined
  }

  isLinked(owner: string): boolean {
    return this.#owners.isLinked(owner)
  }

  /** Whether there was a link to it, also if that is gone. */
  wasLinked(owner: string): boolean {
    return this.#owners.wasLinked(owner)
  }

  /** For how long the machine was suspended since the start. */
  suspended(totalMs: number): void {
    this.#requests.suspended(totalMs)
  }

  /** When a request is made that waits, or undefined. */
  deadlineMs(): number | undefined {
    return earlier(this.#requests.deadlineMs(), this.#relays.deadlineMs())
  }

  onDeadline(nowMs: number): void {
    this.#requests.onDeadline((inlet, id) => this.#owners.voice(inlet, id) !== 'none', nowMs)
    this.#relays.onDeadline(nowMs)
  }

  // --- Messages ----------------------------------------------------------------------------------

  /** The peer of a link names what there is of its feed. */
  announced(link: LinkId, { feed: id, next }: FeedMessage['data'], nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet?.peer === id) inlet.toldEnd = next
    if (inlet === undefined || !this.#isOwner(inlet, id)) return
    const feed = this.#options.log.feed(id)
    // Its first message comes without being asked for.
    if (feed === undefined && next === 1) return
    if (feed !== undefined && this.#review.reviewEnd(inlet, feed, next, nowMs)) return
    this.#requests.want(inlet, id, next, nowMs)
  }

  /** A peer names what it has of feeds whose owner is not linked to it. */
  told(link: LinkId, id: string, next: number, nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined || this.#owners.voice(inlet, id) !== 'relay') return
    const isForeign = this.#options.log.feed(id) === undefined && !this.#owners.wasLinked(id)
    if (isForeign && !inlet.mayIntroduce(id, nowMs)) return
    this.#relays.told(inlet, id, next, nowMs)
  }

  /** Asks a link for what comes next of a feed, also when it was asked just before. */
  ask(link: LinkId, id: string, nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return
    inlet.wants.hurry(id)
    this.#requests.want(inlet, id, 0, nowMs)
  }

  /** @param text the frame that the items came in */
  received(link: LinkId, data: EventsMessage['data'], text: string, nowMs: number): void {
    const { feed: id, from, heldMs, runs } = data
    const { log } = this.#options
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return
    const voice = this.#owners.voice(inlet, id)
    if (voice === 'none') {
      inlet.miss(id, from)
      // What follows is no beginning of the feed, should this link speak for it again.
      inlet.wants.forget(id)
      return this.#ignore(inlet, id)
    }
    const count = countItems(runs)
    const feed = log.feed(id) ?? this.#begin(inlet, id, from, nowMs)
    if (feed === undefined) {
      // Its beginning came before this link was ready here.
      inlet.miss(id, from)
      if (voice === 'owner') this.#requests.want(inlet, id, from + count, nowMs)
      return
    }
    if (voice === 'owner') this.#review.items(inlet, feed, from, runs, nowMs)
    if (from > feed.next) return this.#requests.want(inlet, id, from + count, nowMs)
    if (from + count <= feed.next) return
    const known = feed.next - from
    const fresh = known === 0 ? runs : withoutFirst(runs, known)
    const relayed = voice === 'relay'
    if (relayed || !inlet.verified) feed.doubt ??= { link, from: feed.next }
    const facts = { feed: id, from: feed.next, count: count - known, bornMs: nowMs - heldMs }
    const chunk = new Chunk({ ...facts, relayed }, { kind: 'frame', text, known }, fresh)
    log.append(feed, chunk, nowMs)
    this.taken[relayed ? 'relay' : 'sender'] += chunk.count
    if (relayed) this.#options.onRelayed(feed, nowMs)
  }

  /** A link has nothing of a feed that is below a number. */
  gone(link: LinkId, { feed: id, first, ageMs }: GoneMessage['data'], nowMs: number): void {
    const { log, onHole } = this.#options
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return
    const voice = this.#owners.voice(inlet, id)
    const feed = log.feed(id)
    // What follows begins above what is missing, should this link speak for the feed again.
    if (voice === 'none') inlet.miss(id, 1)
    // On a link that opened before its first message, an owner is not asked.
    const isBeginning = voice === 'owner' && feed === undefined
    if (voice === 'none' || !(isBeginning || inlet.wants.has(id))) return
    if (voice === 'relay') {
      if (feed === undefined) inlet.wants.cut(id)
      return onHole({ id, link, first, cutMs: nowMs - ageMs }, nowMs)
    }
    const doubt = feed && doubtOn(inlet, feed)
    // What is gone cannot be compared.
    if (feed !== undefined && doubt !== undefined && first > doubt.from) confirm(feed, first)
    const next = feed?.next ?? this.#requests.beginningOf(inlet, id) ?? 1
    if (first <= next) return
    const skipped = feed ?? log.open(id, next)
    log.skipTo(skipped, first, nowMs - ageMs, nowMs)
    if (!inlet.verified) skipped.doubt ??= { link, from: first }
  }

  // --- Who may speak -----------------------------------------------------------------------------

  #isOwner(inlet: Inlet, feed: string): boolean {
    if (this.#owners.voice(inlet, feed) === 'owner') return true
    this.#ignore(inlet, feed)
    return false
  }

  /** What it has to say is asked for when its turn comes. */
  #ignore(inlet: Inlet, feed: string): void {
    if (inlet.peer === feed) inlet.isIgnored = true
  }

  /** The feed that begins with this item, if this link may begin it. */
  #begin(inlet: Inlet, id: string, from: number, nowMs: number): Feed | undefined {
    const { peer, wants } = inlet
    const isBeginning = from === 1 && peer === id
    if (wants.isCut(id) || (!wants.has(id) && !isBeginning)) return undefined
    // It was on its way when the peer was asked for what is before it.
    const first = this.#requests.beginningOf(inlet, id) ?? from
    if (peer === id && from > first) return undefined
    const feed = this.#options.log.open(id, from)
    if (from > 1) feed.cutMs = nowMs - this.#requests.recentMs(nowMs)
    return feed
  }
}
