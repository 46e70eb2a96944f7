/**
 * How long dials take, and what follows from it: how many of the addresses that peers named are
 * dialed at once, and by when a dial that somebody else began should have come to its end.
 *
 * A machine full of nodes that all start dials as much as its cores can carry, however many dials
 * are under way; the more there are, the longer each takes, until most are given up by their
 * timeouts and begun again. So the number begins low and follows the time that they take, as the
 * window of TCP follows the loss of packets (slow start, and multiplicative decrease: RFC 5681).
 * Whoever gives up a peer that is only slow throws away what was half done, at both ends. So dials
 * get more time where we had to wait for our own turn, as the retransmission timer of TCP is backed
 * off (RFC 6298 §5.5); where we did not, a peer that does not answer is one that never will.
 */

import {
  DIAL_LATE_MS,
  DIAL_PATIENCE_MAX,
  DIAL_SLOW_MS,
  DIALS_LEARNED_MAX,
  DIALS_LEARNED_MIN,
} from './limits.ts'

/** Learns from the dials of one node. */
export class DialPace {
  #atOnce = DIALS_LEARNED_MIN
  #lastSlowedMs = Number.NEGATIVE_INFINITY
  #patience = 1
  #meanMs = 0
  #deviationMs = 0
  #isFirst = true

  /** How many dials of learned addresses may be under way at once. */
  get atOnce(): number {
    return this.#atOnce
  }

  /**
   * The time within which nearly all dials end: their smoothed mean and four times their smoothed
   * deviation from it (RFC 6298 §2, the retransmission timer of TCP). 0 when there was none yet.
   */
  get boundMs(): number {
    return this.#meanMs + 4 * this.#deviationMs
  }

  /** How many times `dialTimeoutMs` a dial may take. */
  get patience(): number {
    return this.#patience
  }

  /** A dial that began at `startedMs` has succeeded. */
  succeeded(startedMs: number, nowMs: number): void {
    const tookMs = nowMs - startedMs
    this.#smooth(tookMs)
    if (tookMs < DIAL_SLOW_MS) {
      this.#patience = Math.max(1, this.#patience / 2)
      return this.#quicken()
    }
    // Those that were under way then say nothing of what it has brought.
    if (startedMs < this.#lastSlowedMs) return
    this.#lastSlowedMs = nowMs
    const leastAtOnce = Math.min(this.#atOnce, DIALS_LEARNED_MIN)
    this.#atOnce = Math.max(leastAtOnce, Math.floor(this.#atOnce / 2))
  }

  /**
   * A dial has failed, and not because somebody there was slow to answer. Whoever is not there
   * keeps nobody busy, so there may be more like it.
   */
  failed(): void {
    this.#quicken()
  }

  /** Somebody is there and gave no answer in time, which we noticed so late. */
  timedOut(lateMs: number): void {
    if (lateMs < DIAL_LATE_MS) return
    this.#patience = Math.min(DIAL_PATIENCE_MAX, 2 * this.#patience)
    this.#atOnce = Math.max(1, Math.floor(this.#atOnce / 2))
  }

  #quicken(): void {
    this.#atOnce = Math.min(DIALS_LEARNED_MAX, this.#atOnce + 1)
  }

  #smooth(tookMs: number): void {
    if (this.#isFirst) {
      this.#isFirst = false
      this.#meanMs = tookMs
      this.#deviationMs = tookMs / 2
      return
    }
    this.#deviationMs += (Math.abs(this.#meanMs - tookMs) - this.#deviationMs) / 4
    this.#meanMs += (tookMs - this.#meanMs) / 8
  }
}
