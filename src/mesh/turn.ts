/**
 * One turn of the core, from a fact to the orders that follow: when it is, and what was ordered so
 * far.
 */

import type { MeshEvent } from './events.ts'
import type { Output } from './outputs.ts'

/**
 * The turn under way. There is one object for all turns; its parts share it instead of passing time
 * and lists along.
 */
export class Turn {
  #nowMs = 0
  #outputs: Output[] = []

  /** The time of the fact that is being handled. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Begins a turn. */
  begin(nowMs: number): void {
    this.#nowMs = nowMs
  }

  /** Adds an order. */
  order(output: Output): void {
    this.#outputs.push(output)
  }

  /** Adds an event for whoever listens. */
  report(event: MeshEvent): void {
    this.#outputs.push({ kind: 'report', event })
  }

  /** Ends the turn and gives its orders. */
  end(): readonly Output[] {
    const outputs = this.#outputs
    this.#outputs = []
    return outputs
  }
}
