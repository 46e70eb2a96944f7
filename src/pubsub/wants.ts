/**
 * What one link is asked for: a feed at most once in a second. A request that comes too soon is not
 * lost: when its time has come, it is made for what is still missing then.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { earlier } from '../structures/earlier.ts'
import { ASKED_FEEDS_MAX, WANT_PAUSE_MS } from './limits.ts'

interface Request {
  readonly atMs: number
  /** A later request has to wait, and is of use while the numbers below this one are missing. */
  readonly missingBelow: number
  /** Whether the peer has said that it lacks the beginning of the feed. */
  readonly isCut: boolean
}

export class Wants {
  readonly #requests = new BoundedMap<string, Request>(ASKED_FEEDS_MAX)
  /** The feeds with a request that waits. */
  readonly #waiting = new Set<string>()

  /** Whether the link was asked for a feed, as far as that is remembered. */
  has(feed: string): boolean {
    return this.#requests.has(feed)
  }

  isCut(feed: string): boolean {
    return this.#requests.get(feed)?.isCut === true
  }

  /** The peer lacks the beginning of a feed. */
  cut(feed: string): void {
    const request = this.#requests.get(feed)
    if (request !== undefined) this.#requests.set(feed, { ...request, isCut: true })
  }

  /**
   * Whether the link may be asked now. If not, the request waits.
   *
   * @param missingBelow the numbers below it exist, as far as anyone has said
   */
  take(feed: string, missingBelow: number, nowMs: number): boolean {
    const request = this.#requests.get(feed)
    if (request !== undefined && nowMs < request.atMs + WANT_PAUSE_MS) {
      const most = Math.max(missingBelow, request.missingBelow)
      this.#requests.set(feed, { ...request, missingBelow: most })
      this.#waiting.add(feed)
      return false
    }
    this.#requests.set(feed, { atMs: nowMs, missingBelow: 0, isCut: request?.isCut === true })
    this.#waiting.delete(feed)
    return true
  }

  /** The answer to the last request was not taken. */
  forget(feed: string): void {
    this.#requests.delete(feed)
    this.#waiting.delete(feed)
  }

  /** The next request for a feed is made at once. */
  hurry(feed: string): void {
    const request = this.#requests.get(feed)
    const isCut = request?.isCut === true
    this.#requests.set(feed, { atMs: Number.NEGATIVE_INFINITY, missingBelow: 0, isCut })
  }

  /** When the next request that waits is due, or undefined. */
  deadlineMs(): number | undefined {
    let dueMs: number | undefined
    for (const feed of this.#waiting) dueMs = earlier(dueMs, this.#dueMs(feed))
    return dueMs
  }

  /** The requests whose time has come, each once. */
  takeDue(nowMs: number): readonly { readonly feed: string; readonly missingBelow: number }[] {
    const due = [...this.#waiting].filter((feed) => this.#dueMs(feed) <= nowMs)
    return due.map((feed) => {
      this.#waiting.delete(feed)
      return { feed, missingBelow: this.#requests.get(feed)?.missingBelow ?? 0 }
    })
  }

  #dueMs(feed: string): number {
    // One that is not remembered was asked for long ago.
    return (this.#requests.get(feed)?.atMs ?? Number.NEGATIVE_INFINITY) + WANT_PAUSE_MS
  }
}
