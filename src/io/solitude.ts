/**
 * Notices that a node is alone because none of its known peers answers. One refused dial is nothing to speak of, the
 * other node may start in a moment; all of them refused is what a person in front of a silent screen wants to know.
 */

import type { Address } from '../mesh/address.ts'
import type { MeshEvent } from '../mesh/events.ts'

/** Watches the events of one node. */
export class Solitude {
  readonly #knownPeers: readonly Address[]
  readonly #unanswered = new Set<Address>()
  #over = false

  constructor(knownPeers: readonly Address[]) {
    this.#knownPeers = knownPeers
  }

  /** Whether this event makes it certain that the node is alone. True once at most. */
  observe(event: MeshEvent): boolean {
    if (event.kind === 'peer-joined') this.#over = true
    if (event.kind !== 'dial-failed' || this.#over) return false
    this.#unanswered.add(event.address)
    this.#over = this.#knownPeers.every((address) => this.#unanswered.has(address))
    return this.#over
  }
}
