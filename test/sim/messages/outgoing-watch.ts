/** What one node sends on its links: sizes, what is unsent, and how often it sends again. */

import { JOINED_BYTES_MAX, WANT_PAUSE_MS } from '../../../src/pubsub/limits.ts'
import { eventsIn } from '../../../src/wire/feed-codec.ts'
import { countItems } from '../../../src/wire/feed-messages.ts'
import { Violation } from '../violation.ts'

/** What a frame has beside its items, in bytes: topics and ages of each run. */
const FRAME_OVERHEAD = 8 * 1024

const EVENTS_HEAD = /^\{"type":"EVENTS","data":\{"feed":"([0-9a-f]{32})","from":(\d+)/

interface Outgoing {
  /** Whether EVENTS wait for the socket. */
  isWaiting: boolean
  readonly firstMs: number
  /** By feed, the number at which the last frame began, and how often it was not higher. */
  readonly feeds: Map<string, { from: number; rewinds: number }>
}

export class OutgoingWatch {
  readonly #name: string
  readonly #links = new Map<number, Outgoing>()

  constructor(name: string) {
    this.#name = name
  }

  closed(link: number): void {
    this.#links.delete(link)
  }

  /** @throws {Violation} */
  sent(link: number, text: string, nowMs: number): void {
    const [, feed, from] = EVENTS_HEAD.exec(text) ?? []
    if (feed === undefined) return
    const outgoing = this.#of(link, nowMs)
    if (outgoing.isWaiting) throw new Violation(`${this.#name}: two frames wait on link ${link}`)
    outgoing.isWaiting = true
    this.#checkSize(text)
    const sent = outgoing.feeds.get(feed) ?? { from: 0, rewinds: 0 }
    outgoing.feeds.set(feed, sent)
    if (Number(from) <= sent.from) sent.rewinds += 1
    sent.from = Number(from)
    // One at once, and one in each pause.
    const most = 2 + (nowMs - outgoing.firstMs) / WANT_PAUSE_MS
    if (sent.rewinds <= most) return
    throw new Violation(`${this.#name} sends a feed again ${sent.rewinds} times on link ${link}`)
  }

  /** The socket of a link has taken all. */
  taken(link: number): void {
    const outgoing = this.#links.get(link)
    if (outgoing !== undefined) outgoing.isWaiting = false
  }

  #of(link: number, nowMs: number): Outgoing {
    const known = this.#links.get(link)
    if (known !== undefined) return known
    const outgoing = { isWaiting: false, firstMs: nowMs, feeds: new Map() }
    this.#links.set(link, outgoing)
    return outgoing
  }

  #checkSize(text: string): void {
    if (text.length <= JOINED_BYTES_MAX + FRAME_OVERHEAD) return
    const items = countItems(eventsIn(text))
    if (items > 1) throw new Violation(`${this.#name} joins ${items} items to ${text.length} bytes`)
  }
}
