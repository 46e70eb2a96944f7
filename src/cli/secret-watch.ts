/**
 * Rereads the file of the secret while the node runs. By its content, not by events of the file
 * system: orchestrators swap links, and some editors replace the file.
 */

import { secretsIn } from '../config/secrets.ts'
import { NodeError } from '../errors/node-error.ts'
import type { MeshNode } from '../node/mesh-node.ts'

/** Between two looks, in ms. Larger: a change takes effect later. Smaller: reads for nothing. */
const REREAD_MS = 5_000

/** The node that gets another secret, and the secrets that the file had last. */
export interface SecretHolder {
  readonly node: Pick<MeshNode, 'replaceSecret' | 'report'>
  secrets: readonly string[]
}

export class SecretWatch {
  readonly #file: string
  readonly #holder: SecretHolder
  #problem: string | undefined

  /** Watches until the process ends. */
  constructor(file: string, holder: SecretHolder, everyMs = REREAD_MS) {
    this.#file = file
    this.#holder = holder
    setInterval(() => this.reread(), everyMs).unref()
  }

  /** A file that is gone or wrong changes nothing: an editor may be about to write it. */
  reread(): void {
    const { node, secrets } = this.#holder
    try {
      const found = secretsIn(this.#file)
      if (found === undefined) return this.#warn(`${this.#file} is gone; put it back`)
      this.#problem = undefined
      if (found.join('\n') === secrets.join('\n')) return
      this.#holder.secrets = found
      node.replaceSecret(found.join('\n'))
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      this.#warn(error.message)
    }
  }

  #warn(problem: string): void {
    if (problem === this.#problem) return
    this.#problem = problem
    const { node } = this.#holder
    node.report({ kind: 'warning', text: `the secret stays as it was: ${problem}` })
  }
}
