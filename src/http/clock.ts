/**
 * Times of the core as dates. The core's clock is steady, the wall clock is corrected now and then.
 * The offset between them is kept while it is about right, so that one moment always gives the same
 * date.
 */

import { monotonicMs } from '../runtime/monotonic.ts'

/** How far the offset may be off before it is measured again, in ms. */
const DRIFT_MS_MAX = 1_000

/** The two clocks, both in ms. */
export interface ClockOptions {
  /** The clock of the core. Default {@link monotonicMs}. */
  readonly nowMs?: () => number
  /** The wall clock. Default `Date.now`. */
  readonly wallMs?: () => number
}

export class Clock {
  /** The time of the core. */
  readonly nowMs: () => number
  readonly #wallMs: () => number
  #offsetMs: number | undefined

  constructor({ nowMs = monotonicMs, wallMs = Date.now }: ClockOptions = {}) {
    this.nowMs = nowMs
    this.#wallMs = wallMs
  }

  /** A time of the core as ISO 8601 in UTC. */
  dateOf(coreMs: number): string {
    const offsetMs = this.#wallMs() - this.nowMs()
    if (this.#offsetMs === undefined || Math.abs(offsetMs - this.#offsetMs) > DRIFT_MS_MAX) {
      this.#offsetMs = offsetMs
    }
    return new Date(this.#offsetMs + coreMs).toISOString()
  }
}
