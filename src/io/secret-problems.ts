/** Why no link is made because of the secret, or of TLS. */

import type { SecretProblem } from '../log/events.ts'
import { SECRET_PROBLEMS_MAX } from './limits.ts'

/** @param peer the address that was dialed, or the host that dialed */
export type OnSecretProblem = (peer: string, problem: SecretProblem) => void

/** Passes each problem of a peer on once: it comes again with each dial. */
export class SecretProblems {
  readonly #told = new Set<string>()
  readonly #onProblem: OnSecretProblem

  constructor(onProblem: OnSecretProblem) {
    this.#onProblem = onProblem
  }

  report(peer: string, problem: SecretProblem): void {
    const key = `${problem} ${peer}`
    if (this.#told.has(key) || this.#told.size >= SECRET_PROBLEMS_MAX) return
    this.#told.add(key)
    this.#onProblem(peer, problem)
  }

  /** The secret of this node is another one: what was told may be over. */
  clear(): void {
    this.#told.clear()
  }
}
