/** An inlet: what is remembered of a link from which items come, and who may speak for a feed. */

import { BoundedMap } from '../structures/bounded-map.ts'
import type { LinkId } from '../wire/link-facts.ts'
import {
  ASKED_FEEDS_MAX,
  FEEDS_MAX,
  UNKNOWN_FEEDS_MS,
  UNKNOWN_FEEDS_PER_LINK_MAX,
} from './limits.ts'
import { Wants } from './wants.ts'

/** What a link may say of a feed. */
export type Voice =
  /** It is the owner's, as far as anyone can tell. */
  | 'owner'
  /** The owner is gone, and it relays. */
  | 'relay'
  | 'none'

export class Inlet {
  readonly link: LinkId
  /** The feed of its peer. */
  readonly peer: string
  verified: boolean
  /** Whether its peer has proven the secret. */
  readonly trusted: boolean
  /** What it was asked for. */
  readonly wants = new Wants()
  /** By feed of others, the number after the last that it has, as it told when that was news. */
  readonly told = new BoundedMap<string, number>(ASKED_FEEDS_MAX)
  /** Where it said that its peer's feed ends, also while it was not believed. */
  toldEnd: number | undefined
  /** The end of its peer's feed as it was here, when the peer was asked whether it has as much. */
  askedEnd: number | undefined
  /** The first number of its peer's feed that came here and was not taken. */
  missedFrom: number | undefined
  /** Whether it said something of its peer's feed while another link spoke for that. */
  isIgnored = false
  /** The feeds of others that it made known here, each with the time, the earliest first. */
  readonly #foreign = new Map<string, number>()

  constructor(link: LinkId, peer: string, verified: boolean, trusted: boolean) {
    this.link = link
    this.peer = peer
    this.verified = verified
    this.trusted = trusted
  }

  /** Items from a number on are not taken. */
  miss(feed: string, from: number): void {
    if (feed !== this.peer) return
    // Without being asked, an owner begins with its first message.
    this.missedFrom ??= this.wants.has(feed) ? from : 1
  }

  /** Whether it may make a feed of another known. */
  mayIntroduce(feed: string, nowMs: number): boolean {
    const foreign = this.#foreign
    for (const [known, sinceMs] of foreign) {
      if (sinceMs > nowMs - UNKNOWN_FEEDS_MS) break
      foreign.delete(known)
    }
    if (foreign.has(feed)) return true
    if (foreign.size >= UNKNOWN_FEEDS_PER_LINK_MAX) return false
    foreign.set(feed, nowMs)
    return true
  }
}

/** The links of each peer, in the order in which they opened. */
export class Owners {
  readonly #inlets = new Map<string, Inlet[]>()
  /** Those that were linked, also if they are gone. */
  readonly #everLinked = new BoundedMap<string, true>(FEEDS_MAX)
  readonly #own: string
  readonly #takesRelayed: boolean

  /**
   * @param own our own feed, for which nobody else speaks
   * @param takesRelayed whether links that are not trusted may relay, too
   */
  constructor(own: string, takesRelayed: boolean) {
    this.#own = own
    this.#takesRelayed = takesRelayed
  }

  isLinked(feed: string): boolean {
    return this.#inlets.has(feed)
  }

  wasLinked(feed: string): boolean {
    return this.#everLinked.has(feed)
  }

  add(inlet: Inlet): void {
    this.#everLinked.set(inlet.peer, true)
    const ofPeer = this.#inlets.get(inlet.peer)
    if (ofPeer === undefined) this.#inlets.set(inlet.peer, [inlet])
    else ofPeer.push(inlet)
  }

  /** Returns the oldest other link of the same peer, if there is one. */
  remove(inlet: Inlet): Inlet | undefined {
    const others = (this.#inlets.get(inlet.peer) ?? []).filter((one) => one !== inlet)
    if (others.length === 0) this.#inlets.delete(inlet.peer)
    else this.#inlets.set(inlet.peer, others)
    return others[0]
  }

  voice(inlet: Inlet, feed: string): Voice {
    if (feed === this.#own) return 'none'
    const owners = this.#inlets.get(feed)
    if (owners === undefined) return this.#takesRelayed || inlet.trusted ? 'relay' : 'none'
    const speaker = owners.find(({ verified }) => verified) ?? owners[0]
    return speaker === inlet || (inlet.verified && inlet.peer === feed) ? 'owner' : 'none'
  }
}
