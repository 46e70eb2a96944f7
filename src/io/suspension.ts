/** For how long the machine was suspended: only the wall clock went on meanwhile. */

import { monotonicMs } from '../runtime/monotonic.ts'
import { SUSPENDED_MS_MIN } from './limits.ts'

export class Suspension {
  /** When both clocks showed this, the machine had not been suspended. */
  readonly #startedMs = monotonicMs()
  readonly #startedWallMs = Date.now()
  #totalMs = 0

  /** The total since the start, in ms, when it is another one than at the last call. */
  change(): number | undefined {
    const wallMs = Date.now() - this.#startedWallMs
    const totalMs = Math.max(0, wallMs - (monotonicMs() - this.#startedMs))
    if (Math.abs(totalMs - this.#totalMs) < SUSPENDED_MS_MIN) return undefined
    this.#totalMs = totalMs
    return totalMs
  }
}
