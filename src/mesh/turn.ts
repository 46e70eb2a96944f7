/** One turn of the core: from an input to the outputs that follow. */

import type { MeshEvent } from './events.ts'
import type { Output } from './outputs.ts'

export class Turn {
  #nowMs = 0
  #outputs: Output[] = []

  /** The time of the input that is being handled. */
  get nowMs(): number {
    return this.#nowMs
  }

  begin(nowMs: number): void {
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
