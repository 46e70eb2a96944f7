/**
 * Notices that a node is alone because none of its known peers answers. One refused dial is nothing
 * to speak of, the other node may start in a moment; all of them refused is what a person in front
 * of a silent screen wants to know.
 */

import type { MeshEvent } from '../mesh/events.ts'

/** Nodes that are started together miss each other once. */
const FAILURES_MIN = 2

/** Watches the events of one node. */
export class BootstrapWatch {
  readonly #knownPeers: readonly string[]
  readonly #failures = new Map<string, number>()
  #over = false

  constructor(knownPeers: readonly string[]) {
    this.#knownPeers = knownPeers
  }

  /** Whether this event makes it certain that the node is alone. True once at most. */
  observe(event: MeshEvent): boolean {
    if (event.kind === 'peer-joined') this.#over = true
    if (event.kind !== 'dial-failed' || this.#over) return false
    this.#failures.set(event.address, (this.#failures.get(event.address) ?? 0) + 1)
    const failures = this.#knownPeers.map((address) => this.#failures.get(address) ?? 0)
    this.#over = failures.length > 0 && Math.min(...failures) >= FAILURES_MIN
    return this.#over
  }
}
