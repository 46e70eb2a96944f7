/**
 * Messages as one node sees them: a state machine without I/O beside the mesh. One log keeps what
 * all nodes publish, and every reader of it, a link or a subscription, is a cursor.
 */

import type { LinkId } from '../wire/link-facts.ts'
import { Chunk } from './chunk.ts'
import type { Feed } from './feed.ts'
import { Inlets } from './inlets.ts'
import { type EncodedItem, encodeItems } from './item.ts'
import { FEED_SHARE_MAX, FRAME_BYTES_MAX, LOG_AGE_MS_MAX, LOG_BYTES_MAX } from './limits.ts'
import { type Gap, Log } from './log.ts'
import { Orphans } from './orphans.ts'
import { Outlets } from './outlets.ts'
import type { Output, PubSubInput } from './outputs.ts'
import type { Pattern } from './pattern.ts'
import { type Form, type History, Subscription } from './subscription.ts'

export interface PubSubOptions {
  /** Our own feed: the id of this process run. */
  readonly feed: string
  /** Whether items are taken from others than their owner. */
  readonly takesRelayed: boolean
  readonly nowMs: number
  readonly random: () => number
  /** By default 64 MiB. */
  readonly logBytes?: number
  /** By default 10 minutes. */
  readonly logAgeMs?: number
}

/** What is counted of messages, for metrics. */
export interface MessageTotals {
  /** Messages that this node published. */
  readonly published: number
  /** Messages in the log so far, by whether this node, their sender or another one sent them. */
  readonly delivered: { readonly own: number; readonly sender: number; readonly relay: number }
  /** Gaps that were announced here. */
  readonly gaps: number
  /** What the log takes in memory. */
  readonly logBytes: number
  /** The age of its oldest entry, in ms; 0 when it is empty. */
  readonly logOldestMs: number
  /** What links have not been sent of what this node published, in messages. */
  readonly lag: { readonly sum: number; readonly max: number }
}

/** One node's messages. */
export class PubSub {
  readonly #log: Log
  readonly #own: Feed
  readonly #outlets: Outlets
  readonly #inlets: Inlets
  readonly #orphans: Orphans
  readonly #subscriptions = new Set<Pick<Subscription<unknown>, 'dropped'>>()
  #items: EncodedItem[] = []
  #gaps: Gap[] = []
  #gapCount = 0
  #outputs: Output[] = []

