/**
 * Messages as one node sees them: a state machine without I/O beside the mesh. One log keeps what
 * all nodes publish, and every reader of it, a link or a subscription, is a cursor.
 */

import type { LinkId } from '../wire/link-facts.ts'
import type { Chunk } from './chunk.ts'
import type { Amount, Gap } from './entries.ts'
import { Inlet } from './inlet.ts'
import { Inlets } from './inlets.ts'
import type { EncodedItem } from './item.ts'
import { type LagChange, Lags, type LogReader } from './lags.ts'
import { FEED_SHARE_MAX, LOG_AGE_MS_MAX, LOG_BYTES_MAX, START_MARGIN_MS } from './limits.ts'
import { Log } from './log.ts'
import { Orphans } from './orphans.ts'
import { Outlets } from './outlets.ts'
import type { MessageTotals, Output, PubSubInput } from './outputs.ts'
import type { Pattern } from './pattern.ts'
import { Publisher } from './publisher.ts'
import type { PubSubOptions } from './pubsub-options.ts'
import { type Form, type History, Subscription } from './subscription.ts'

/** One node's messages. */
export class PubSub {
  readonly #log: Log
  readonly #publisher: Publisher
  readonly #outlets: Outlets
  readonly #inlets: Inlets
  readonly #orphans: Orphans
  readonly #lags: Lags
  #gaps: Gap[] = []
  readonly #sinceMs: number | undefined
  #gapCount = 0
  #outputs: Output[] = []

