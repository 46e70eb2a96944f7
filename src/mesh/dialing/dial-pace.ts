/**
 * How many learned addresses are dialed at once, and by when a dial should end.
 *
 * Nodes that start together on one machine dial as fast as its cores allow, however many dials are
 * open; only dials that time out and begin again waste work. So the number follows the dials that a
 * peer accepted and did not answer in time, as TCP's window follows lost packets (multiplicative
 * decrease: RFC 5681).
 */

import { DIAL_LATE_MS, DIALS_LEARNED_MAX } from '../limits.ts'

export class DialPace {
  #atOnce = DIALS_LEARNED_MAX
  #meanMs = 0
  #deviationMs = 0
  #isFirst = true

  /** How many dials of learned addresses may be open at once. */
  get atOnce(): number {
    return this.#atOnce
  }

  /**
   * The time within which nearly all dials end: their smoothed mean and four times their smoothed
   * deviation from it (RFC 6298 §2, the retransmission timer of TCP). 0 before the first dial.
   */
  get boundMs(): number {
    return this.#meanMs + 4 * this.#deviationMs
  }

  succeeded(tookMs: number): void {
    this.#smooth(tookMs)
    this.#increase()
  }

  /** A dial has failed, and not because a peer was slow to answer. */
  failed(): void {
    this.#increase()
  }

  /**
   * A peer accepted and gave no answer in time, and `lateMs` after that we noticed. Late: our own
   * process is busy, and so may be the peer. Not late: the peer never answers, whatever our pace.
   */
  timedOut(lateMs: number): void {
    if (lateMs < DIAL_LATE_MS) return
    this.#atOnce = Math.max(1, Math.floor(this.#atOnce / 2))
  }

  #increase(): void {
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
