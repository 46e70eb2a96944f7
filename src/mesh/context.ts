/** What all parts of the core share: the time, the timers, and what is ordered in one turn. */

import type { MeshEvent } from './events.ts'
import type { Output } from './outputs.ts'
import { Timers } from './timers.ts'
import type { Timings } from './timings.ts'

export class CoreContext {
  readonly timers = new Timers()
  readonly timings: Timings
  /** A number from 0 up to, not including, 1, drawn anew at each call. */
  readonly random: () => number
  #nowMs = 0
  #lateMs = 0
  #outputs: Output[] = []

  constructor(timings: Timings, random: () => number) {
    this.timings = timings
    this.random = random
  }

  /** The time of the input that is being handled. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** For how long, in all, timers were due and did not fire: our process was starved. */
  get lateMs(): number {
    return this.#lateMs
  }

  /** Begins the turn of an input. */
  begin(nowMs: number): void {
    const dueMs = this.timers.nextMs() ?? nowMs
    this.#lateMs += Math.max(0, nowMs - Math.max(dueMs, this.#nowMs))
    this.#nowMs = nowMs
  }

  order(output: Output): void {
    this.#outputs.push(output)
  }

  report(event: MeshEvent): void {
    this.#outputs.push({ kind: 'report', event })
  }

  /** Ends the turn and returns its outputs. */
  end(): readonly Output[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}
