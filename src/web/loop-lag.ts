/**
 * How late the event loop is. Measured with a timer of our own: `monitorEventLoopDelay` of Node is
 * missing elsewhere, and wakes an idle process far more often.
 */

import { monotonicMs } from '../monotonic.ts'
import { LAG_CHECK_MS } from './limits.ts'

/** Times the event loop until it is stopped. Keeps no process alive. */
export class LoopLag {
  readonly #timer: NodeJS.Timeout

  /** `onLag` is told again and again by how many seconds a timer was late. */
  constructor(onLag: (seconds: number) => void, checkMs = LAG_CHECK_MS) {
    let dueMs = monotonicMs() + checkMs
    this.#timer = setInterval(() => {
      const nowMs = monotonicMs()
      onLag(Math.max(0, nowMs - dueMs) / 1000)
      dueMs = nowMs + checkMs
    }, checkMs).unref()
  }

  /** Idempotent. */
  stop(): void {
    clearInterval(this.#timer)
  }
}
