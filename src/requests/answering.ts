/**
 * What this node carries out for its peers: each request once, whatever links do. Requests come in
 * series; of each it is known up to which number they came.
 */

import type { LinkId } from '../wire/link-facts.ts'
import { answerText, refusalText } from '../wire/request-codec.ts'
import type { RequestFact, RequestMessage } from '../wire/request-messages.ts'
import {
  ALL_BYTES_MAX,
  ANSWER_KEPT_MS,
  KEPT_CHARS,
  LINK_WAIT_MS,
  OPEN_BYTES_MAX,
  OPEN_MAX,
  SERIES_KEPT_MAX,
  SERIES_KEPT_MS,
} from './limits.ts'
import type { Links } from './links.ts'
import type { Call, Order, Reply } from './outputs.ts'

type Frame = Pick<RequestFact, 'link' | 'chars'>

/** An answer that was not sent, or may have been lost. */
interface Kept {
  readonly series: Series
  readonly n: number
  readonly text: string
  /** When it was sent for the last time. */
  sentMs: number
}

interface Series {
  readonly name: string
  /** On which links it came, in this order: who asks has left all but the last. */
  readonly links: Set<LinkId>
  /** What was sent before this may have come in a series that is forgotten. */
  readonly knownSinceMs: number
  /** Since when it has no link. */
  lostMs: number
  /** The largest number that came. */
  seen: number
  readonly running: Map<number, { readonly call: Call; readonly chars: number }>
  readonly answers: Map<number, Kept>
  /** Those of them that are not sent, in their order. */
  readonly unsent: Set<number>
  /** Of what is running and of the answers. */
  chars: number
}

export class Answering {
  readonly #links: Links
  readonly #order: Order
  readonly #series = new Map<string, Series>()
  /** Each link has one series. */
  readonly #byLink = new Map<LinkId, Series>()
  /** Those without a link, the one first that lost it first. */
  readonly #lost = new Set<Series>()
  /** Those of them of which only the number is kept, in the same order. */
  readonly #past = new Set<Series>()
  /** The answers of all that were sent, and are not to be sent again, oldest first. */
  readonly #sent = new Set<Kept>()
  #chars = 0
  /** Of the series that were forgotten too early, when the last one of them lost its link. */
  #forgottenMs = Number.NEGATIVE_INFINITY

  constructor(links: Links, order: Order) {
    this.#links = links
    this.#order = order
  }

  received({ link, chars }: Frame, { data }: RequestMessage, nowMs: number): void {
    const { ageMs, body, n, topic } = data
    const series = this.#at(link, data.series, nowMs)
    if (series === undefined) return
    const { answers, knownSinceMs, running, unsent } = series
    if (n <= series.seen) {
      if (running.has(n)) return
      const kept = answers.get(n)
      // It was sent, and may be lost.
      if (kept !== undefined) this.#queue(kept)
      else this.#refuse(series, n, 'PEER_GONE', 'its answer was lost with a connection')
      return this.#pump(series, nowMs)
    }
    // Whoever follows the protocol has no more open.
    if (running.size + unsent.size >= OPEN_MAX) return
    series.seen = n
    if (nowMs - ageMs <= knownSinceMs) {
      this.#refuse(series, n, 'PEER_GONE', 'it may have been carried out before')
    } else if (this.#hasRoom(series, chars)) {
      const call = { series: series.name, n }
      running.set(n, { call, chars })
      this.#grow(series, chars)
      this.#order({ kind: 'run', call, link, topic, body })
    } else this.#refuse(series, n, 'TOO_MANY_REQUESTS', 'too much waits to be carried out')
    this.#pump(series, nowMs)
  }

  /** Also on a link on which nothing of its series has come yet. */
  cancelled(name: string, n: number): void {
    const series = this.#series.get(name)
    if (series === undefined) return
    this.#end(series, n, true)
    const kept = series.answers.get(n)
    if (kept !== undefined) this.#forget(kept)
  }

