/**
 * Rereads the file of the secret while the node runs. By its content, not by events of the file
 * system: orchestrators swap links, and some editors replace the file.
 */

import { secretsIn } from '../config/secrets.ts'
import { NodeError } from '../errors/node-error.ts'
import type { MeshNode } from '../node/mesh-node.ts'

/** Between two looks, in ms. Larger: a change takes effect later. Smaller: reads for nothing. */
const REREAD_MS = 5_000

export class SecretWatch {
  readonly #file: string
  readonly #node: Pick<MeshNode, 'replaceSecret' | 'report'>
  #secret: string
  #problem: string | undefined

  /** Watches until the process ends. @param secrets what the file has now */
  constructor(
    file: string,
    secrets: readonly string[],
    node: Pick<MeshNode, 'replaceSecret' | 'report'>,
    everyMs = REREAD_MS,
  ) {
    this.#file = file
    this.#node = node
    this.#secret = secrets.join('\n')
    setInterval(() => this.#reread(), everyMs).unref()
  }

  /** A file that is gone or wrong changes nothing: an editor may be about to write it. */
  #reread(): void {
    try {
      const secret = secretsIn(this.#file)?.join('\n')
      if (secret === undefined) return this.#warn(`${this.#file} is gone; put it back`)
      this.#problem = undefined
      if (secret === this.#secret) return
      this.#secret = secret
      this.#node.replaceSecret(secret)
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      this.#warn(error.message)
    }
  }

  #warn(problem: string): void {
    if (problem === this.#problem) return
    this.#problem = problem
    this.#node.report({ kind: 'warning', text: `the secret stays as it was: ${problem}` })
  }
}
