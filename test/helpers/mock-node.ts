/** The HTTP side of a node as the page sees it: the page's files, and events that a test sends. */

import { createServer, type Server, type ServerResponse } from 'node:http'
import type { ExecutionContext } from 'ava'
import { pageFiles } from '../../build/page.ts'
import type { PageFile } from '../../src/http/page-file.ts'
import type { Status } from '../../src/http/status.ts'

/** A header of every response of a node. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

let built: ReturnType<typeof pageFiles> | undefined

/** A node that sends given statuses; it can be stopped, and started again on the same port. */
export class MockNode {
  readonly #files: readonly PageFile[]
  readonly #port: number
  /** What it counts of messages. */
  delivered = 0
  unsent = 0
  readonly #streams = new Set<ServerResponse>()
  #server: Server | undefined
  #status: string

  private constructor(files: readonly PageFile[], port: number, status: Status) {
    this.#files = files
    this.#port = port
    this.#status = JSON.stringify(status)
  }

  /** Listens on this port of the loopback until the test ends. */
  static async start(
    t: Pick<ExecutionContext, 'teardown'>,
    port: number,
    status: Status,
  ): Promise<MockNode> {
    built ??= pageFiles()
    const node = new MockNode(await built, port, status)
    await node.start()
    t.teardown(() => node.stop())
    return node
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  /** Sends a status to all clients of /events, and to later ones when they connect. */
  publish(status: Status): void {
    this.publishText(JSON.stringify(status))
  }

  /** The same with any text. */
  publishText(text: string): void {
    this.#status = text
    for (const stream of this.#streams) this.#send(stream)
  }

  start(): Promise<void> {
    const server = createServer(({ url }, response) => this.#answer(url ?? '', response))
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
  }

  /** Ends like a killed process: all connections are cut. */
  stop(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return Promise.resolve()
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  }

  #answer(url: string, response: ServerResponse): void {
    response.setHeader('Content-Security-Policy', POLICY)
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (url === '/health') {
      response.end('ok\n')
      return
    }
    if (url === '/metrics') {
      const lag = `fullmesh_message_lag{of="sum"} ${this.unsent}`
      response.end(`fullmesh_messages_delivered_total{origin="own"} ${this.delivered}\n${lag}\n`)
      return
    }
    if (url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      response.write('retry: 1000\n\n')
      this.#streams.add(response)
      response.once('close', () => this.#streams.delete(response))
      this.#send(response)
      return
    }
    const file = this.#files.find(({ path }) => path === url)
    response.writeHead(file ? 200 : 404, { 'Content-Type': file?.type ?? 'text/plain' })
    response.end(file?.text)
  }

  #send(stream: ServerResponse): void {
    stream.write(`event: status\ndata: ${this.#status}\n\n`)
  }
}