  replied(call: Call, reply: Reply, nowMs: number): void {
    const series = this.#series.get(call.series)
    if (series?.running.get(call.n)?.call !== call) return
    this.#end(series, call.n, false)
    if (reply.kind === 'refusal') this.#refuse(series, call.n, reply.error, reply.text)
    else {
      const text = answerText(call.n, reply.body)
      if (this.#hasRoom(series, text.length + KEPT_CHARS)) this.#keep(series, call.n, text)
      else this.#refuse(series, call.n, 'RESPONDER_FAILED', 'too many answers wait to be sent')
    }
    this.#pump(series, nowMs)
  }

  linkGone(link: LinkId, nowMs: number): void {
    const series = this.#byLink.get(link)
    this.#byLink.delete(link)
    if (series === undefined) return
    series.links.delete(link)
    if (series.links.size > 0) return
    series.lostMs = nowMs
    this.#lost.add(series)
    if (this.#lost.size + this.#past.size <= SERIES_KEPT_MAX) return
    const [oldest] = this.#past.size > 0 ? this.#past : this.#lost
    if (oldest === undefined) return
    this.#forgottenMs = Math.max(this.#forgottenMs, oldest.lostMs)
    this.#delete(oldest)
  }

  drained(link: LinkId, nowMs: number): void {
    const series = this.#byLink.get(link)
    if (series !== undefined) this.#pump(series, nowMs)
  }

  stop(): void {
    for (const series of [...this.#series.values()]) this.#delete(series)
  }

  deadlineMs(): number | undefined {
    const [sent] = this.#sent
    const [lost] = this.#lost
    const [past] = this.#past
    const due = [
      sent && sent.sentMs + ANSWER_KEPT_MS,
      lost && lost.lostMs + LINK_WAIT_MS,
      past && past.lostMs + SERIES_KEPT_MS,
    ].filter((atMs) => atMs !== undefined)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  onDeadline(nowMs: number): void {
    for (const kept of this.#sent) {
      if (kept.sentMs + ANSWER_KEPT_MS > nowMs) break
      this.#forget(kept)
    }
    for (const series of this.#lost) {
      if (series.lostMs + LINK_WAIT_MS > nowMs) break
      // Whoever asked has given up.
      this.#empty(series)
      this.#lost.delete(series)
      this.#past.add(series)
    }
    for (const series of this.#past) {
      if (series.lostMs + SERIES_KEPT_MS > nowMs) break
      this.#delete(series)
    }
  }

  // --- One series --------------------------------------------------------------------------------

  /** The series that came on a link; undefined when that has another one. */
  #at(link: LinkId, name: string, nowMs: number): Series | undefined {
    const found = this.#byLink.get(link) ?? this.#series.get(name)
    const series = found ?? this.#open(name, nowMs)
    if (series.name !== name) return undefined
    this.#series.set(name, series)
    this.#byLink.set(link, series)
    series.links.add(link)
    this.#lost.delete(series)
    this.#past.delete(series)
    return series
  }

  #open(name: string, nowMs: number): Series {
    return {
      name,
      links: new Set(),
      knownSinceMs: Math.max(nowMs - SERIES_KEPT_MS, this.#forgottenMs),
      lostMs: nowMs,
      seen: 0,
      running: new Map(),
      answers: new Map(),
      unsent: new Set(),
      chars: 0,
    }
  }

  #hasRoom(series: Series, chars: number): boolean {
    // What was sent before gives way, of this series or of any.
    const isFull = (): boolean => series.chars + chars > OPEN_BYTES_MAX
    for (const kept of isFull() ? series.answers.values() : []) {
      if (!isFull()) break
      if (this.#sent.has(kept)) this.#forget(kept)
    }
    if (isFull()) return false
    for (const kept of this.#sent) {
      if (this.#chars + chars <= ALL_BYTES_MAX) break
      this.#forget(kept)
    }
    return this.#chars + chars <= ALL_BYTES_MAX
  }

  #refuse(series: Series, n: number, ...[error, text]: RefusalWords): void {
    this.#keep(series, n, refusalText(n, error, text))
  }

  #keep(series: Series, n: number, text: string): void {
    const kept = { series, n, text, sentMs: 0 }
    series.answers.set(n, kept)
    this.#grow(series, text.length + KEPT_CHARS)
    this.#queue(kept)
  }

  /** It waits for a socket. */
  #queue(kept: Kept): void {
    const { n, series } = kept
    this.#sent.delete(kept)
    series.unsent.add(n)
  }

  #pump(series: Series, nowMs: number): void {
    const { answers, links, unsent } = series
    const link = [...links].at(-1)
    if (link === undefined) return
    for (const n of unsent) {
      if (!this.#links.hasRoom(link)) return
      unsent.delete(n)
      const kept = answers.get(n)
      if (kept === undefined) continue
      this.#links.send(link, kept.text)
      kept.sentMs = nowMs
      this.#sent.add(kept)
    }
  }

  /** It is carried out no more. */
  #end(series: Series, n: number, isDropped: boolean): void {
    const run = series.running.get(n)
    if (run === undefined) return
    series.running.delete(n)
    this.#grow(series, -run.chars)
    if (isDropped) this.#order({ kind: 'drop', call: run.call })
  }

  #forget(kept: Kept): void {
    const { n, series, text } = kept
    series.answers.delete(n)
    series.unsent.delete(n)
    this.#sent.delete(kept)
    this.#grow(series, -text.length - KEPT_CHARS)
  }

  #empty(series: Series): void {
    for (const n of series.running.keys()) this.#end(series, n, true)
    for (const kept of series.answers.values()) this.#forget(kept)
  }

  #delete(series: Series): void {
    this.#empty(series)
    for (const link of series.links) this.#byLink.delete(link)
    this.#lost.delete(series)
    this.#past.delete(series)
    this.#series.delete(series.name)
  }

  #grow(series: Series, chars: number): void {
    series.chars += chars
    this.#chars += chars
  }
}

type RefusalWords = [error: Extract<Reply, { kind: 'refusal' }>['error'], text: string]
