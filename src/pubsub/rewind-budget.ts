/** What a link makes a node send again: once a second, and so many bytes in ten minutes. */

import { REWIND_BYTES_MAX, REWIND_WINDOW_MS, WANT_PAUSE_MS } from './limits.ts'

export class RewindBudget {
  /** What was sent again, which is forgotten over time. */
  #bytes = 0
  #lastMs = Number.NEGATIVE_INFINITY

  /** Takes so many bytes. Returns from when on they may be sent: `nowMs` or later. */
  take(bytes: number, nowMs: number): number {
    const perMs = REWIND_BYTES_MAX / REWIND_WINDOW_MS
    const forgotten = (nowMs - this.#lastMs) * perMs
    this.#bytes = Math.max(0, this.#bytes - forgotten) + bytes
    const waitMs = Math.max(WANT_PAUSE_MS, (this.#bytes - REWIND_BYTES_MAX) / perMs)
    const fromMs = this.#lastMs + waitMs
    this.#lastMs = nowMs
    return Math.max(nowMs, fromMs)
  }
}
