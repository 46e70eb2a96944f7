/**
 * What this node carries out for its peers: each request once, whatever links do. Requests come in
 * series; of each it is known up to which number they came.
 */

import { earlier } from '../structures/earlier.ts'
import type { LinkId } from '../wire/link-facts.ts'
import { answerText, refusalText } from '../wire/request-codec.ts'
import type { RequestFact, RequestMessage } from '../wire/request-messages.ts'
import { weightOf } from './body-weight.ts'
import { ALL_CHARS_MAX, ANSWER_KEPT_MS, KEPT_CHARS, OPEN_BYTES_MAX, OPEN_MAX } from './limits.ts'
import type { Links } from './links.ts'
import type { Call, Order, Reply } from './outputs.ts'
import { type Kept, type Series, SeriesTable } from './series.ts'

type Frame = Pick<RequestFact, 'link' | 'chars'>

export class Answering {
  readonly #links: Links
  readonly #order: Order
  readonly #series = new SeriesTable()
  /** The answers of all that were sent, and are not to be sent again, oldest first. */
  readonly #sent = new Set<Kept>()
  #chars = 0

  constructor(links: Links, order: Order) {
    this.#links = links
    this.#order = order
  }

  received({ link, chars: frameChars }: Frame, { data }: RequestMessage, nowMs: number): void {
    const { ageMs, body, n, topic } = data
    const series = this.#series.at(link, data.series, nowMs)
    if (series === undefined) return
    const { answers, knownSinceMs, running, unsent } = series
    if (running.has(n)) return
    const kept = answers.get(n)
    // Whoever follows the protocol has no more open. Each answer takes memory, refusals, too.
    if (kept === undefined && running.size + unsent.size >= OPEN_MAX) return
    if (n <= series.seen) {
      // It was sent, and may be lost.
      if (kept !== undefined) this.#queue(kept)
      else this.#refuse(series, n, 'PEER_GONE', 'its answer was lost with a connection')
      return this.#pump(series, nowMs)
    }
    series.seen = n
    const chars = frameChars + weightOf(body)
    if (nowMs - ageMs <= knownSinceMs) {
      this.#refuse(series, n, 'PEER_GONE', 'it may have been carried out before')
    } else if (this.#makeRoom(series, chars)) {
      const call = { series: series.name, n }
      running.set(n, { call, chars })
      this.#grow(series, chars)
      this.#order({ kind: 'run', call, link, topic, body })
    } else this.#refuse(series, n, 'TOO_MANY_REQUESTS', 'too much waits to be carried out')
    this.#pump(series, nowMs)
  }

  /** Also on a link on which nothing of its series has come yet. */
  cancelled(name: string, n: number): void {
    const series = this.#series.named(name)
    if (series === undefined) return
    this.#end(series, n, true)
    const kept = series.answers.get(n)
    if (kept !== undefined) this.#forget(kept)
  }

  replied(call: Call, reply: Reply, nowMs: number): void {
    const series = this.#series.named(call.series)
    if (series?.running.get(call.n)?.call !== call) return
    this.#end(series, call.n, false)
    if (reply.kind === 'refusal') this.#refuse(series, call.n, reply.error, reply.text)
    else {
      const text = answerText(call.n, reply.body)
      if (this.#makeRoom(series, text.length + KEPT_CHARS)) this.#keep(series, call.n, text)
      else this.#refuse(series, call.n, 'RESPONDER_FAILED', 'too many answers wait to be sent')
    }
    this.#pump(series, nowMs)
  }

  linkGone(link: LinkId, nowMs: number): void {
    const forgotten = this.#series.linkGone(link, nowMs)
    if (forgotten !== undefined) this.#delete(forgotten)
  }

  drained(link: LinkId, nowMs: number): void {
    const series = this.#series.on(link)
    if (series !== undefined) this.#pump(series, nowMs)
  }

  stop(): void {
    for (const series of this.#series.all()) this.#delete(series)
  }

  deadlineMs(): number | undefined {
    const [sent] = this.#sent
    return earlier(sent && sent.sentMs + ANSWER_KEPT_MS, this.#series.deadlineMs())
  }

  onDeadline(nowMs: number): void {
    for (const kept of this.#sent) {
      if (kept.sentMs + ANSWER_KEPT_MS > nowMs) break
      this.#forget(kept)
    }
    for (const series of this.#series.givenUp(nowMs)) this.#empty(series)
    for (const series of this.#series.outdated(nowMs)) this.#delete(series)
  }

  // --- One series --------------------------------------------------------------------------------

  /** Makes room by forgetting answers that were sent, of any series. Whether there is room. */
  #makeRoom(series: Series, chars: number): boolean {
    const isFull = (): boolean => series.chars + chars > OPEN_BYTES_MAX
    for (const kept of isFull() ? series.answers.values() : []) {
      if (!isFull()) break
      if (this.#sent.has(kept)) this.#forget(kept)
    }
    if (isFull()) return false
    for (const kept of this.#sent) {
      if (this.#chars + chars <= ALL_CHARS_MAX) break
      this.#forget(kept)
    }
    return this.#chars + chars <= ALL_CHARS_MAX
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
    this.#series.delete(series)
  }

  #grow(series: Series, chars: number): void {
    series.chars += chars
    this.#chars += chars
  }
}

type RefusalWords = [error: Extract<Reply, { kind: 'refusal' }>['error'], text: string]
