/**
 * The statuses of the node, from `/events`. The browser connects again when the stream ends. This
 * class adds two cases: a stream that the browser gives up, and a node that hangs.
 */

import type { Status } from '../../status.ts'
import { readStatus } from './status-reader.ts'

export interface StatusSourceEvents {
  readonly onStatus: (status: Status) => void
  /** The node does not answer. A status follows when it does again. */
  readonly onUnreachable: () => void
  /** An event is not a status that this page can show. */
  readonly onMismatch: () => void
}

/** Time from the end of a stream that the browser gave up to the next one. */
const REOPEN_MS = 1000

/** After this time without an event the page requests `/health`: it cannot see pings. */
const QUIET_MS = 10_000

/** Time for the response to that. */
const ANSWER_MS = 4000

export class StatusSource {
  readonly #events: StatusSourceEvents
  #source: EventSource | undefined
  #receivedMs = performance.now()

  constructor(events: StatusSourceEvents) {
    this.#events = events
    this.#open()
    setInterval(() => void this.#checkHealth(), QUIET_MS / 2)
  }

  #open(): void {
    const source = new EventSource('events')
    this.#source = source
    source.addEventListener('status', ({ data }: MessageEvent<unknown>) => {
      this.#receivedMs = performance.now()
      const status = typeof data === 'string' ? readStatus(data) : undefined
      if (status === undefined) this.#events.onMismatch()
      else this.#events.onStatus(status)
    })
    source.addEventListener('error', () => {
      this.#events.onUnreachable()
      if (source.readyState === EventSource.CLOSED) setTimeout(() => this.#reopen(), REOPEN_MS)
    })
  }

  #reopen(): void {
    this.#source?.close()
    this.#open()
  }

  /** An open stream without events can belong to a node that hangs. */
  async #checkHealth(): Promise<void> {
    const isOpen = this.#source?.readyState === EventSource.OPEN
    if (!isOpen || performance.now() - this.#receivedMs < QUIET_MS) return
    try {
      await fetch('health', { signal: AbortSignal.timeout(ANSWER_MS), cache: 'no-store' })
      this.#receivedMs = performance.now()
    } catch {
      this.#events.onUnreachable()
      this.#reopen()
    }
  }
}
