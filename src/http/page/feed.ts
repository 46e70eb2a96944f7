/**
 * The events of the node. The browser itself dials again when the stream ends; this class sees to
 * the rest: a stream that it gave up for good, and a node that is silent without having closed
 * anything.
 */

import type { Status } from '../status.ts'
import { readStatus } from './status-reader.ts'

/** What a feed tells. */
export interface FeedEvents {
  readonly onStatus: (status: Status) => void
  /** The node does not answer. A status follows when it does again. */
  readonly onSilence: () => void
  /** What came is no status that this page understands. */
  readonly onStranger: () => void
}

/** How long after a stream is given up for good another is opened. */
const REOPEN_MS = 1000

/** After so long without an event the node is asked whether it is there: a page sees no pings. */
const QUIET_MS = 10_000

/** How long it may take to answer that. */
const ANSWER_MS = 4000

export class Feed {
  readonly #events: FeedEvents
  #source: EventSource | undefined
  #heardMs = performance.now()

  constructor(events: FeedEvents) {
    this.#events = events
    this.#open()
    setInterval(() => void this.#watch(), QUIET_MS / 2)
  }

  #open(): void {
    const source = new EventSource('/events')
    this.#source = source
    source.addEventListener('status', ({ data }: MessageEvent<unknown>) => {
      this.#heardMs = performance.now()
      const status = typeof data === 'string' ? readStatus(data) : undefined
      if (status === undefined) this.#events.onStranger()
      else this.#events.onStatus(status)
    })
    source.addEventListener('error', () => {
      this.#events.onSilence()
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#reopen(), REOPEN_MS)
    })
  }

  #reopen(): void {
    this.#source?.close()
    this.#open()
  }

  /** A stream that is open and carries nothing may have a node behind it that hangs. */
  async #watch(): Promise<void> {
    const isOpen = this.#source?.readyState === EventSource.OPEN
    if (!isOpen || performance.now() - this.#heardMs < QUIET_MS) return
    try {
      await fetch('/health', { signal: AbortSignal.timeout(ANSWER_MS), cache: 'no-store' })
      this.#heardMs = performance.now()
    } catch {
      this.#events.onSilence()
      this.#reopen()
    }
  }
}
