/** WebSocket upgrades: which become links, and what the others are answered. */

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { type AcceptorProof, AUTH_HEADER } from '../auth/proof.ts'
import { urlHost } from '../mesh/address/ip.ts'
import type { AcceptedFacts } from '../mesh/inputs.ts'
import { announcedAddressOf } from '../mesh/links/objections.ts'
import type { TlsAcceptor } from '../tls/tls-acceptor.ts'
import { headersOf, type Identity, identityIn } from '../wire/headers.ts'
import type { LinkProofs } from './link-proofs.ts'
import { MeshSocket, SOCKET_OPTIONS } from './mesh-socket.ts'
import { NO_CERTIFICATE, NO_SECRET, type Refusal, refuse } from './refusals.ts'
import { remoteHostOf } from './remote-host.ts'
import type { OnSecretProblem } from './secret-problems.ts'
import { UnprovenLinks } from './unproven-links.ts'

export interface UpgradesOptions {
  readonly identity: Identity
  /** How long whoever dials may take to prove the secret, in ms. */
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
}

export class Upgrades {
  readonly #options: UpgradesOptions
  readonly #webSockets: InstanceType<typeof WebSocketServer<typeof MeshSocket>>
  readonly #unproven: UnprovenLinks
  /** The proofs of upgrades under way. */
  readonly #begun = new WeakMap<IncomingMessage, AcceptorProof>()

  constructor(options: UpgradesOptions) {
    this.#options = options
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

  /** Answers an upgrade to WebSocket. Gives whether it was agreed to; else the socket is closed. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const refusal = this.#refusalOf(request)
    if (refusal !== undefined) {
      refuse(socket, refusal)
      return false
    }
    let isAgreed = false
    // One write for the response and the first message.
    socket.cork()
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      isAgreed = true
      const { remoteAddress = 'unknown', remotePort = 0 } = request.socket
      const remote = `${urlHost(remoteAddress)}:${remotePort}`
      this.#onWebSocket(webSocket, remote, request)
    })
    socket.uncork()
    return isAgreed
  }

  /** Closes all that have not proven the secret. */
  closeUnproven(): void {
    this.#unproven.closeAll()
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

/** The host of a dialer, for people: all IPs of this machine are one. */
function nameOf(tcp: Socket): string {
  return remoteHostOf(tcp) ?? 'localhost'
}

const MESH_AUTH = AUTH_HEADER.toLowerCase()
