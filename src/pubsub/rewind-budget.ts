/** What a link makes a node send again: once a second, and so many bytes in ten minutes. */

import { REWIND_BYTES_MAX, REWIND_WINDOW_MS, WANT_PAUSE_MS } from './limits.ts'

export class RewindBudget {
  /** What was to be sent again, which is forgotten over time. */
  #bytes = 0
  #countedMs = Number.NEGATIVE_INFINITY
  /** When the last one was sent, or is. */
  #sentMs = Number.NEGATIVE_INFINITY

  /** Takes so many bytes. Returns from when on they may be sent: `nowMs` or later. */
  take(bytes: number, nowMs: number): number {
    const perMs = REWIND_BYTES_MAX / REWIND_WINDOW_MS
    this.#bytes = Math.max(0, this.#bytes - (nowMs - this.#countedMs) * perMs) + bytes
    this.#countedMs = nowMs
    // One that waits is replaced.
    const earliestMs = nowMs < this.#sentMs ? this.#sentMs : this.#sentMs + WANT_PAUSE_MS
    const withinBudgetMs = nowMs + (this.#bytes - REWIND_BYTES_MAX) / perMs
    this.#sentMs = Math.max(nowMs, earliestMs, withinBudgetMs)
    return this.#sentMs
  }
}
