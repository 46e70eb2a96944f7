/** Times of the core as dates. The core's clock is steady; the wall clock is corrected at times. */

import { monotonicMs } from '../runtime/monotonic.ts'

/** How far the offset between the two may be off before it is measured again, in ms. */
const DRIFT_MS_MAX = 1_000

export class Clock {
  /** The time of the core, in ms. */
  readonly nowMs: () => number
  readonly #wallMs: () => number
  #offsetMs: number | undefined

  constructor(nowMs = monotonicMs, wallMs: () => number = Date.now) {
    this.nowMs = nowMs
    this.#wallMs = wallMs
  }

  /** A time of the core as ISO 8601 in UTC: the same at each call, until the wall clock is set. */
  dateOf(coreMs: number): string {
    const offsetMs = this.#wallMs() - this.nowMs()
    if (this.#offsetMs === undefined || Math.abs(offsetMs - this.#offsetMs) > DRIFT_MS_MAX) {
      this.#offsetMs = offsetMs
    }
    return new Date(this.#offsetMs + coreMs).toISOString()
  }
}
