/**
 * Times of the core as dates for people. The core's clock runs steadily and the wall clock is set
 * and corrected; the offset between them is kept as long as it is about right, or one and the same
 * moment would be told with another millisecond each time.
 */

import { monotonicMs } from '../runtime/monotonic.ts'

/** How far the two clocks may drift apart unnoticed, in ms. */
const DRIFT_MS_MAX = 1_000

/** What a clock reads, both in ms. */
export interface ClockOptions {
  /** The clock of the core. Default {@link monotonicMs}. */
  readonly nowMs?: () => number
  /** The wall clock. Default `Date.now`. */
  readonly wallMs?: () => number
}

/** The two clocks. */
export class Clock {
  readonly #nowMs: () => number
  readonly #wallMs: () => number
  #offsetMs: number | undefined

  constructor({ nowMs = monotonicMs, wallMs = Date.now }: ClockOptions = {}) {
    this.#nowMs = nowMs
    this.#wallMs = wallMs
  }

  /** The time of the core. */
  nowMs(): number {
    return this.#nowMs()
  }

  /** When a time of the core was or will be, as ISO 8601 in UTC. */
  dateOf(coreMs: number): string {
    const offsetMs = this.#wallMs() - this.#nowMs()
    if (this.#offsetMs === undefined || Math.abs(offsetMs - this.#offsetMs) > DRIFT_MS_MAX) {
      this.#offsetMs = offsetMs
    }
    return new Date(this.#offsetMs + coreMs).toISOString()
  }
}
