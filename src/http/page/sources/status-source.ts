/**
 * The statuses of the node, from `/events`, which is requested again when it ends. The page reads
 * the stream itself: an EventSource takes seconds for the status of a thousand nodes, of 20 MB.
 */

import type { Status } from '../../status.ts'
import { clockAhead } from '../model/node-clock.ts'
import { shorten } from '../model/short-names.ts'
import { linesOf } from './lines.ts'
import { problemIn } from './refusal.ts'
import { readStatus } from './status-reader.ts'

export interface StatusSourceEvents {
  readonly onStatus: (status: Status) => void
  /** A stream is open. The clock of the node is so far ahead of the reader's, in ms. */
  readonly onOpen: (aheadMs: number) => void
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

/** After this time without anything from the node the page requests `/health`, in ms. */
const QUIET_MS = 10_000

/**
 * After this time without anything the stream is given up, in ms: three times that between two
 * comments of a node, which is EVENT_STREAM_KEEP_ALIVE_MS.
 */
const SILENT_MS = 45_000

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
  /** When the stream gave something last, and when the node did, by performance.now(). */
  #heardMs = performance.now()
  #answeredMs = performance.now()

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
        this.#hear()
        this.#events.onOpen(clockAhead(response.headers.get('Date'), Date.now()))
        for await (const line of linesOf(body, () => this.#hear())) {
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

  #hear(): void {
    this.#heardMs = performance.now()
    this.#answeredMs = this.#heardMs
  }

  #take(text: string): void {
    const status = readStatus(text)
    if (status === undefined) this.#events.onMismatch()
    else this.#events.onStatus(status)
  }

  /** A stream that gives nothing can belong to a node that hangs, or be broken silently. */
  async #checkHealth(): Promise<void> {
    const stream = this.#stream
    const nowMs = performance.now()
    if (stream === undefined) return
    // An answer by another connection proves nothing of this one.
    if (nowMs - this.#heardMs >= SILENT_MS) return stream.abort()
    if (nowMs - this.#answeredMs < QUIET_MS) return
    try {
      await fetch('health', { signal: AbortSignal.timeout(ANSWER_MS), cache: 'no-store' })
      this.#answeredMs = performance.now()
    } catch {
      stream.abort()
    }
  }
}
