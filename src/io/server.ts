/** Accepts TCP connections, HTTP requests and WebSocket upgrades. The core decides about links. */

import {
  createServer,
  type Server as HttpServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  ServerResponse,
} from 'node:http'
import { createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type AcceptorProof, AUTH_HEADER } from '../auth/proof.ts'
import { listenErrorFor } from '../errors/listen-error.ts'
import type { NodeError } from '../errors/node-error.ts'
import { ipVersion, urlHost } from '../mesh/address/ip.ts'
import type { AcceptedFacts } from '../mesh/inputs.ts'
import { CONNECTIONS_MAX } from '../mesh/limits.ts'
import { announcedAddressOf } from '../mesh/links/objections.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { whenBegun } from '../tls/first-byte.ts'
import type { TlsAcceptor } from '../tls/tls-acceptor.ts'
import { headersOf, type Identity, identityIn } from '../wire/headers.ts'
import { ConnectionRateLimit } from './connection-rate-limit.ts'
import { hasDescriptors, isOutOfDescriptors } from './descriptors.ts'
import { IDLE_MS, KEEP_ALIVE_MS, KEPT_OPEN_MAX, TIMER_MS_MAX } from './limits.ts'
import type { LinkProofs } from './link-proofs.ts'
import { hostsToListenOn, listenOnIp } from './listen-on-ip.ts'
import { MeshSocket, SOCKET_OPTIONS } from './mesh-socket.ts'
import { PendingConnections } from './pending-connections.ts'
import {
  NEEDS_TLS,
  NO_BODY_READ,
  NO_CERTIFICATE,
  NO_SECRET,
  type Refusal,
  refuse,
} from './refusals.ts'
import { remoteHostOf } from './remote-host.ts'
import type { OnSecretProblem } from './secret-problems.ts'
import { UnprovenLinks } from './unproven-links.ts'

export interface ServerOptions {
  readonly identity: Identity
  /** IP literals to listen on, at least one. */
  readonly hosts: readonly string[]
  readonly port: number
  /** Where the operator set the port, for messages. */
  readonly portSource: string
  /** How long a connection may take to send a complete HTTP request, or to close when refused. */
  readonly requestTimeoutMs: number
  /** What is wrong with the web page that sends an upgrade, which is then refused with 403. */
  readonly problemWithPage: (headers: IncomingHttpHeaders) => string | undefined
  /** A WebSocket was accepted. Listeners must be attached before this returns. */
  readonly onLink: (socket: WebSocket, facts: AcceptedFacts) => void
  /** Encrypts all connections. Default: they are not encrypted. */
  readonly tls?: TlsAcceptor | undefined
  /** Whoever dials must prove the secret. Default: the mesh has none. */
  readonly proofs?: LinkProofs | undefined
  /** A link is not made because of the secret. Can come often. */
  readonly onSecretProblem?: OnSecretProblem
  /** Connections are dropped because no file descriptor is left. */
  readonly onNoDescriptors: () => void
  /** A connection was closed because too many are open. Can come often. */
  readonly onCrowded: () => void
  /** Answers an HTTP request that is no upgrade. Default: 426. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void
}

export class Server {
  readonly #options: ServerOptions
  readonly #webSockets: InstanceType<typeof WebSocketServer<typeof MeshSocket>>
  readonly #listening: Listening[] = []
  readonly #rateLimit = new ConnectionRateLimit()
  readonly #pending: PendingConnections
  readonly #unproven: UnprovenLinks
  /** The proofs of upgrades under way. */
  readonly #begun = new WeakMap<IncomingMessage, AcceptorProof>()
  #connectionCount = 0
  #isClosed = false

