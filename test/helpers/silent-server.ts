/** A server that accepts connections and never answers. */

import { createServer, type Socket } from 'node:net'
import type { ExecutionContext } from 'ava'
import { freePort } from './free-port.ts'

/** Listens on 127.0.0.1 until the test is over. */
export class SilentServer {
  readonly address: string
  readonly #sockets: Socket[] = []

  private constructor(port: number) {
    this.address = `ws://127.0.0.1:${port}`
  }

  static async start(t: ExecutionContext): Promise<SilentServer> {
    const port = await freePort(t)
    const silent = new SilentServer(port)
    const server = createServer((socket) => {
      silent.#sockets.push(socket.on('error', () => {}))
    })
    t.teardown(() => {
      for (const socket of silent.#sockets) socket.destroy()
      server.close()
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host: '127.0.0.1', port }, resolve)
    })
    return silent
  }

  /** How many connections there were. */
  get calls(): number {
    return this.#sockets.length
  }
}
