/** Detects that none of the known peers answers, so that the log explains why nothing happens. */

import type { MeshEvent } from '../mesh/events.ts'

/** Of nodes that start together, each fails to reach the next one once. */
const FAILURES_MIN = 2

/** A source names nobody while all others still start: the fourth answer comes after 5 s. */
const ANSWERS_MIN = 4

export class BootstrapWatch {
  readonly #knownPeers: () => readonly string[]
  readonly #failures = new Map<string, number>()
  #over = false

  /** @param knownPeers addresses and sources, as they are now */
  constructor(knownPeers: () => readonly string[]) {
    this.#knownPeers = knownPeers
  }

  /** Whether all known peers have failed to answer with this event. True once at most. */
  observe(event: MeshEvent): boolean {
    if (event.kind === 'peer-joined') this.#over = true
    // Peers can name any number of others.
    if (event.kind !== 'dial-failed' || !event.known) return false
    return this.#failed(event.address, (this.#failures.get(event.address) ?? 0) + 1)
  }

  /** The same when a source has answered for so many times. */
  asked(source: string, times: number): boolean {
    return this.#failed(source, times < ANSWERS_MIN ? 0 : FAILURES_MIN)
  }

  #failed(knownPeer: string, times: number): boolean {
    if (this.#over) return false
    this.#failures.set(knownPeer, times)
    const failures = this.#knownPeers().map((known) => this.#failures.get(known) ?? 0)
    this.#over = failures.length > 0 && Math.min(...failures) >= FAILURES_MIN
    return this.#over
  }
}
