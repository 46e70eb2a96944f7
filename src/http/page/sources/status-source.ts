/**
 * The statuses of the node, from `/events`, which is requested again when it ends. The page reads
 * the stream itself: an EventSource takes seconds for the status of a thousand nodes, of 20 MB.
 */

import type { Status } from '../../status.ts'
import { shorten } from '../model/short-names.ts'
import { linesOf } from './lines.ts'
import { problemIn } from './refusal.ts'
import { readStatus } from './status-reader.ts'

export interface StatusSourceEvents {
  readonly onStatus: (status: Status) => void
  /**
   * The node sends no status, and says why, or does not answer: then the reason is empty. A status
   * follows when it does again.
   */
  readonly onUnreachable: (reason: string) => void
  /** An event is not a status that this page can show. */
  readonly onMismatch: () => void
}

/** Time from the end of a stream to the next request, in ms. */
const REOPEN_MS = 1000

/** After this time without an event the page requests `/health`, in ms: comments are rare. */
const QUIET_MS = 10_000

/** Time for the response to that, in ms. */
const ANSWER_MS = 4000

/** A proxy can refuse with a page of its own. */
const REASON_CHARS_MAX = 160

/** What the line of a status begins with; the others of its event say nothing more. */
const DATA = 'data: '

export class StatusSource {
  readonly #events: StatusSourceEvents
  /** Ends the stream that is open. */
  #stream: AbortController | undefined
  #receivedMs = performance.now()

  constructor(events: StatusSourceEvents) {
    this.#events = events
    void this.#open()
    setInterval(() => void this.#checkHealth(), QUIET_MS / 2)
  }

  async #open(): Promise<void> {
    const stream = new AbortController()
    let reason = ''
    try {
      const headers = { Accept: 'text/event-stream' }
      const request = { headers, signal: stream.signal, cache: 'no-store' } as const
      const response = await fetch('events', request)
      const { ok, body } = response
      if (!ok) reason = shorten(await problemIn(response), REASON_CHARS_MAX)
      else if (body !== null) {
        this.#stream = stream
        this.#receivedMs = performance.now()
        for await (const line of linesOf(body)) {
          // Not here, where an error of ours would be taken for the end of the stream.
          if (line.startsWith(DATA)) queueMicrotask(() => this.#take(line.slice(DATA.length)))
        }
      }
    } catch {
      // Cut off: as one that ends.
    }
    this.#stream = undefined
    this.#events.onUnreachable(reason)
    setTimeout(() => void this.#open(), REOPEN_MS)
  }

  #take(text: string): void {
    this.#receivedMs = performance.now()
    const status = readStatus(text)
    if (status === undefined) this.#events.onMismatch()
    else this.#events.onStatus(status)
  }

  /** An open stream without events can belong to a node that hangs. */
  async #checkHealth(): Promise<void> {
    const stream = this.#stream
    if (stream === undefined || performance.now() - this.#receivedMs < QUIET_MS) return
    try {
      await fetch('health', { signal: AbortSignal.timeout(ANSWER_MS), cache: 'no-store' })
      this.#receivedMs = performance.now()
    } catch {
      stream.abort()
    }
  }
}
