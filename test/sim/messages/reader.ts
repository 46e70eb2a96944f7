/**
 * What the program of one node gets: the numbers of each feed once, in order and with the right
 * bodies, from the start of its window, or a gap in their place.
 */

import type { Chunk } from '../../../src/pubsub/chunk.ts'
import type { Form } from '../../../src/pubsub/subscription.ts'
import { Violation } from '../violation.ts'
import type { Ledger } from './ledger.ts'

/** What a subscription gives. */
export type Delivery =
  | {
      readonly kind: 'message'
      readonly feed: string
      readonly seq: number
      readonly body: unknown
    }
  | { readonly kind: 'gap'; readonly feed: string; readonly first: number; readonly last: number }

export const FORM: Form<Delivery> = {
  message({ feed }: Chunk, { bodies }, at, seq) {
    const body = bodies.kind === 'json' ? bodies.values[at] : bodies.base64[at]
    return { kind: 'message', feed, seq, body }
  },
  gap: (gap) => ({ kind: 'gap', ...gap }),
}

/** What a reader got of one feed. */
interface Got {
  /** The number of the first message, or that of the first gap. */
  readonly begin: number
  next: number
  /**
   * The last gap, if a hostile peer was about: the feed may begin again at its start, or go on.
   * What a late reader missed is one gap: the feed may have begun again, and go on amid it.
   */
  again: { readonly first: number; readonly next: number } | undefined
  readonly gaps: { first: number; last: number }[]
  /** Numbers under which something else came than the owner has published. */
  readonly wrong: Set<number>
  /** When the last message came. */
  lastMs: number
}

export interface ReaderOptions {
  readonly name: string
  /** From when on nothing of a feed may be missing at its start. */
  readonly sinceMs: (feed: string) => number
  readonly nowMs: () => number
  readonly readsLate: boolean
  readonly ledger: Ledger
  /** Why a gap may not be announced, or undefined. */
  readonly objection: (feed: string, first: number, last: number) => string | undefined
  /** Whether a verified link to the owner of a feed is open. */
  readonly isVerified: (feed: string) => boolean
  /** Whether anybody may speak for a feed at the moment. */
  readonly mayTake: (feed: string) => boolean
}

export class Reader {
  readonly #options: ReaderOptions
  readonly #got = new Map<string, Got>()
  /** The longest time from a publication to its delivery here. */
  slowestMs = 0

  constructor(options: ReaderOptions) {
    this.#options = options
  }

  /** The number that comes next of a feed; undefined when nothing came yet. */
  next(feed: string): number | undefined {
    return this.#got.get(feed)?.next
  }

  /** Whether it got a message under this number, and none of the feed since `untilMs`. */
  hasSince(feed: string, seq: number, untilMs: number): boolean {
    const got = this.#got.get(feed)
    if (got === undefined || seq < got.begin || seq >= got.next) return false
    if (got.lastMs > untilMs) return false
    return !got.gaps.some(({ first, last }) => first <= seq && seq <= last)
  }

  /** A number under which something wrong came, and that was not taken back. */
  wrongOf(feed: string): number | undefined {
    return this.#got.get(feed)?.wrong.values().next().value
  }

  /** @throws {Violation} */
  take(delivery: Delivery): void {
    const { feed } = delivery
    const first = delivery.kind === 'message' ? delivery.seq : delivery.first
    const got = this.#got.get(feed) ?? this.#begin(feed, first)
    if (delivery.kind === 'message') this.#takeMessage(got, delivery)
    else this.#takeGap(got, delivery)
  }

  #begin(feed: string, first: number): Got {
    const { ledger, sinceMs } = this.#options
    const got: Got = {
      begin: first,
      next: first,
      again: undefined,
      gaps: [],
      wrong: new Set(),
      lastMs: 0,
    }
    this.#got.set(feed, got)
    const before = ledger.publishedMs(feed, first - 1)
    if (before !== undefined && before >= sinceMs(feed) && !ledger.forged.has(feed)) {
      this.#fail(`begins ${short(feed)} with ${first}, and ${first - 1} came while it ran`)
    }
    return got
  }

  #takeMessage(got: Got, { feed, seq, body }: Extract<Delivery, { kind: 'message' }>): void {
    const { isVerified, ledger, mayTake } = this.#options
    ledger.deliveredCount += 1
    got.lastMs = this.#options.nowMs()
    const publishedMs = ledger.publishedMs(feed, seq) ?? got.lastMs
    this.slowestMs = Math.max(this.slowestMs, got.lastMs - publishedMs)
    if (this.#mayGoOnAt(seq, got)) got.next = seq
    got.again = undefined
    if (seq !== got.next) this.#fail(`got ${seq} of ${short(feed)} instead of ${got.next}`)
    got.next = seq + 1
    if (!mayTake(feed)) this.#fail(`takes ${seq} of ${short(feed)}, which is not linked`)
    if (ledger.feed(feed) === undefined || ledger.isRight(feed, seq, body)) return
    got.wrong.add(seq)
    const text = String(body).slice(0, 40)
    if (!ledger.forged.has(feed)) this.#fail(`got '${text}' as ${seq} of ${short(feed)}`)
    if (isVerified(feed)) this.#fail(`got '${text}' as ${seq} of ${short(feed)}, which is linked`)
  }

  #takeGap(got: Got, { feed, first, last }: Extract<Delivery, { kind: 'gap' }>): void {
    const { ledger, objection } = this.#options
    ledger.gapCount += 1
    if (last < first) this.#fail(`got a gap ${first} to ${last} of ${short(feed)}`)
    const isForged = ledger.forged.has(feed) || ledger.feed(feed) === undefined
    if (last + 1 === got.again?.first) got.next = got.again.first
    else if (this.#mayGoOnAt(first, got)) got.next = first
    // A late reader may not have read all that is taken back. The feed may also have begun again at
    // the start of the last gap, and gone on unread from there.
    const again = this.#options.readsLate ? got.again?.first : undefined
    const end = Math.min(got.next, again ?? got.next)
    const isTakenBack = isForged && first < got.next && last >= end - 1
    got.again = isForged ? { first, next: last + 1 } : undefined
    if (!isTakenBack) {
      if (first !== got.next) {
        this.#fail(`got a gap ${first} to ${last} of ${short(feed)} instead of ${got.next}`)
      }
      const problem = isForged ? undefined : objection(feed, first, last)
      if (problem !== undefined) {
        this.#fail(`announces ${first} to ${last} of ${short(feed)} as a gap, ${problem}`)
      }
      got.next = last + 1
      got.gaps.push({ first, last })
      return
    }
    got.next = first
    for (const seq of got.wrong) if (seq >= first) got.wrong.delete(seq)
    const kept = got.gaps.filter((gap) => gap.first < first)
    got.gaps.splice(0, got.gaps.length, ...kept)
  }

  #mayGoOnAt(seq: number, { again }: Got): boolean {
    if (again === undefined) return false
    const isAmid = seq > again.first && seq < again.next
    return seq === again.first || seq === again.next || (isAmid && this.#options.readsLate)
  }

  #fail(problem: string): never {
    throw new Violation(`${this.#options.name} ${problem}`)
  }
}

export function short(feed: string): string {
  return `${feed.slice(0, 6)}…`
}
