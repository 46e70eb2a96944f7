/**
 * The review of a feed by its verified owner: what others had sent in its name is compared with
 * what it sends itself, and with where it says that the feed ends. What was forged is taken back.
 */

import type { Run } from '../wire/feed-messages.ts'
import { confirm, differsFrom, doubtOn } from './doubts.ts'
import type { Feed } from './feed.ts'
import type { FeedRequests } from './feed-requests.ts'
import type { Inlet } from './inlet.ts'
import type { Log } from './log.ts'

export class OwnerReview {
  readonly #log: Log
  readonly #requests: FeedRequests

  constructor(log: Log, requests: FeedRequests) {
    this.#log = log
    this.#requests = requests
  }

  /**
   * The owner names the end of its feed, and has less than came in its name. On another link it may
   * have sent more since, so it is asked; what it still lacks then was forged, and is taken back.
   * Whether it was asked.
   */
  reviewEnd(inlet: Inlet, feed: Feed, next: number, nowMs: number): boolean {
    if (!inlet.verified || next >= feed.next) return false
    if (inlet.askedEnd === undefined || inlet.askedEnd <= next) {
      inlet.askedEnd = feed.next
      this.#requests.probe(inlet, feed.id, feed.next, nowMs)
      // It may have as much: what is in doubt is compared then.
      if (doubtOn(inlet, feed)) this.#requests.want(inlet, feed.id, 0, nowMs)
      return true
    }
    inlet.askedEnd = undefined
    // One that begins above was begun by others: where it begins is not known.
    this.#takeBack(inlet, feed, next < feed.begin ? 1 : next, nowMs)
    confirm(feed, feed.doubt?.from ?? next)
    return false
  }

  /** The owner sends items. */
  items(inlet: Inlet, feed: Feed, from: number, runs: readonly Run[], nowMs: number): void {
    const doubt = doubtOn(inlet, feed)
    if (doubt === undefined || from > doubt.from) return
    const { at, comparedTo } = differsFrom(feed, doubt, from, runs)
    if (at !== undefined) this.#takeBack(inlet, feed, at, nowMs)
    confirm(feed, comparedTo)
  }

  #takeBack({ wants }: Inlet, feed: Feed, from: number, nowMs: number): void {
    // It is asked at once for what may be missing now.
    wants.hurry(feed.id)
    this.#log.takeBack(feed, from, nowMs)
  }
}