  constructor(options: PubSubOptions) {
    const { feed, nowMs, random, takesRelayed } = options
    const { logBytes: bytes = LOG_BYTES_MAX, logAgeMs: ageMs = LOG_AGE_MS_MAX } = options
    const order = (output: Output): void => {
      this.#outputs.push(output)
    }
    this.#log = new Log(
      { bytes, ageMs, feedBytes: bytes * FEED_SHARE_MAX },
      (position, missing) => {
        for (const subscription of this.#subscriptions) subscription.dropped(position, missing)
      },
      (id) => id !== feed && !this.#inlets.isLinked(id),
      (gap) => {
        this.#gapCount += 1
        this.#gaps.push(gap)
      },
    )
    const log = this.#log
    this.#own = log.open(feed, 1)
    this.#outlets = new Outlets(log, this.#own, order)
    this.#inlets = new Inlets({
      log,
      own: feed,
      startedMs: nowMs,
      takesRelayed,
      order,
      onRelayed: ({ id }, atMs) => this.#orphans.changed(id, atMs),
      onHole: (cut, atMs) => this.#orphans.holeFound(cut, atMs),
    })
    const links = (): Iterable<LinkId> => this.#outlets.links()
    this.#orphans = new Orphans({ log, own: feed, inlets: this.#inlets, links, random, order })
  }

  /** The number that the next own message gets. */
  get nextSeq(): number {
    return this.#own.next + this.#items.length
  }

  /** Takes an item to send at the end of the turn, and gives its number. */
  publish(item: EncodedItem): number {
    this.#items.push(item)
    return this.nextSeq - 1
  }

  /** @param without the feed of which nothing is wanted */
  subscribe<Item>(
    pattern: Pattern,
    form: Form<Item>,
    history: History,
    without?: string,
  ): Subscription<Item> {
    const subscription = new Subscription(this.#log, form, { pattern, history, without })
    this.#subscriptions.add(subscription)
    return subscription
  }

  unsubscribe(subscription: Pick<Subscription<unknown>, 'dropped'>): void {
    this.#subscriptions.delete(subscription)
  }

  /** What a link has not been sent of what this node published. */
  lag(link: LinkId, nowMs: number): { readonly items: number; readonly bytes: number } {
    return this.#outlets.lag(link, nowMs)
  }

  /** Whether a `turn-ended` is due: something was published, or came. */
  get isTurnOpen(): boolean {
    return this.#items.length > 0 || this.#log.isFresh
  }

  /** What the log takes in memory, in bytes. */
  get logBytes(): number {
    return this.#log.bytes
  }

  totals(nowMs: number): MessageTotals {
    const lags = [...this.#outlets.links()].map((link) => this.#outlets.lag(link, nowMs).items)
    const lag = { sum: lags.reduce((sum, items) => sum + items, 0), max: Math.max(0, ...lags) }
    return {
      published: this.nextSeq - 1,
      delivered: { own: this.#own.next - 1, ...this.#inlets.taken },
      gaps: this.#gapCount,
      logBytes: this.logBytes,
      logOldestMs: Math.max(0, nowMs - (this.#log.oldestMs() ?? nowMs)),
      lag,
    }
  }

  /** The gaps that were announced since the last call. */
  takeGaps(): readonly Gap[] {
    const gaps = this.#gaps
    if (gaps.length > 0) this.#gaps = []
    return gaps
  }

  handle(input: PubSubInput, nowMs: number): readonly Output[] {
    this.#take(input, nowMs)
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  /** When to call `handle({ kind: 'deadline' })` at the latest, or undefined for never. */
  deadlineMs(): number | undefined {
    const due = [this.#outlets.deadlineMs(), this.#orphans.deadlineMs(), this.#log.expiresMs()]
    const set = due.filter((atMs) => atMs !== undefined)
    return set.length === 0 ? undefined : Math.min(...set)
  }

  #take(input: PubSubInput, nowMs: number): void {
    switch (input.kind) {
      case 'link-ready':
        this.#inlets.opened(input.link, input.peer, input.verified)
        this.#outlets.opened(input.link, nowMs)
        return this.#orphans.opened(input.link, nowMs)
      case 'link-verified':
        return this.#inlets.verified(input.link, nowMs)
      case 'link-gone': {
        this.#outlets.closed(input.link)
        const owner = this.#inlets.closed(input.link, nowMs)
        this.#orphans.closed(input.link, nowMs)
        return owner === undefined ? undefined : this.#orphans.changed(owner, nowMs)
      }
      case 'message-received':
        return this.#onMessage(input, nowMs)
      case 'link-drained':
        return this.#outlets.drained(input.link, nowMs)
      case 'turn-ended':
        this.#log.endTurn()
        this.#appendOwn(nowMs)
        return this.#outlets.pump(nowMs)
      case 'deadline':
        this.#log.expire(nowMs)
        this.#orphans.onDeadline(nowMs)
        return this.#outlets.pump(nowMs)
      default:
        input satisfies never
    }
  }

  #onMessage(
    { link, message, text }: Extract<PubSubInput, { kind: 'message-received' }>,
    nowMs: number,
  ): void {
    switch (message.type) {
      case 'FEED':
        return this.#inlets.announced(link, message.data, nowMs)
      case 'WANT':
        return this.#outlets.wanted(link, message.data, nowMs)
      case 'EVENTS':
        return this.#inlets.received(link, message.data, text, nowMs)
      case 'GONE':
        return this.#inlets.gone(link, message.data, nowMs)
      case 'FEEDS':
        return this.#orphans.told(link, message.data, nowMs)
      default:
        message satisfies never
    }
  }

  /** Joins what was published into frames. */
  #appendOwn(nowMs: number): void {
    const items = this.#items
    this.#items = []
    for (let at = 0; at < items.length; ) {
      let end = at + 1
      let bytes = items[at]?.bytes ?? 0
      for (let next = items[end]; next !== undefined; next = items[end]) {
        bytes += next.bytes
        if (bytes > FRAME_BYTES_MAX) break
        end += 1
      }
      this.#appendChunk(items.slice(at, end), nowMs)
      at = end
    }
  }

  #appendChunk(items: readonly EncodedItem[], nowMs: number): void {
    const { id: feed, next: from } = this.#own
    const facts = { feed, from, count: items.length, bornMs: nowMs, relayed: false }
    const text = { kind: 'runs', text: encodeItems(items) } as const
    this.#log.append(this.#own, new Chunk(facts, text), nowMs)
  }
}
