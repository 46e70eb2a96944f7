/**
 * When to read the table of sockets, so that reading it does not slow the mesh down.
 * Pure: the counters and the time are given.
 */

import type { Progress } from './kernel/counters.ts'

/** How often the counters of the kernel are looked at. One look costs 0.05 ms. */
const PAUSE_MS = 5

/**
 * How long nothing is done after a look at the table of sockets, in times of the CPU time that the
 * look took: so looking takes 3 % of one core. But a change must be found within a fiftieth of
 * the time that has passed, so a look that takes long for that time costs a larger share.
 */
const PAUSE_PER_LOOK = 30
const PAUSE_SHARE_MAX = 0.02

/**
 * How often the table is read although not enough connections are new: the kernel writes it in
 * pieces, and a row can be missed when another one goes meanwhile.
 */
export const LOOK_AT_LEAST_MS = 10_000

/** The result of one read of the table. */
export interface Look {
  /** Connections that are still missing. */
  readonly missing: number
  /** Connections that were half there: they need not be accepted anew. */
  readonly pending: number
}

/** One wait for so many connections. */
export class LookSchedule {
  readonly #connections: number
  readonly #startedMs: number
  #lookedMs: number
  /** What the counter of accepted connections must have reached before a look can find all. */
  #acceptedMin = 0

  constructor(connections: number, startedMs: number) {
    this.#connections = connections
    this.#startedMs = startedMs
    this.#lookedMs = startedMs
  }

  /**
   * Is the table to be read now? Yes if all connections can be there, by what the kernel has
   * counted, or if it was not read for {@link LOOK_AT_LEAST_MS} though enough are open.
   */
  isDue({ openEnds, accepted }: Progress, atMs: number): boolean {
    if (openEnds < 2 * this.#connections) return false
    return accepted >= this.#acceptedMin || atMs - this.#lookedMs >= LOOK_AT_LEAST_MS
  }

  /** The table was read at this time, just after the kernel had counted that. */
  looked({ accepted }: Progress, atMs: number, { missing, pending }: Look): void {
    this.#lookedMs = atMs
    this.#acceptedMin = accepted + missing - pending
  }

  /**
   * How long to do nothing after a look, in ms.
   *
   * @param lookMs the CPU time of the look, at the counters or at the table too
   * @param atMs when it began
   */
  pauseMs(lookMs: number, atMs: number): number {
    const longest = PAUSE_SHARE_MAX * (atMs - this.#startedMs)
    return Math.max(PAUSE_MS, Math.min(longest, PAUSE_PER_LOOK * lookMs))
  }
}
