/** Detects that none of the known peers answers, so that the log explains why nothing happens. */

import type { MeshEvent } from '../mesh/events.ts'

/** Of nodes that start together, each fails to reach the next one once. */
const FAILURES_MIN = 2

export class BootstrapWatch {
  readonly #knownPeers: Iterable<string>
  readonly #failures = new Map<string, number>()
  #over = false

  /** @param knownPeers live */
  constructor(knownPeers: Iterable<string>) {
    this.#knownPeers = knownPeers
  }

  /** Whether all known peers have failed to answer with this event. True once at most. */
  observe(event: MeshEvent): boolean {
    if (event.kind === 'peer-joined') this.#over = true
    if (event.kind !== 'dial-failed' || this.#over) return false
    this.#failures.set(event.address, (this.#failures.get(event.address) ?? 0) + 1)
    const failures = [...this.#knownPeers].map((address) => this.#failures.get(address) ?? 0)
    this.#over = failures.length > 0 && Math.min(...failures) >= FAILURES_MIN
    return this.#over
  }
}
