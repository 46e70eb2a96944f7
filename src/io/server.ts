/**
 * The listening side: TCP ports, HTTP, and the upgrade to WebSocket. It lets in whoever speaks HTTP
 * well enough; whether a peer may stay is the core's decision.
 */

import {
  createServer,
  type Server as HttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { listenAddressUnavailable, portInUse, portNotPermitted } from '../errors/listen-errors.ts'
import type { NodeError } from '../errors/node-error.ts'
import { systemCodeOf } from '../errors/system-error.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import {
  CONNECTIONS_MAX,
  IDLE_MS,
  KEEP_ALIVE_MS,
  KEPT_OPEN_MAX,
  TIMER_MS_MAX,
} from '../mesh/limits.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { headersOf, type Identity, identityIn } from '../wire/headers.ts'
import { ConnectionRateLimit } from './connection-rate-limit.ts'
import { hasDescriptors, saysNoDescriptors } from './descriptors.ts'
import { MeshSocket, SOCKET_OPTIONS } from './mesh-socket.ts'
import { PendingConnections } from './pending-connections.ts'

/** What a server needs. */
export interface ServerOptions {
  readonly identity: Identity
  /** IP literals to listen on, at least one. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Where the operator set the port, for messages. */
  readonly portSource: string
  /**
   * How long a stranger may take to send a complete HTTP request, and again to go away when it is
   * refused, in ms.
   */
  readonly requestTimeoutMs: number
  /** Whether a web page asks that this node did not serve: it is refused with 403. */
  readonly isForeignOrigin: (headers: IncomingHttpHeaders) => boolean
  /** A peer has dialed us. Listeners must be attached before this returns. */
  readonly onLink: (socket: WebSocket, remote: string, identity: Identity | undefined) => void
  /** Connections are dropped because there is no file descriptor left. */
  readonly onNoDescriptors: () => void
  /** A connection is dropped because too many are open. Can come often. */
  readonly onCrowded: () => void
  /**
   * Somebody asks for something over HTTP, and not to become a WebSocket. Must answer. Default: 426
   * for all.
   */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
}

/** A server on one port of one or more interfaces. */
export class Server {
  readonly #options: ServerOptions
  readonly #webSockets: WebSocketServer
  readonly #listening: HttpServer[] = []
  readonly #rateLimit = new ConnectionRateLimit()
  readonly #pending: PendingConnections
  #connectionCount = 0
  #isClosed = false

  constructor(options: ServerOptions) {
    this.#options = options
    this.#pending = new PendingConnections(options.requestTimeoutMs)
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: MeshSocket,
      ...SOCKET_OPTIONS,
    })
    const own = Object.entries(headersOf(options.identity)).map(
      ([name, value]) => `${name}: ${value}`,
    )
    this.#webSockets.on('headers', (lines) => lines.push(...own))
  }

  /**
   * Listens on all hosts. A host that this machine does not have is passed over as long as another
   * one is left; those are given back. Once closed, also while this is under way, it listens no
   * more and ends without an error.
   *
   * @throws {NodeError} LISTEN_PORT_IN_USE, LISTEN_PORT_NOT_PERMITTED or LISTEN_ADDRESS_UNAVAILABLE
   */
  async listen(): Promise<readonly string[]> {
    const passedOver: string[] = []
    let missing: NodeError | undefined
    for (const host of this.#options.hosts) {
      if (this.#isClosed) return passedOver
      try {
        await this.#listenOn(host)
      } catch (error) {
        const problem = this.#explain(error, host)
        if (problem?.code !== 'LISTEN_ADDRESS_UNAVAILABLE') {
          this.close()
          throw problem ?? error
        }
        missing = problem
        passedOver.push(host)
      }
    }
    if (!this.#isClosed && this.#listening.length === 0 && missing !== undefined) throw missing
    return passedOver
  }

  /**
   * `::` takes IPv4 along on most systems, which must not collide with an IPv4 host of the list.
   */
  get #hasIpv4(): boolean {
    return this.#options.hosts.some((host) => ipVersion(host) === 4)
  }

  /**
   * Stops listening at once, for good. Sockets that were handed out live on, all others are
   * dropped. Idempotent.
   */
  close(): void {
    this.#isClosed = true
    for (const server of this.#listening.splice(0)) {
      server.close()
      server.closeAllConnections()
    }
    this.#pending.dropAll()
  }

  #listenOn(host: string): Promise<void> {
    const { port } = this.#options
    const server = createServer({
      // Who is late is pending-connections.ts's business.
      connectionsCheckingInterval: TIMER_MS_MAX,
      headersTimeout: 0,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
      keepAliveTimeout: IDLE_MS,
      noDelay: true,
      requestTimeout: 0,
    })
    server.on('connection', (socket) => this.#onConnection(socket))
    server.on('request', (request, response) => this.#answer(request, response))
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, ipv6Only: this.#hasIpv4 }, () => {
        server.off('error', reject)
        // One connection that cannot be accepted must not end the node.
        server.on('error', (error) => {
          if (saysNoDescriptors(error)) this.#options.onNoDescriptors()
        })
        if (this.#isClosed) server.close()
        else this.#listening.push(server)
        resolve()
      })
    })
  }

  /**
   * One count for all hosts. Not Node's `maxConnections`, which counts by host, and on Deno drops
   * without a word.
   */
  #onConnection(socket: Socket): void {
    if (!this.#rateLimit.admits(socket.remoteAddress ?? '', monotonicMs())) {
      socket.destroy()
      return
    }
    if (this.#connectionCount >= CONNECTIONS_MAX) {
      socket.destroy()
      return this.#options.onCrowded()
    }
    this.#connectionCount += 1
    this.#pending.add(socket)
    socket.once('close', () => {
      this.#connectionCount -= 1
      this.#pending.remove(socket)
    })
    if (!hasDescriptors()) this.#options.onNoDescriptors()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { onRequest = requireUpgrade } = this.#options
    const { socket } = request
    this.#pending.requestStarted(socket)
    response.once('close', () => this.#pending.requestEnded(socket))
    if (this.#pending.size > KEPT_OPEN_MAX) response.setHeader('Connection', 'close')
    onRequest(request, response)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A socket that breaks now has nobody else who listens.
    socket.on('error', () => socket.destroy())
    if (this.#options.isForeignOrigin(request.headers)) {
      this.#pending.expire(request.socket)
      socket.once('finish', () => socket.destroy())
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#pending.remove(request.socket)
      const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
      const host = remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress
      this.#options.onLink(webSocket, `${host}:${remotePort}`, identityIn(request.headers))
    })
    // Unless ws made it a link.
    this.#pending.expire(request.socket)
  }

  /** What the operator can mend of it, or undefined when it is nothing of that kind. */
  #explain(error: unknown, host: string): NodeError | undefined {
    const { port, portSource: source } = this.#options
    const code = systemCodeOf(error)
    switch (code) {
      case 'EADDRINUSE':
        return portInUse({ port, source, cause: error })
      case 'EACCES':
        return portNotPermitted({ port, source, cause: error })
      case 'EADDRNOTAVAIL':
      case 'EAFNOSUPPORT':
      case 'EINVAL':
        return listenAddressUnavailable({ ip: host, port, cause: error })
      default:
        return undefined
    }
  }
}

/** What a node says that has nothing to tell over HTTP. */
function requireUpgrade(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, {
    Connection: 'close',
    'Content-Type': 'text/plain',
    Upgrade: 'websocket',
  })
  response.end('This is a node of a mesh. It speaks WebSocket.\n')
}
