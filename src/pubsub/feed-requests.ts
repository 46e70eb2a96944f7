/**
 * Requests for feeds. A feed that is known is asked for from the number that comes next; of a new
 * one a node wants what was published since it started.
 */

import { earlier } from '../structures/earlier.ts'
import type { WantMessage } from '../wire/feed-messages.ts'
import { doubtOn } from './doubts.ts'
import type { Inlet } from './inlet.ts'
import { START_MARGIN_MS } from './limits.ts'
import type { Log } from './log.ts'
import type { Output } from './outputs.ts'

export class FeedRequests {
  readonly #log: Log
  readonly #startedMs: number
  readonly #order: (output: Output) => void
  /** The links with requests that wait. */
  readonly #late = new Set<Inlet>()
  /** For how long the machine was suspended since the start. */
  #suspendedMs = 0

  constructor(log: Log, startedMs: number, order: (output: Output) => void) {
    this.#log = log
    this.#startedMs = startedMs
    this.#order = order
  }

  suspended(totalMs: number): void {
    this.#suspendedMs = totalMs
  }

  /** For how long this node runs, with the margin. */
  recentMs(nowMs: number): number {
    return Math.round(nowMs - this.#startedMs + this.#suspendedMs) + START_MARGIN_MS
  }

  /** With which number a feed that is not here has to begin, if that is known. */
  beginningOf({ missedFrom, peer }: Inlet, id: string): number | undefined {
    return this.#log.wantedFrom(id) ?? (id === peer ? missedFrom : undefined)
  }

  /** @param missingBelow the numbers below it exist, as far as anyone has said */
  want(inlet: Inlet, id: string, missingBelow: number, nowMs: number): void {
    const feed = this.#log.feed(id)
    const from = feed ? (doubtOn(inlet, feed)?.from ?? feed.next) : this.beginningOf(inlet, id)
    const withinMs = this.recentMs(nowMs)
    const data = from === undefined ? { feed: id, withinMs } : { feed: id, from }
    if (inlet.wants.take(id, missingBelow, nowMs)) this.#send(inlet, data)
    else this.#late.add(inlet)
  }

  /** Asks at once whether a link has a number. */
  probe(inlet: Inlet, id: string, from: number, nowMs: number): void {
    inlet.wants.hurry(id)
    inlet.wants.take(id, 0, nowMs)
    this.#send(inlet, { feed: id, from })
  }

  closed(inlet: Inlet): void {
    this.#late.delete(inlet)
  }

  /** When a request that came too soon is made, or undefined. */
  deadlineMs(): number | undefined {
    let dueMs: number | undefined
    for (const { wants } of this.#late) dueMs = earlier(dueMs, wants.deadlineMs())
    return dueMs
  }

  /** @param mayAsk whether a link may still speak for a feed */
  onDeadline(mayAsk: (inlet: Inlet, id: string) => boolean, nowMs: number): void {
    for (const inlet of this.#late) {
      for (const { feed: id, missingBelow } of inlet.wants.takeDue(nowMs)) {
        const feed = this.#log.feed(id)
        const isDoubted = feed !== undefined && doubtOn(inlet, feed) !== undefined
        const isMissing = feed === undefined || feed.next < missingBelow || isDoubted
        if (isMissing && mayAsk(inlet, id)) this.want(inlet, id, 0, nowMs)
      }
      if (inlet.wants.deadlineMs() === undefined) this.#late.delete(inlet)
    }
  }

  #send({ link }: Inlet, data: WantMessage['data']): void {
    const text = JSON.stringify({ type: 'WANT', data })
    this.#order({ kind: 'send', link, text, awaitsDrain: false })
  }
}
