/**
 * The listening side: TCP ports, HTTP, and the upgrade to WebSocket. It lets in whoever speaks HTTP well enough; whether
 * a peer may stay is the core's decision.
 */

import { createServer, type Server as HttpServer, type IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { ACCEPTED_LINKS_MAX } from '../mesh/limits.ts'
import { NodeError } from '../node-error.ts'
import { headersOf, type Identity, identityIn } from '../wire/headers.ts'
import { hasDescriptors, saysNoDescriptors } from './descriptors.ts'
import { Door } from './door.ts'
import { MeshSocket, SOCKET_OPTIONS } from './mesh-socket.ts'

/** What a server needs. */
export interface ServerOptions {
  readonly identity: Identity
  /** IP literals to listen on, at least one. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Where the operator set the port, for messages. */
  readonly portSource: string
  /** How long a stranger may take to send a complete HTTP request, in ms. */
  readonly requestTimeoutMs: number
  /** A peer has dialed us. Listeners must be attached before this returns. */
  readonly onLink: (socket: WebSocket, remote: string, identity: Identity | undefined) => void
  /** Connections are dropped because there is no file descriptor left. */
  readonly onNoDescriptors: () => void
}

/** Pause between two unanswered TCP keep-alive probes: a plain peer that is gone is found out by the kernel. */
const KEEP_ALIVE_MS = 60_000

/** How often Node looks for requests that are late, in ms. */
const REQUEST_CHECK_MS = 1_000

/** Connections that are not links, or not yet. Beyond these and the links, new ones are dropped unseen. */
const REQUESTS_MAX = 256

/** A server on one port of one or more interfaces. */
export class Server {
  readonly #options: ServerOptions
  readonly #webSockets: WebSocketServer
  readonly #listening: HttpServer[] = []
  readonly #door = new Door()

  constructor(options: ServerOptions) {
    this.#options = options
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: MeshSocket,
      ...SOCKET_OPTIONS,
    })
    this.#webSockets.on('headers', (lines) => {
      for (const [name, value] of Object.entries(headersOf(options.identity))) {
        lines.push(`${name}: ${value}`)
      }
    })
  }

  /**
   * Listens on all hosts. A host that this machine does not have is passed over as long as another one is left.
   *
   * @throws {NodeError} LISTEN_PORT_IN_USE, LISTEN_PORT_NOT_PERMITTED or LISTEN_ADDRESS_UNAVAILABLE
   */
  async listen(): Promise<void> {
    let missing: NodeError | undefined
    for (const host of this.#options.hosts) {
      try {
        await this.#listenOn(host)
      } catch (error) {
        const problem = this.#explain(error, host)
        if (problem.code !== 'LISTEN_ADDRESS_UNAVAILABLE') {
          this.close()
          throw problem
        }
        missing = problem
      }
    }
    if (this.#listening.length === 0 && missing !== undefined) throw missing
  }

  /** `::` takes IPv4 along on most systems, which must not collide with an IPv4 host of the list. */
  get #hasIpv4(): boolean {
    return this.#options.hosts.some((host) => isIP(host) === 4)
  }

  /** Stops listening at once. Sockets that were handed out live on. Idempotent. */
  close(): void {
    for (const server of this.#listening.splice(0)) {
      server.close()
      server.closeAllConnections()
    }
  }

  #listenOn(host: string): Promise<void> {
    const { port, requestTimeoutMs } = this.#options
    const server = createServer({
      connectionsCheckingInterval: REQUEST_CHECK_MS,
      headersTimeout: requestTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      noDelay: true,
      requestTimeout: requestTimeoutMs,
    })
    server.maxConnections = ACCEPTED_LINKS_MAX + REQUESTS_MAX
    server.on('connection', (socket) => {
      if (!this.#door.opensFor(socket.remoteAddress ?? '', performance.now())) socket.destroy()
      else if (!hasDescriptors()) this.#options.onNoDescriptors()
    })
    server.on('request', (_request, response) => {
      const text = 'This is a node of a mesh. It speaks WebSocket.\n'
      response.writeHead(426, {
        Connection: 'close',
        'Content-Type': 'text/plain',
        Upgrade: 'websocket',
      })
      response.end(text)
    })
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, ipv6Only: this.#hasIpv4 }, () => {
        server.off('error', reject)
        // One connection that cannot be accepted must not end the node.
        server.on('error', (error) => {
          if (saysNoDescriptors(error)) this.#options.onNoDescriptors()
        })
        this.#listening.push(server)
        resolve()
      })
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A socket that breaks now has nobody else who listens.
    socket.on('error', () => socket.destroy())
    if (isForeignOrigin(request)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
      const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress
      this.#options.onLink(webSocket, `${host}:${remotePort}`, identityIn(request.headers))
    })
  }

  #explain(error: unknown, host: string): NodeError {
    const { port, portSource: source } = this.#options
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    switch (code) {
      case 'EADDRINUSE':
        return NodeError.portInUse({ port, source, cause: error })
      case 'EACCES':
        return NodeError.portNotPermitted({ port, source, cause: error })
      case 'EADDRNOTAVAIL':
      case 'EAFNOSUPPORT':
      case 'EINVAL':
        return NodeError.listenAddressUnavailable({ ip: host, port, cause: error })
      default:
        throw error
    }
  }
}

/**
 * Whether a web page of another origin asks. Browsers tell the origin and let any page dial any address; programs do not
 * send the header (RFC 6455 §10.2).
 */
function isForeignOrigin({ headers }: IncomingMessage): boolean {
  const { origin, host } = headers
  if (origin === undefined) return false
  const scheme = /^https?:\/\//i
  return !scheme.test(origin) || origin.replace(scheme, '').toLowerCase() !== host?.toLowerCase()
}
