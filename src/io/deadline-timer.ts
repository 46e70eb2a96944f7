/** Keeps one timer of the runtime armed for the next deadline of a core. */

import { monotonicMs } from '../runtime/monotonic.ts'
import { TIMER_MS_MAX } from './limits.ts'

export class DeadlineTimer {
  readonly #onDeadline: () => void
  readonly #keepsAlive: boolean
  #timer: NodeJS.Timeout | undefined
  #armedForMs: number | undefined

  /**
   * @param onDeadline called at the deadline, or earlier when that is further than
   * `TIMER_MS_MAX`; the core has to be asked again then
   * @param keepsAlive whether the process runs until then
   */
  constructor(onDeadline: () => void, keepsAlive = true) {
    this.#onDeadline = onDeadline
    this.#keepsAlive = keepsAlive
  }

  /** Arms it for a monotonic time, or for none, instead of the one before. */
  arm(deadlineMs: number | undefined): void {
    if (deadlineMs === this.#armedForMs) return
    this.#armedForMs = deadlineMs
    clearTimeout(this.#timer)
    if (deadlineMs === undefined) return
    const waitMs = Math.min(Math.max(0, Math.ceil(deadlineMs - monotonicMs())), TIMER_MS_MAX)
    this.#timer = setTimeout(() => this.#onTimer(), waitMs)
    if (!this.#keepsAlive) this.#timer.unref()
  }

  /**
   * The same, only earlier: a deadline that moved back is found when the timer of the old one
   * fires. For a core whose deadline moves with every input.
   */
  hasten(deadlineMs: number | undefined): void {
    if (deadlineMs === undefined) return
    if (deadlineMs < (this.#armedForMs ?? Number.POSITIVE_INFINITY)) this.arm(deadlineMs)
  }

  /**
   * Timers run before sockets are read. What peers have sent is read first, or all of them would
   * seem silent after a freeze (SIGSTOP, a suspended laptop, no processor to spare).
   */
  #onTimer(): void {
    setImmediate(() => {
      this.#armedForMs = undefined
      this.#onDeadline()
    })
  }
}
