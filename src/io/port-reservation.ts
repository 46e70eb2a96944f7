/** A free TCP port, held until the node listens on it itself. */

import { createServer } from 'node:net'

export class PortReservation {
  readonly port: number
  readonly #server = createServer((socket) => socket.destroy())

  /** @throws {Error} when no port is free, or this runtime does not tell which one it took */
  constructor() {
    // An error is told by the address.
    this.#server.on('error', () => {})
    // Without a host there is no lookup: it listens at once.
    this.#server.listen(0)
    this.#server.unref()
    const bound = this.#server.address()
    if (bound === null || typeof bound === 'string') throw new Error('no TCP port is free')
    this.port = bound.port
  }

  /** Idempotent. */
  release(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }
}
