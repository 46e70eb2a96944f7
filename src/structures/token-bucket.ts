/** A token bucket: a burst at once, then a steady rate. */
export class TokenBucket {
  readonly #burst: number
  readonly #perSecond: number
  #tokens: number
  #refilledMs: number

  /** A full bucket that holds `burst` tokens and regains `perSecond` of them each second. */
  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst
    this.#perSecond = perSecond
    this.#tokens = burst
    this.#refilledMs = nowMs
  }

  /** Takes `count` tokens and returns true; takes none and returns false when fewer are left. */
  take(nowMs: number, count = 1): boolean {
    this.#refill(nowMs)
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  /** When one token can be taken: `nowMs`, or at least a millisecond later. */
  availableAtMs(nowMs: number): number {
    this.#refill(nowMs)
    if (this.#tokens >= 1) return nowMs
    // Whole milliseconds: at a time that is rounded down a token would not be whole yet.
    return nowMs + Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000)
  }

  #refill(nowMs: number): void {
    const gained = ((nowMs - this.#refilledMs) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, gained))
    this.#refilledMs = nowMs
  }
}
