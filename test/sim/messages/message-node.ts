/**
 * The messages of one node: the real core, and a program that reads all. What holds at every step
 * is checked here.
 */

import { encodeItem } from '../../../src/pubsub/item.ts'
import {
  START_MARGIN_MS,
  UNKNOWN_FEEDS_MS,
  UNKNOWN_FEEDS_PER_LINK_MAX,
} from '../../../src/pubsub/limits.ts'
import type { Output, PubSubInput } from '../../../src/pubsub/outputs.ts'
import { parsePattern } from '../../../src/pubsub/pattern.ts'
import { PubSub } from '../../../src/pubsub/pubsub.ts'
import type { Subscription } from '../../../src/pubsub/subscription.ts'
import type { LinkFact } from '../../../src/wire/link-facts.ts'
import type { Process } from '../process.ts'
import type { Random } from '../random.ts'
import { Violation } from '../violation.ts'
import { DriverModel, type MessageSockets } from './driver-model.ts'
import { bodyOf, type Ledger } from './ledger.ts'
import { OutgoingWatch } from './outgoing-watch.ts'
import { type Delivery, FORM, Reader } from './reader.ts'

/** How often a program that reads late does so, in ms. */
const READ_LATE_MS = 7_000

/** A log beyond its bound holds one chunk: a frame of 256 KiB at most. */
const FRAME_BYTES_MAX = 256 * 1024

