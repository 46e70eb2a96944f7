/** A server in place of a node, with a `/peers` that a test sets. */

import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { ExecutionContext } from 'ava'
import { freePort } from './free-port.ts'

/** Listens on 127.0.0.1 until the test is over; can be stopped and started again. */
export class StatusServer {
  readonly port: number
  /** Of every response: an object becomes JSON. */
  body: unknown
  statusCode = 200
  /** Answers instead, if set. */
  onRequest: ((response: ServerResponse) => void) | undefined
  /** Of the latest request. */
  headers: IncomingHttpHeaders = {}
  #server: Server | undefined

  private constructor(port: number, body: unknown) {
    this.port = port
    this.body = body
  }

  static async start(t: ExecutionContext, body: unknown, port?: number): Promise<StatusServer> {
    const server = new StatusServer(port ?? (await freePort(t)), body)
    t.teardown(() => server.stop())
    await server.start()
    return server
  }

  start(): Promise<void> {
    const server = createServer(({ url, headers, method }, response) => {
      this.headers = headers
      if (this.onRequest !== undefined) return this.onRequest(response)
      const isRight = url === '/peers' && method === 'GET'
      response.writeHead(isRight ? this.statusCode : 404)
      response.end(typeof this.body === 'string' ? this.body : JSON.stringify(this.body))
    })
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
  }

  stop(): void {
    this.#server?.close()
    this.#server?.closeAllConnections()
  }
}
