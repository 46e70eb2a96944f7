/**
 * The inlets: what comes in on each link. A feed is taken in the order of its numbers; what is
 * lower came before, and what is higher is asked for. The link of the owner speaks for its feed;
 * others may only while no owner is linked.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import {
  countItems,
  type EventsMessage,
  type FeedMessage,
  type GoneMessage,
  type Run,
  type WantMessage,
} from '../wire/feed-messages.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { Chunk } from './chunk.ts'
import type { Doubt, Feed } from './feed.ts'
import { withoutFirst } from './item.ts'
import { FEEDS_MAX, START_MARGIN_MS, UNKNOWN_FEEDS_PER_LINK_MAX, WANT_PAUSE_MS } from './limits.ts'
import type { Log } from './log.ts'
import type { Output } from './outputs.ts'

interface Inlet {
  readonly link: LinkId
  /** The feed of its peer. */
  readonly peer: string
  verified: boolean
  /** By feed, when it was asked for last. */
  readonly wantedMs: BoundedMap<string, number>
  /** The feeds of others that it made known here. */
  readonly foreign: Set<string>
  /** Feeds of others of which it lacks the beginning. */
  readonly cut: Set<string>
  /** The end of its peer's feed as it was here, when the peer was asked whether it has as much. */
  askedEnd: number | undefined
  /** Whether it said something of its peer's feed while another link spoke for that. */
  isIgnored: boolean
}

/** What a link may say of a feed. */
type Voice =
  /** It is the owner's, as far as anyone can tell. */
  | 'owner'
  /** The owner is gone, and it relays. */
  | 'relay'
  | 'none'

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
  /** Whether items that others relay are taken. */
  readonly takesRelayed: boolean
  readonly order: (output: Output) => void
  /** Items of a feed whose owner is gone came. */
  readonly onRelayed: (feed: Feed, nowMs: number) => void
  readonly onHole: (cut: Cut, nowMs: number) => void
}