/** A request for a feed that is new. */
const RECENT_WANT = /^\{"type":"WANT","data":\{"feed":"([0-9a-f]{32})","withinMs"/

/** What the nodes of a run are started with; each has its own kind of log and reader. */
export interface MessageSettings {
  readonly takesRelayed: boolean
  /** Undefined: the usual, which keeps all of a run. */
  readonly logBytes: number | undefined
  /** Whether its program reads only now and then. */
  readonly readsLate: boolean
}

/** As a node on one machine has them. */
export const USUAL_SETTINGS: MessageSettings = {
  takesRelayed: true,
  logBytes: undefined,
  readsLate: false,
}

export interface MessageNodeOptions {
  readonly process: Process
  readonly feed: string
  readonly settings: MessageSettings
  readonly random: Random
  readonly ledger: Ledger
  /** Who really is at the other end of a link. */
  readonly peerOf: (link: number) => Process | undefined
  readonly sockets: MessageSockets
  /** Why a gap may not be announced, or undefined. */
  readonly objection: (feed: string, first: number, last: number) => string | undefined
}

/** A link whose peer carries messages. */
interface MessageLink {
  readonly peer: string
  readonly openedMs: number
  verified: boolean
  /** When FEEDS on it named a feed first, in the time for which that counts. */
  readonly told: Map<string, number>
  /** The feeds of others that it made known, each with that time. */
  readonly named: Map<string, number>
}

export class MessageNode {
  readonly feed: string
  readonly reader: Reader
  readonly settings: MessageSettings
  readonly startedMs: number
  readonly links = new Map<number, MessageLink>()
  /** The feeds of peers, also of those that are gone. */
  readonly #peers = new Set<string>()
  readonly #options: MessageNodeOptions
  readonly #core: PubSub
  readonly #driver: DriverModel
  readonly #subscription: Subscription<Delivery>
  readonly #watch: OutgoingWatch
  /** By feed, how much later than it may a request was there. */
  readonly #lateMs = new Map<string, number>()

  constructor(options: MessageNodeOptions) {
    const { feed, ledger, process, random, settings } = options
    const { logBytes, readsLate, takesRelayed } = settings
    const { name, network } = process
    const { nowMs } = network.time
    this.#options = options
    this.feed = feed
    this.settings = settings
    this.startedMs = nowMs
    const bounds = logBytes === undefined ? {} : { logBytes }
    const own = { feed, takesRelayed, nowMs, random: () => random.unit() }
    this.#core = new PubSub({ ...own, ...bounds })
    const pattern = parsePattern('>')
    if (pattern === undefined) throw new RangeError('a pattern')
    this.#subscription = this.#core.subscribe(pattern, FORM, 'run')
    this.#watch = new OutgoingWatch(name)
    this.#driver = new DriverModel({
      core: {
        handle: (input, atMs) => this.#handle(input, atMs),
        deadlineMs: () => this.#core.deadlineMs(),
        isTurnOpen: () => this.#core.isTurnOpen,
      },
      process,
      sockets: {
        send: (link, text, onTaken) => this.#send(link, text, onTaken),
        unsentBytes: options.sockets.unsentBytes,
      },
      onAllTaken: (link) => this.#watch.taken(link),
      onChanged: () => this.#check(),
    })
    this.reader = new Reader({
      name,
      sinceMs: (id) => nowMs + (this.#lateMs.get(id) ?? 0),
      nowMs: () => network.time.nowMs,
      readsLate,
      ledger,
      objection: options.objection,
      mayTake: (id) => {
        const isAny = takesRelayed || readsLate || id === feed
        return isAny || this.linksTo(id).length > 0
      },
      isVerified: (id) => {
        // What is read late may have come before the link of the owner.
        if (readsLate || ledger.stolen.has(id)) return false
        return this.linksTo(id).some(({ verified }) => verified)
      },
    })
    ledger.opened(feed, process, logBytes === undefined)
    if (readsLate) this.#readLate()
  }

  linksTo(feed: string): readonly MessageLink[] {
    return [...this.links.values()].filter(({ peer }) => peer === feed)
  }

  publish(bytes: number, topic: string): void {
    const { ledger, process } = this.#options
    const body = bodyOf(this.feed, this.#core.nextSeq, bytes)
    const seq = this.#core.publish(encodeItem(topic, 'json', JSON.stringify(body)))
    ledger.published(this.feed, seq, process.network.time.nowMs, bytes)
    this.#driver.endTurnSoon()
  }

  handle(fact: LinkFact): void {
    const { nowMs } = this.#options.process.network.time
    if (fact.kind === 'link-ready') {
      const { link, peer, verified } = fact
      this.#peers.add(peer)
      this.links.set(link, { peer, verified, openedMs: nowMs, told: new Map(), named: new Map() })
      this.#driver.open(link)
    } else if (fact.kind === 'link-verified') {
      const link = this.links.get(fact.link)
      if (link !== undefined) link.verified = true
    }
    this.#noteStolen(fact.link)
    this.#driver.input(fact)
  }

  /** Harmless for a link that was never ready. */
  linkGone(link: number): void {
    this.#watch.closed(link)
    this.links.delete(link)
    this.#driver.close(link)
  }

  /** A copied id is verified with the id that it copies. */
  #noteStolen(id: number): void {
    const link = this.links.get(id)
    if (link?.verified !== true) return
    const { ledger, peerOf } = this.#options
    const owner = ledger.feed(link.peer)?.owner
    if (owner !== undefined && owner !== peerOf(id)) ledger.stolen.add(link.peer)
  }

  #check(): void {
    const { ledger, process } = this.#options
    if (!this.settings.readsLate) this.#read(process.network.time.nowMs)
    const { logBytes = 64 * 1024 * 1024 } = this.settings
    if (this.#core.logBytes > logBytes + FRAME_BYTES_MAX) {
      throw new Violation(`${process.name}: the log takes ${this.#core.logBytes} bytes`)
    }
    if (ledger.gapCount > 1e6) throw new Violation('a livelock of gaps')
  }

  #handle(input: PubSubInput, nowMs: number): readonly Output[] {
    try {
      const outputs = this.#core.handle(input, nowMs)
      if (input.kind === 'message-received' && input.message.type === 'FEEDS') {
        this.#noteTold(input.link, Object.keys(input.message.data.have), nowMs)
        for (const output of outputs) this.#countNamed(input.link, output)
      }
      return outputs
    } catch (error) {
      if (error instanceof Violation) throw error
      const stack = error instanceof Error ? error.stack : String(error)
      throw new Violation(`the messages of ${this.#options.process.name} threw: ${stack}`)
    }
  }

  #send(link: number, text: string, onTaken: () => void): void {
    const { nowMs } = this.#options.process.network.time
    this.#watch.sent(link, text, nowMs)
    const [, wanted] = RECENT_WANT.exec(text) ?? []
    if (wanted !== undefined && this.reader.next(wanted) !== undefined) {
      throw new Violation(`${this.#options.process.name} asks by age for a feed that it has`)
    }
    const isRelay = wanted !== undefined && this.links.get(link)?.peer !== wanted
    const onRead = isRelay ? () => this.#noteLate(wanted, nowMs) : undefined
    this.#options.sockets.send(link, text, onTaken, onRead)
  }

  /** A relay counts a request by age from when it arrives: what is so much older is not sent. */
  #noteLate(feed: string, sentMs: number): void {
    const lateMs = this.#options.process.network.time.nowMs - sentMs - START_MARGIN_MS
    this.#lateMs.set(feed, Math.max(lateMs, this.#lateMs.get(feed) ?? 0))
  }

  #read(nowMs: number): void {
    while (this.#subscription.isBehind) {
      for (const delivery of this.#subscription.take(nowMs)) this.reader.take(delivery)
    }
  }

  #readLate(): void {
    const { process } = this.#options
    const { time } = process.network
    time.after(READ_LATE_MS, () => {
      process.receive(() => this.#read(time.nowMs))
      if (process.alive) this.#readLate()
    })
  }

  #noteTold(id: number, feeds: readonly string[], nowMs: number): void {
    const told = this.links.get(id)?.told
    for (const feed of feeds) {
      const atMs = told?.get(feed) ?? Number.NEGATIVE_INFINITY
      if (atMs <= nowMs - UNKNOWN_FEEDS_MS) told?.set(feed, nowMs)
    }
  }

  /** @throws {Violation} when a link makes more feeds known than it may */
  #countNamed(id: number, { link, text }: Output): void {
    const { named, told } = this.links.get(id) ?? {}
    const [, feed] = RECENT_WANT.exec(text) ?? []
    if (named === undefined || link !== id || feed === undefined) return
    if (this.#peers.has(feed)) return
    const { nowMs } = this.#options.process.network.time
    for (const [known, atMs] of named) if (atMs <= nowMs - UNKNOWN_FEEDS_MS) named.delete(known)
    // A request may have to wait until after the feed has counted.
    if (!named.has(feed)) named.set(feed, told?.get(feed) ?? nowMs)
    if (named.size <= UNKNOWN_FEEDS_PER_LINK_MAX) return
    throw new Violation(`${this.#options.process.name}: a link makes ${named.size} feeds known`)
  }
}
