/**
 * Rereads files while the node runs. By their content, not by events of the file system:
 * orchestrators swap links, and some editors replace the file.
 */

import { NodeError } from '../errors/node-error.ts'

/** Between two looks, in ms. Larger: a change takes effect later. Smaller: reads for nothing. */
const REREAD_MS = 5_000

/** What is in files, as text, and who takes another one. */
export interface Watched {
  /** For messages, such as `the secret`. */
  readonly name: string
  /** @throws {NodeError} when the files are gone or wrong */
  readonly read: () => string
  /** There is another text. @throws {NodeError} when it is wrong */
  readonly take: (text: string) => void
  readonly warn: (text: string) => void
}

export class FileWatch {
  readonly #watched: Watched
  #text: string
  #problem: string | undefined

  /**
   * Watches until the process ends.
   *
   * @throws {NodeError} when the files are gone or wrong
   */
  constructor(watched: Watched, everyMs = REREAD_MS) {
    this.#watched = watched
    this.#text = watched.read()
    setInterval(() => this.reread(), everyMs).unref()
  }

  /** Files that are gone or wrong change nothing: an editor may be about to write them. */
  reread(): void {
    const { name, read, take, warn } = this.#watched
    try {
      const text = read()
      if (text !== this.#text) take(text)
      this.#text = text
      this.#problem = undefined
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      if (error.message === this.#problem) return
      this.#problem = error.message
      warn(`${name} stays as it was: ${error.message}`)
    }
  }
}