export class Inlets {
  readonly #options: InletOptions
  readonly #inlets = new Map<LinkId, Inlet>()
  /** The links of each peer, by its feed, in the order in which they opened. */
  readonly #owners = new Map<string, Inlet[]>()
  /** By feed, the relay that was asked last: all have the same, and one is enough. */
  readonly #relays = new BoundedMap<string, { readonly link: LinkId; readonly atMs: number }>(
    FEEDS_MAX,
  )

  constructor(options: InletOptions) {
    this.#options = options
  }

  opened(link: LinkId, peer: string, verified: boolean): void {
    const inlet = {
      link,
      peer,
      verified,
      wantedMs: new BoundedMap<string, number>(FEEDS_MAX),
      foreign: new Set<string>(),
      askedEnd: undefined,
      isIgnored: false,
      cut: new Set<string>(),
    }
    this.#inlets.set(link, inlet)
    const ofPeer = this.#owners.get(peer)
    if (ofPeer === undefined) this.#owners.set(peer, [inlet])
    else ofPeer.push(inlet)
  }

  verified(link: LinkId, nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return
    inlet.verified = true
    const feed = this.#options.log.feed(inlet.peer)
    if (feed?.doubt?.link === link) feed.doubt = undefined
    if (inlet.isIgnored || feed?.doubt !== undefined) this.ask(link, inlet.peer, nowMs)
  }

  /** A link is gone. Returns the feed of its peer if no other link to that is left. */
  closed(link: LinkId, nowMs: number): string | undefined {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return undefined
    this.#inlets.delete(link)
    const others = (this.#owners.get(inlet.peer) ?? []).filter((one) => one !== inlet)
    const [next] = others
    if (next === undefined) {
      this.#owners.delete(inlet.peer)
      return inlet.peer
    }
    this.#owners.set(inlet.peer, others)
    this.#wantOf(next, inlet.peer, nowMs)
    return undefined
  }

  isLinked(owner: string): boolean {
    return this.#owners.has(owner)
  }

  // --- Messages ----------------------------------------------------------------------------------

  /** The peer of a link names what there is of its feed. */
  announced(link: LinkId, { feed: id, next }: FeedMessage['data'], nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined || !this.#isOwner(inlet, id)) return
    const feed = this.#options.log.feed(id)
    if (feed === undefined) return this.#wantRecent(inlet, id, nowMs)
    if (!this.#reviewEnd(inlet, feed, next, nowMs)) this.#want(inlet, feed, nowMs)
  }

  /** A peer names what it has of feeds whose owner is not linked to it. */
  told(link: LinkId, id: string, next: number, nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined || this.#voice(inlet, id) !== 'relay') return
    const feed = this.#options.log.feed(id)
    const relay = this.#relays.get(id)
    const isAsked = relay !== undefined && nowMs < relay.atMs + WANT_PAUSE_MS
    if (isAsked && this.#inlets.has(relay.link)) return
    if (feed !== undefined) {
      if (next > feed.next) this.#want(inlet, feed, nowMs)
    } else if (!this.#introduce(inlet, id, nowMs)) return
    this.#relays.set(id, { link, atMs: nowMs })
  }

  /** Asks a link for what comes next of a feed, also when it was asked just before. */
  ask(link: LinkId, id: string, nowMs: number): void {
    const inlet = this.#inlets.get(link)
    if (inlet === undefined) return
    inlet.wantedMs.delete(id)
    this.#wantOf(inlet, id, nowMs)
  }

  #wantOf(inlet: Inlet, id: string, nowMs: number): void {
    const feed = this.#options.log.feed(id)
    if (feed === undefined) this.#wantRecent(inlet, id, nowMs)
    else this.#want(inlet, feed, nowMs)
  }

  #introduce(inlet: Inlet, id: string, nowMs: number): boolean {
    inlet.foreign.add(id)
    if (inlet.foreign.size > UNKNOWN_FEEDS_PER_LINK_MAX) {
      inlet.foreign.delete(id)
      return false
    }
    this.#wantRecent(inlet, id, nowMs)
    return true
  }

  /** @param text the frame that the items came in */
  received(link: LinkId, data: EventsMessage['data'], text: string, nowMs: number): void {
    const { feed: id, from, heldMs, runs } = data
    const { log } = this.#options
    const inlet = this.#inlets.get(link)
    const voice = inlet === undefined ? 'none' : this.#voice(inlet, id)
    if (inlet === undefined) return
    if (voice === 'none') {
      // What follows is no beginning of the feed, should this link speak for it again.
      inlet.wantedMs.delete(id)
      return this.#ignore(inlet, id)
    }
    const feed = log.feed(id) ?? this.#begin(inlet, id, from, nowMs)
    if (feed === undefined) {
      // Its beginning came before this link was ready here.
      if (voice === 'owner') this.#wantRecent(inlet, id, nowMs)
      return
    }
    if (voice === 'owner') this.#reviewItems(inlet, feed, from, runs, nowMs)
    const count = countItems(runs)
    if (from > feed.next) return this.#want(inlet, feed, nowMs)
    if (from + count <= feed.next) return
    const known = feed.next - from
    const fresh = known === 0 ? runs : withoutFirst(runs, known)
    const relayed = voice === 'relay'
    if (relayed || !inlet.verified) feed.doubt ??= { link, from: feed.next }
    const facts = { feed: id, from: feed.next, count: count - known, bornMs: nowMs - heldMs }
    const chunk = new Chunk({ ...facts, relayed }, { kind: 'frame', text, known }, fresh)
    log.append(feed, chunk, nowMs)
    if (relayed) this.#options.onRelayed(feed, nowMs)
  }

  /** A link has nothing of a feed that is below a number. */
  gone(link: LinkId, { feed: id, first, ageMs }: GoneMessage['data'], nowMs: number): void {
    const { log, onHole } = this.#options
    const inlet = this.#inlets.get(link)
    if (inlet === undefined || !inlet.wantedMs.has(id)) return
    const voice = this.#voice(inlet, id)
    if (voice === 'none') return
    const feed = log.feed(id)
    if (voice === 'relay') {
      if (feed === undefined) inlet.cut.add(id)
      return onHole({ id, link, first, cutMs: nowMs - ageMs }, nowMs)
    }
    const doubt = feed && this.#doubtOf(inlet, feed)
    // What is gone cannot be compared.
    if (feed !== undefined && doubt !== undefined && first > doubt.from) this.#confirm(feed, first)
    if (first <= (feed?.next ?? 1)) return
    log.skipTo(feed ?? log.open(id, 1), first, nowMs - ageMs, nowMs)
  }

  // --- Who may speak -----------------------------------------------------------------------------

  #voice(inlet: Inlet, feed: string): Voice {
    const { own, takesRelayed } = this.#options
    if (feed === own) return 'none'
    const owners = this.#owners.get(feed)
    if (owners === undefined) return takesRelayed ? 'relay' : 'none'
    const speaker = owners.find(({ verified }) => verified) ?? owners[0]
    return speaker === inlet || (inlet.verified && inlet.peer === feed) ? 'owner' : 'none'
  }

  #isOwner(inlet: Inlet, feed: string): boolean {
    if (this.#voice(inlet, feed) === 'owner') return true
    this.#ignore(inlet, feed)
    return false
  }

  /** What it has to say is asked for when its turn comes. */
  #ignore(inlet: Inlet, feed: string): void {
    if (inlet.peer === feed) inlet.isIgnored = true
  }

  /**
   * The owner is verified and has less than came in its name. On another link it may have sent more
   * since, so it is asked; what it still lacks then was forged. Whether it was asked.
   */
  #reviewEnd(inlet: Inlet, feed: Feed, next: number, nowMs: number): boolean {
    if (!inlet.verified || next >= feed.next) return false
    if (inlet.askedEnd === undefined || inlet.askedEnd <= next) {
      inlet.askedEnd = feed.next
      inlet.wantedMs.delete(feed.id)
      this.#ask(inlet, { feed: feed.id, from: feed.next }, nowMs)
      return true
    }
    inlet.askedEnd = undefined
    this.#takeBack(inlet, feed, next, nowMs)
    this.#confirm(feed, feed.doubt?.from ?? next)
    return false
  }

  /** Compares what the verified owner sends with what others had sent in its name. */
  #reviewItems(inlet: Inlet, feed: Feed, from: number, runs: readonly Run[], nowMs: number): void {
    const doubt = this.#doubtOf(inlet, feed)
    if (doubt === undefined || from > doubt.from) return
    const given = textsOf(withoutFirst(runs, doubt.from - from))
    for (let seq = doubt.from; seq < Math.min(feed.next, doubt.from + given.length); ) {
      const chunk = feed.chunkFrom(seq)
      if (chunk === undefined) break
      const had = chunk.from <= seq ? textsOf(withoutFirst(chunk.runs(), seq - chunk.from)) : []
      const isOther = had.some((text, at) => {
        const other = given[seq - doubt.from + at]
        return other !== undefined && other !== text
      })
      if (isOther) {
        this.#takeBack(inlet, feed, seq, nowMs)
        break
      }
      seq = chunk.end
    }
    this.#confirm(feed, doubt.from + given.length)
  }

  #doubtOf(inlet: Inlet, feed: Feed): Doubt | undefined {
    return inlet.verified && feed.doubt?.link !== inlet.link ? feed.doubt : undefined
  }

  #takeBack({ wantedMs }: Inlet, feed: Feed, from: number, nowMs: number): void {
    // It is asked at once for what may be missing now.
    wantedMs.set(feed.id, Number.NEGATIVE_INFINITY)
    this.#options.log.takeBack(feed, from, nowMs)
  }

  /** The owner has sent the same up to a number. */
  #confirm(feed: Feed, from: number): void {
    feed.doubt = feed.doubt && from < feed.next ? { ...feed.doubt, from } : undefined
  }

  // --- WANT --------------------------------------------------------------------------------------

  /** The feed that begins with this item, if this link may begin it. */
  #begin(inlet: Inlet, id: string, from: number, nowMs: number): Feed | undefined {
    const { log } = this.#options
    const { cut, peer, wantedMs } = inlet
    if (cut.has(id) || (!wantedMs.has(id) && !(from === 1 && peer === id))) return undefined
    const feed = log.open(id, from)
    if (from > 1) feed.cutMs = nowMs - this.#recentMs(nowMs)
    return feed
  }

  #want(inlet: Inlet, feed: Feed, nowMs: number): void {
    const doubt = this.#doubtOf(inlet, feed)
    this.#ask(inlet, { feed: feed.id, from: doubt?.from ?? feed.next }, nowMs)
  }

  #wantRecent(inlet: Inlet, id: string, nowMs: number): void {
    this.#ask(inlet, { feed: id, withinMs: this.#recentMs(nowMs) }, nowMs)
  }

  #ask(inlet: Inlet, data: WantMessage['data'], nowMs: number): void {
    const askedMs = inlet.wantedMs.get(data.feed)
    if (askedMs !== undefined && nowMs < askedMs + WANT_PAUSE_MS) return
    inlet.wantedMs.set(data.feed, nowMs)
    const text = JSON.stringify({ type: 'WANT', data })
    this.#options.order({ kind: 'send', link: inlet.link, text, awaitsDrain: false })
  }

  #recentMs(nowMs: number): number {
    return Math.round(nowMs - this.#options.startedMs) + START_MARGIN_MS
  }
}

/** Each item as text, to compare it. */
function textsOf(runs: readonly Run[]): readonly string[] {
  return runs.flatMap(({ topic, bodies }) => {
    const values: readonly unknown[] = bodies.kind === 'json' ? bodies.values : bodies.base64
    return values.map((value) => `${bodies.kind} ${topic} ${JSON.stringify(value)}`)
  })
}
