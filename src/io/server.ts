/** Accepts TCP connections, and reads what comes on them: HTTP requests, or upgrades. */

import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  ServerResponse,
} from 'node:http'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { listenErrorFor } from '../errors/listen-error.ts'
import type { NodeError } from '../errors/node-error.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { CONNECTIONS_MAX } from '../mesh/limits.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { whenBegun } from '../tls/first-byte.ts'
import { ConnectionRateLimit } from './connection-rate-limit.ts'
import { hasDescriptors, isOutOfDescriptors } from './descriptors.ts'
import { IDLE_MS, KEEP_ALIVE_MS, KEPT_OPEN_MAX, TIMER_MS_MAX } from './limits.ts'
import { hostsToListenOn, listenOnIp } from './listen-on-ip.ts'
import { PendingConnections } from './pending-connections.ts'
import { NEEDS_TLS, NO_BODY_READ, refuse } from './refusals.ts'
import { remoteHostOf } from './remote-host.ts'
import { Upgrades, type UpgradesOptions } from './upgrades.ts'

export interface ServerOptions extends UpgradesOptions {
  /** IP literals to listen on, at least one. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Where the operator set the port, for messages. */
  readonly portSource: string
  /** How long a connection may take to send a complete HTTP request, or to close when refused. */
  readonly requestTimeoutMs: number
  /** Connections are dropped because no file descriptor is left. */
  readonly onNoDescriptors: () => void
  /** A connection was closed because too many are open. Can come often. */
  readonly onCrowded: () => void
  /** Answers an HTTP request that is no upgrade. Default: 426. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
}

export class Server {
  readonly #options: ServerOptions
  readonly #upgrades: Upgrades
  readonly #listening: Listening[] = []
  readonly #rateLimit = new ConnectionRateLimit()
  readonly #pending: PendingConnections
  #connectionCount = 0
  #isClosed = false

  constructor(options: ServerOptions) {
    this.#options = options
    this.#pending = new PendingConnections(options.requestTimeoutMs)
    this.#upgrades = new Upgrades(options)
  }

  /**
   * Listens on all hosts, and returns those that this machine does not have, as long as it has
   * another one. When closed meanwhile, it stops listening and resolves.
   *
   * @throws {NodeError} LISTEN_PORT_IN_USE, LISTEN_PORT_NOT_PERMITTED or LISTEN_ADDRESS_UNAVAILABLE
   */
  async listen(): Promise<readonly string[]> {
    const passedOver: string[] = []
    let missing: NodeError | undefined
    for (const host of hostsToListenOn(this.#options.hosts)) {
      if (this.#isClosed) return passedOver
      try {
        await this.#listenOn(host)
      } catch (error) {
        const problem = listenErrorFor(error, host, this.#options)
        if (problem?.code !== 'LISTEN_ADDRESS_UNAVAILABLE') {
          await this.close()
          throw problem ?? error
        }
        missing = problem
        passedOver.push(host)
      }
    }
    if (!this.#isClosed && this.#listening.length === 0 && missing !== undefined) throw missing
    return passedOver
  }

  /** On most systems `::` includes IPv4, which must not collide with an IPv4 host of the list. */
  get #hasIpv4(): boolean {
    const { hosts } = this.#options
    return hosts.some((host) => ipVersion(host) === 4)
  }

  /**
   * Stops listening at once, for good. Links stay open, all other connections are closed at the end
   * of this turn of the event loop: what was answered in it is sent. Idempotent.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    const listening = this.#listening.splice(0)
    for (const { tcp } of listening) tcp.close()
    await new Promise((resolve) => setImmediate(resolve))
    for (const { http } of listening) http.closeAllConnections()
    this.#pending.closeAll()
    this.#upgrades.closeUnproven()
  }

  #listenOn(host: string): Promise<void> {
    const { port, tls } = this.#options
    const http = createServer({
      ...TCP_OPTIONS,
      // Deadlines are in pending-connections.ts.
      connectionsCheckingInterval: TIMER_MS_MAX,
      headersTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      requestTimeout: 0,
      ...NO_OTHER_UPGRADE,
    })
    http.on('request', (request, response) => this.#answer(request, response))
    http.on('upgrade', (request, socket, head) => this.#onUpgrade(request, socket, head))
    const server = tls === undefined ? http : createTcpServer(TCP_OPTIONS)
    server.on('connection', (tcp) => this.#onConnection(tcp, http))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('listening', () => {
        server.off('error', reject)
        // One connection that cannot be accepted must not end the node.
        server.on('error', (error) => {
          if (isOutOfDescriptors(error)) this.#options.onNoDescriptors()
        })
        if (this.#isClosed) server.close()
        else this.#listening.push({ tcp: server, http })
        resolve()
      })
      // Linux drops what comes beyond the backlog, and peers try again a second later.
      listenOnIp(server, { host, port, ipv6Only: this.#hasIpv4, backlog: CONNECTIONS_MAX })
    })
  }

  /** Nothing is done for TLS before a connection may stay and has begun with it. */
  #onConnection(tcp: Socket, http: HttpServer): void {
    const nowMs = monotonicMs()
    if (!this.#admits(tcp, nowMs)) {
      tcp.destroy()
      return
    }
    const { tls, onNoDescriptors } = this.#options
    if (tls === undefined) this.#track(tcp, nowMs)
    else {
      tcp.on('error', () => {})
      const untrack = this.#track(tcp, nowMs, '')
      whenBegun(tcp, (isTls) => {
        if (!isTls) {
          this.#pending.expire(tcp)
          return refuse(tcp, NEEDS_TLS)
        }
        untrack()
        const socket = tls.accept(tcp)
        this.#track(socket, monotonicMs())
        http.emit('connection', socket)
      })
    }
    if (!hasDescriptors()) onNoDescriptors()
  }

  #admits(tcp: Socket, nowMs: number): boolean {
    if (!this.#rateLimit.admits(remoteHostOf(tcp), nowMs)) return false
    if (this.#connectionCount < CONNECTIONS_MAX) return true
    this.#options.onCrowded()
    // Or else only links are left, and those that are being closed.
    return this.#pending.evict(nowMs)
  }

  /**
   * Counts a connection until it closes, or the function is called that this returns. One count for
   * all hosts: Node's `maxConnections` is for each, and Deno's emits no event.
   *
   * @param lateAnswer what it gets when it sends no request in time. Default: that of HTTP
   */
  #track(socket: Socket, nowMs: number, lateAnswer?: string): () => void {
    this.#connectionCount += 1
    this.#pending.add(socket, nowMs, lateAnswer)
    const onEnd = (): void => {
      socket.off('close', onEnd)
      this.#connectionCount -= 1
      this.#pending.remove(socket)
    }
    socket.once('close', onEnd)
    return onEnd
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { onRequest = requireUpgrade } = this.#options
    const { socket } = request
    this.#pending.requestStarted(socket)
    response.once('close', () => this.#pending.requestEnded(socket))
    if (this.#pending.size > KEPT_OPEN_MAX) response.setHeader('Connection', 'close')
    onRequest(request, response)
  }

  /** Not before the requests that came first on this connection are answered. */
  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // No other listener handles errors of this socket yet.
    socket.on('error', destroyIt)
    this.#pending.whenAnswered(request.socket, () => {
      if (isWebSocketOffer(request)) this.#upgrade(request, socket, head)
      else if (announcesBody(request)) {
        this.#pending.expire(request.socket)
        refuse(socket, NO_BODY_READ)
      } else this.#answerOnly(request)
    })
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#upgrades.accept(request, socket, head)) this.#pending.remove(request.socket)
    else this.#pending.expire(request.socket)
  }

  /**
   * Another protocol, such as h2c, is offered and not required (RFC 9110 §7.8): the request is
   * answered over HTTP/1.1. Before 22.21, Node reads no body then, and no other request.
   */
  #answerOnly(request: IncomingMessage): void {
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(request.socket)
    response.once('finish', () => request.socket.destroySoon())
    this.#answer(request, response)
  }
}

/**
 * What listens, and what gets its connections: the same without TLS. With it, it is not the server
 * of `node:https`: one runtime cannot give that another certificate.
 */
interface Listening {
  readonly tcp: TcpServer
  readonly http: HttpServer
}

const TCP_OPTIONS = {
  keepAlive: true,
  keepAliveInitialDelay: KEEP_ALIVE_MS,
  noDelay: true,
} as const

function isWebSocketOffer({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

/** For `createServer`. Not in the types of the oldest Node. */
const NO_OTHER_UPGRADE: object = { shouldUpgradeCallback: isWebSocketOffer }

/** Not a closure: that would keep the request for as long as its link. */
function destroyIt(this: Duplex): void {
  this.destroy()
}

function requireUpgrade(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, {
    Connection: 'close',
    'Content-Type': 'text/plain',
    Upgrade: 'websocket',
  })
  response.end('Upgrade required: this node accepts WebSocket connections.\n')
}
