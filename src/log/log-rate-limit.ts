/**
 * A rate limit for lines that others can cause often: at most `linesMax` of one key in a fixed
 * window; the first line of the next window has the number that was suppressed. Reads no clock.
 */

import { BoundedMap } from '../structures/bounded-map.ts'

/** The window, in ms. Larger: hides a lasting problem. Smaller: fills the disk. */
export const RATE_WINDOW_MS = 60_000

/** Keys at a time. Only invented ones are more; the oldest is dropped. */
export const RATE_KEYS_MAX = 1_000

/** How many lines of a key pass in each {@link RATE_WINDOW_MS}. */
export interface RateLimitRule {
  readonly key: string
  readonly linesMax: number
}

interface Window {
  readonly endMs: number
  passed: number
  suppressed: number
}

export class LogRateLimit {
  readonly #windows = new BoundedMap<string, Window>(RATE_KEYS_MAX)

  /**
   * How many lines of this key were suppressed since the last one that passed, if this one passes;
   * undefined if it is suppressed itself.
   */
  admit({ key, linesMax }: RateLimitRule, nowMs: number): number | undefined {
    const window = this.#windows.get(key)
    if (window === undefined || nowMs >= window.endMs) {
      this.#windows.set(key, { endMs: nowMs + RATE_WINDOW_MS, passed: 1, suppressed: 0 })
      return window?.suppressed ?? 0
    }
    if (window.passed < linesMax) {
      window.passed += 1
      return 0
    }
    window.suppressed += 1
    return undefined
  }
}
