/** The answers that are being made: when the node stops, each request gets another one instead. */

import type { HttpResponse } from './response.ts'

export class OpenAnswers {
  readonly #open = new Set<() => void>()
  #isClosed = false

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Gives what `make` makes, or `stopping` when the node stops before that is made. */
  answer(make: () => Promise<HttpResponse>, stopping: HttpResponse): Promise<HttpResponse> {
    if (this.#isClosed) return Promise.resolve(stopping)
    return new Promise((resolve, reject) => {
      const giveUp = (): void => resolve(stopping)
      this.#open.add(giveUp)
      make()
        .finally(() => this.#open.delete(giveUp))
        .then(resolve, reject)
    })
  }

  /** The node stops: all that is open is answered, and so is what follows. Idempotent. */
  close(): void {
    this.#isClosed = true
    for (const giveUp of this.#open) giveUp()
  }
}
