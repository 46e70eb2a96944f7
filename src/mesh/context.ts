/** What all parts of the core share. */

import type { Timers } from './timers.ts'
import type { Timings } from './timings.ts'
import type { Turn } from './turn.ts'

export interface CoreContext {
  /** The input that is being handled: its time, and what was ordered so far. */
  readonly turn: Turn
  readonly timers: Timers
  readonly timings: Timings
  /** A number from 0 up to, not including, 1, drawn anew at each call. */
  readonly random: () => number
}
