/**
 * How long dials take, and what follows from it: how many of the addresses that peers named are
 * dialed at once, and by when a dial that somebody else began should have come to its end.
 *
 * A machine full of nodes that all start dials as much as its cores can carry, however many dials
 * are under way; the more there are, the longer each takes. That does no harm as long as they come
 * to their end, for a process that finds much to do at each of its turns does it with less effort.
 * It does once they are given up and begun again. So the number follows the dials that nobody
 * answered in time although somebody is there, as the window of TCP follows the packets that are
 * lost (multiplicative decrease: RFC 5681).
 */

import { DIAL_LATE_MS, DIALS_LEARNED_MAX } from '../limits.ts'

/** Learns from the dials of one node. */
export class DialPace {
  #atOnce = DIALS_LEARNED_MAX
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

  /** A dial has succeeded within this time. */
  succeeded(tookMs: number): void {
    this.#smooth(tookMs)
    this.#quicken()
  }

  /**
   * A dial has failed, and not because somebody there was slow to answer. Whoever is not there
   * keeps nobody busy, so there may be more like it.
   */
  failed(): void {
    this.#quicken()
  }

  /**
   * Somebody is there and gave no answer in time, which we noticed so late. Where we had to wait
   * for our own turn, so had the peer; where we had not, it is one that never answers.
   */
  timedOut(lateMs: number): void {
    if (lateMs < DIAL_LATE_MS) return
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
