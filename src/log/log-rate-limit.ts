/**
 * A rate limit for lines that others can cause often: at most `linesMax` of one key in a fixed
 * window, and a number of all keys of one kind, since others can make up keys; the first line of
 * the next window has the number that was suppressed. Reads no clock.
 */

import { BoundedMap } from '../structures/bounded-map.ts'

/** The window, in ms. Larger: hides a lasting problem. Smaller: fills the disk. */
export const RATE_WINDOW_MS = 60_000

/** Keys at a time. Only invented ones are more; the oldest is dropped. */
export const RATE_KEYS_MAX = 1_000

/**
 * Lines of all keys of one kind in a window. Larger: a stranger that makes up keys fills the disk.
 * Smaller: the lines about many peers that have the same problem do not name each.
 */
export const RATE_LINES_OF_KIND_MAX = 100

/** How many lines of a key pass in each {@link RATE_WINDOW_MS}. */
export interface RateLimitRule {
  readonly key: string
  readonly linesMax: number
  /** Of a key that others choose: whose lines count together. Default: the key stands alone. */
  readonly kind?: string
}

interface Window {
  readonly endMs: number
  passed: number
  suppressed: number
}

export class LogRateLimit {
  readonly #windows = new BoundedMap<string, Window>(RATE_KEYS_MAX)
  readonly #kinds = new BoundedMap<string, Window>(RATE_KEYS_MAX)

  /**
   * How many lines of this key, and of its kind, were suppressed since the last one that passed, if
   * this one passes; undefined if it is suppressed itself.
   */
  admit({ key, kind, linesMax }: RateLimitRule, nowMs: number): number | undefined {
    const ofKey = take(this.#windows, key, linesMax, nowMs)
    if (ofKey === undefined || kind === undefined) return ofKey
    const ofKind = take(this.#kinds, kind, RATE_LINES_OF_KIND_MAX, nowMs)
    return ofKind === undefined ? undefined : ofKey + ofKind
  }
}

function take(
  windows: BoundedMap<string, Window>,
  key: string,
  linesMax: number,
  nowMs: number,
): number | undefined {
  const window = windows.get(key)
  if (window === undefined || nowMs >= window.endMs) {
    windows.set(key, { endMs: nowMs + RATE_WINDOW_MS, passed: 1, suppressed: 0 })
    return window?.suppressed ?? 0
  }
  if (window.passed < linesMax) {
    window.passed += 1
    return 0
  }
  window.suppressed += 1
  return undefined
}