  constructor(options: ServerOptions) {
    this.#options = options
    this.#pending = new PendingConnections(options.requestTimeoutMs)
    this.#unproven = new UnprovenLinks(options.requestTimeoutMs)
    this.#webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      WebSocket: MeshSocket,
      // We speak no subprotocol (RFC 6455 §1.9).
      handleProtocols: () => false,
      ...SOCKET_OPTIONS,
    })
    const own = Object.entries(headersOf(options.identity)).map(
      ([name, value]) => `${name}: ${value}`,
    )
    this.#webSockets.on('headers', (lines, request) => {
      const proof = this.#begun.get(request)
      if (proof === undefined) lines.push(...own)
      else lines.push(`${AUTH_HEADER}: ${proof.offer}`)
    })
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
    this.#unproven.closeAll()
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
      else if (announcesBody(request)) this.#refuse(request, socket, NO_BODY_READ)
      else this.#answerOnly(request)
    })
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

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) return this.#refuse(request, socket, refusal)
    // One write for the response and the first message.
    socket.cork()
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#pending.remove(request.socket)
      const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
      const remote = `${urlHost(remoteAddress)}:${remotePort}`
      this.#onWebSocket(webSocket, remote, request)
    })
    socket.uncork()
    // Has no effect on a link: that was removed.
    this.#pending.expire(request.socket)
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    this.#pending.expire(request.socket)
    refuse(socket, refusal)
  }

  /** It is a link at once, or, where the mesh has a secret, once it has proven it. */
  #onWebSocket(socket: MeshSocket, remote: string, request: IncomingMessage): void {
    const { onLink, onSecretProblem, proofs } = this.#options
    const { headers, socket: tcp } = request
    const { host: dialedHost } = headers
    const proof = this.#begun.get(request)
    if (proofs === undefined || proof === undefined) {
      const identity = identityIn(headers)
      const isProofAsked = headers[MESH_AUTH] !== undefined && identity === undefined
      if (isProofAsked) onSecretProblem?.(nameOf(tcp), 'missing-here')
      proofs?.linked(socket, undefined)
      return onLink(socket, { remote, identity, dialedHost })
    }
    this.#unproven.add({
      socket,
      tcp,
      proof,
      onProven: ({ identity, key }) => {
        proofs.linked(socket, key, [announcedAddressOf(identity)])
        onLink(socket, { remote, identity, dialedHost, trusted: true })
      },
      onFailed: () => onSecretProblem?.(nameOf(tcp), 'differs'),
    })
  }

  /** Why an upgrade is refused, or undefined; `ws` checks more. */
  #refusalOf(request: IncomingMessage): Refusal | undefined {
    const { headers, httpVersion, socket } = request
    if (httpVersion !== '1.1' || headers.host === undefined) {
      const problem = 'a WebSocket upgrade needs HTTP/1.1 and Host (RFC 6455 §4.1)'
      return { status: '400 Bad Request', problem }
    }
    const problem = this.#options.problemWithPage(headers)
    if (problem !== undefined) return { status: '403 Forbidden', problem }
    const { tls, onSecretProblem } = this.#options
    if (tls !== undefined && !tls.admits(socket)) {
      onSecretProblem?.(nameOf(socket), 'uncertified-there')
      return NO_CERTIFICATE
    }
    return this.#beginsProof(request) ? undefined : NO_SECRET
  }

  /** Whether a request may go on: it offers a proof, or there is none to give. */
  #beginsProof(request: IncomingMessage): boolean {
    const { onSecretProblem, proofs, tls } = this.#options
    if (proofs === undefined) return true
    const { headers, socket } = request
    const proof = proofs.accepting(headers[MESH_AUTH], tls?.hashFor(socket))
    if (proof !== undefined) this.#begun.set(request, proof)
    else if (proofs.isRequiredOf(announcedAddressOf(identityIn(headers)))) {
      onSecretProblem?.(nameOf(socket), 'missing-there')
      return false
    }
    return true
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

/** The host of a dialer, for people: all IPs of this machine are one. */
function nameOf(tcp: Socket): string {
  return remoteHostOf(tcp) ?? 'localhost'
}

function isWebSocketOffer({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

/** For `createServer`. Not in the types of the oldest Node. */
const NO_OTHER_UPGRADE: object = { shouldUpgradeCallback: isWebSocketOffer }

const MESH_AUTH = AUTH_HEADER.toLowerCase()

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