  constructor(options: PubSubOptions) {
    const { feed, feedShare = FEED_SHARE_MAX, nowMs, random, takesRelayed } = options
    const { logBytes: bytes = LOG_BYTES_MAX, logAgeMs: ageMs = LOG_AGE_MS_MAX } = options
    const order = (output: Output): void => void this.#outputs.push(output)
    this.#log = new Log(
      { bytes, ageMs, feedBytes: bytes * feedShare },
      (position, missing) => this.#lags.dropped(position, missing),
      (id) => id !== feed && !this.#inlets.isLinked(id),
      (gap) => {
        this.#gapCount += 1
        this.#gaps.push(gap)
      },
      options.wantedFrom,
    )
    // Others may be asked for what is older, for those who want it.
    this.#sinceMs = options.wantedFrom && nowMs - START_MARGIN_MS
    const log = this.#log
    const own = log.open(feed, 1)
    this.#publisher = new Publisher(log, own, options.onPublished)
    this.#outlets = new Outlets(log, own, order, (...missed) => this.#lags.linkMissed(...missed))
    this.#lags = new Lags(log, this.#outlets)
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
    return this.#publisher.nextSeq
  }

  /** Takes an item to send at the end of the turn, and gives its number. */
  publish(item: EncodedItem): number {
    return this.#publisher.add(item)
  }

  /** Takes back, before all others, what this node had published in an earlier run. */
  restore(chunk: Chunk, nowMs: number): void {
    const log = this.#log
    const feed = log.feed(chunk.feed) ?? log.open(chunk.feed, chunk.from)
    if (feed.next < chunk.from) log.skipTo(feed, chunk.from, chunk.bornMs, nowMs)
    log.append(feed, chunk, nowMs)
    if (feed.begin > 1 && feed.begin === chunk.from) feed.cutMs = chunk.bornMs
    log.endTurn()
    log.runStart = log.end
  }

  /** By feed, the number after the last message that came. */
  *ends(): Iterable<readonly [feed: string, next: number]> {
    for (const { id, next } of this.#log.feeds()) yield [id, next]
  }

  /** @param without the feed of which nothing is wanted */
  subscribe<Item>(
    pattern: Pattern,
    form: Form<Item>,
    history: History,
    without?: string,
  ): Subscription<Item> {
    const sinceMs = history === 'none' || history === 'run' ? this.#sinceMs : undefined
    const options = { pattern, history, without, sinceMs }
    const subscription = new Subscription(this.#log, form, options)
    this.#lags.add(subscription)
    return subscription
  }

  unsubscribe(subscription: Exclude<LogReader, LinkId>): void {
    this.#lags.gone(subscription)
  }

  /** What the socket of a link has not taken of what this node published. */
  lag(link: LinkId, nowMs: number): Amount {
    return this.#outlets.lag(link, nowMs)
  }

  /** Whether the socket of a link has taken our own messages below a number. */
  hasTaken(link: LinkId, seq: number, nowMs: number): boolean {
    return this.#outlets.hasTaken(link, seq, nowMs)
  }

  /** Whether so much was published in this turn that it is to end at once. */
  get isTurnFull(): boolean {
    return this.#publisher.isFull
  }

  /** Whether a `turn-ended` is due: something was published, or came. */
  get isTurnOpen(): boolean {
    return this.#publisher.isWaiting || this.#log.isFresh
  }

  /** What the log takes in memory, in bytes. */
  get logBytes(): number {
    return this.#log.bytes
  }

  totals(nowMs: number): MessageTotals {
    const { bounds, bytes: logBytes } = this.#log
    return {
      published: this.nextSeq - 1,
      delivered: { own: this.nextSeq - 1, ...this.#inlets.taken },
      gaps: this.#gapCount,
      logBytes,
      logBytesMax: bounds.bytes,
      oldestMs: nowMs - ((this.#log.expiresMs() ?? nowMs + bounds.ageMs) - bounds.ageMs),
      lag: this.#outlets.lagOfAll(nowMs),
    }
  }

  /** The gaps that were announced since the last call. */
  takeGaps(): readonly Gap[] {
    const gaps = this.#gaps
    if (gaps.length > 0) this.#gaps = []
    return gaps
  }

  /** Who fell behind or has caught up since the last call. */
  takeLags(): readonly LagChange[] {
    return this.#lags.takeChanges()
  }

  handle(input: PubSubInput, nowMs: number): readonly Output[] {
    this.#take(input, nowMs)
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }

  /** When to call `handle({ kind: 'deadline' })` at the latest, or undefined for never. */
  deadlineMs(): number | undefined {
    // Without lists: it is asked after each frame.
    const { POSITIVE_INFINITY: never } = Number
    const dueMs = Math.min(
      this.#outlets.deadlineMs() ?? never,
      this.#inlets.deadlineMs() ?? never,
      this.#orphans.deadlineMs() ?? never,
      this.#lags.deadlineMs() ?? never,
      this.#log.expiresMs() ?? never,
    )
    return dueMs === never ? undefined : dueMs
  }

  #take(input: PubSubInput, nowMs: number): void {
    switch (input.kind) {
      case 'link-ready': {
        const { link, peer, trusted = false, verified } = input
        this.#inlets.opened(new Inlet(link, peer, verified, trusted))
        this.#outlets.opened(link, nowMs)
        return this.#orphans.opened(link, nowMs)
      }
      case 'link-verified':
        return this.#inlets.verified(input.link, nowMs)
      case 'link-gone': {
        this.#outlets.closed(input.link)
        this.#lags.gone(input.link)
        const owner = this.#inlets.closed(input.link, nowMs)
        this.#orphans.closed(input.link, nowMs)
        return owner === undefined ? undefined : this.#orphans.changed(owner, nowMs)
      }
      case 'message-received':
        return this.#onMessage(input, nowMs)
      case 'link-full':
        return this.#outlets.full(input.link)
      case 'link-drained':
        return this.#outlets.drained([input.link], nowMs)
      case 'links-drained':
        return this.#outlets.drained(input.links, nowMs)
      case 'suspended':
        return this.#inlets.suspended(input.totalMs)
      case 'turn-ended': {
        // What others published is sent when it is asked for.
        const { isWaiting } = this.#publisher
        this.#log.endTurn()
        this.#publisher.endTurn(this.#outlets.size, nowMs)
        this.#lags.grown(nowMs)
        return isWaiting ? this.#outlets.pump(nowMs) : undefined
      }
      case 'deadline':
        this.#log.expire(nowMs)
        this.#inlets.onDeadline(nowMs)
        this.#orphans.onDeadline(nowMs)
        this.#lags.onDeadline(nowMs)
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
}
