/**
 * One dial to one IP:
 *
 *     connecting ── TCP connected ─► upgrading ── response, or proof ─► done
 *          │                             │                              │
 *          └───────── error, out of time, stop ─────────────────────────┘
 *
 * Deadlines are monotonic. Which IPs are dialed, and for how long: see dialer.ts.
 */

import type { ClientRequest, IncomingHttpHeaders } from 'node:http'
import type { RawData, WebSocket } from 'ws'
import type { Key } from '../auth/key.ts'
import { AUTH_HEADER, type DialerProof, PLAIN } from '../auth/proof.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion, urlHost } from '../mesh/address/ip.ts'
import { DIAL_LATE_MS, DIAL_TIMEOUT_FACTOR_MAX } from '../mesh/limits.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { ANY_CERTIFICATE, type ClientTls } from '../tls/client-tls.ts'
import { isAuthorized, peerHash } from '../tls/peer-certificate.ts'
import { CloseCode } from '../wire/close-codes.ts'
import { type Identity, identityIn } from '../wire/headers.ts'
import {
  type DialFailed,
  dialFailed,
  dialFailedBy,
  dialFailedByAnswer,
  NO_ANSWER,
  NOT_AUTHORIZED,
  RESET_UNREAD,
  SECRET_DIFFERS,
  SECRET_MISSING_THERE,
  STOPPED,
  TIMED_OUT,
} from './dial-failures.ts'
import { closeInTime, MeshSocket, SOCKET_OPTIONS, tcpOf } from './mesh-socket.ts'
import { WRONG_SECRET } from './unproven-links.ts'

export type DialResult = DialOpened | DialFailed

export interface DialOpened {
  readonly kind: 'opened'
  readonly socket: WebSocket
  /** The IP that it leads to. */
  readonly ip: string
  readonly identity: Identity | undefined
  /** By which it has proven the secret. */
  readonly key?: Key
}

export interface DialTarget {
  readonly address: Address
  readonly ip: string
  /** By when TCP must be connected. */
  readonly connectByMs: number
  /** By when the peer must have answered, in a process that is not busy. */
  readonly answerByMs: number
  /** In ms. A busy process waits up to `DIAL_TIMEOUT_FACTOR_MAX` times as long, step by step. */
  readonly timeoutMs: number
}

/** What a dial shows of us. */
export interface Credentials {
  /** Of our identity; none where the proof has it. */
  readonly headers: Readonly<Record<string, string>>
  /** Undefined in a mesh without a secret. */
  readonly proof: DialerProof | undefined
  /** Whether whoever answers has to prove the secret. */
  readonly needsProof: boolean
  /** Whether the proof covers the certificate. Otherwise an authority has to sign it. */
  readonly pinsCertificate: boolean
  /** By which TLS is done, if it is not the proof alone that decides. */
  readonly tls?: ClientTls | undefined
}

type State =
  | { readonly kind: 'connecting'; readonly timer: NodeJS.Timeout }
  /** TCP is connected; the response to the upgrade is due, or the proof of the peer. */
  | { readonly kind: 'upgrading'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'done' }

export class Dial {
  readonly #target: DialTarget
  readonly #onResult: (result: DialResult) => void
  readonly #socket: MeshSocket
  #state: State

  /**
   * `onResult` is called once, and for an open socket in the turn in which it opened, or has proven
   * the secret.
   */
  constructor(
    target: DialTarget,
    { headers: own, proof, needsProof, pinsCertificate, tls: ownTls }: Credentials,
    onResult: (result: DialResult) => void,
  ) {
    this.#target = target
    this.#onResult = onResult
    const headers = { ...own, ...(proof && { [AUTH_HEADER]: proof.offer }) }
    const tls = ownTls ?? (pinsCertificate ? ANY_CERTIFICATE : {})
    // Whoever has no proof may have a certificate for the name.
    const needsName = ownTls !== undefined || !pinsCertificate || !needsProof
    const socket = openSocket(target, { headers, needsName, ...tls }, () => {
      this.#becomeUpgrading(target.answerByMs)
    })
    this.#socket = socket
    this.#state = { kind: 'connecting', timer: this.#timerAt(target.connectByMs) }
    let received: IncomingHttpHeaders = {}
    socket.once('upgrade', ({ headers }) => {
      received = headers
    })
    socket.once('open', () => {
      const offer = received[AUTH_HEADER.toLowerCase()]
      if (proof && (needsProof || offer !== undefined)) {
        return this.#prove(proof, offer, pinsCertificate)
      }
      if (pinsCertificate && !isAuthorized(tcpOf(socket))) return this.#finish(NOT_AUTHORIZED)
      this.#finish({ kind: 'opened', socket, ip: target.ip, identity: identityIn(received) })
    })
    socket.once('unexpected-response', (_request, response) => {
      this.#finish(dialFailedByAnswer(response, proof !== undefined))
    })
    socket.on('error', (error) => this.#finish(this.#failedBy(error)))
    socket.once('close', (code) => {
      const isWrong = code === CloseCode.WRONG_SECRET
      this.#finish(isWrong ? SECRET_DIFFERS : dialFailed('other', 'connection closed'))
    })
  }

  /** Ends the dial. Idempotent. */
  stop(): void {
    this.#finish(STOPPED)
  }

  /** The upgrade is done. Nothing else is sent or read before both sides have proven the secret. */
  #prove(proof: DialerProof, offer: unknown, pinsCertificate: boolean): void {
    const socket = this.#socket
    const tcp = tcpOf(socket)
    const certificate = pinsCertificate ? peerHash(tcp) : PLAIN
    if (certificate === undefined) return this.#finish(NOT_AUTHORIZED)
    const text = proof.answered(offer, certificate)
    if (text === undefined) return this.#finish(SECRET_MISSING_THERE)
    const onData = (chunk: Buffer): void => {
      socket.meter.take(chunk)
    }
    tcp?.prependListener('data', onData)
    socket.once('message', (data: RawData, isBinary: boolean) => {
      tcp?.off('data', onData)
      const proven = isBinary ? undefined : proof.verify(String(data))
      if (proven === undefined) return this.#finish(SECRET_DIFFERS)
      const { ip } = this.#target
      this.#finish({ kind: 'opened', socket, ip, ...proven })
    })
    socket.send(text)
  }

  /** A node that encrypts resets whoever does not. */
  #failedBy(error: unknown): DialFailed {
    const failed = dialFailedBy(error)
    const mayEncrypt = failed.failure === 'reset' && this.#target.address.startsWith('ws:')
    return mayEncrypt && this.#state.kind === 'upgrading' ? RESET_UNREAD : failed
  }

  #becomeUpgrading(deadlineMs: number): void {
    if (this.#state.kind === 'done') return
    clearTimeout(this.#state.timer)
    this.#state = { kind: 'upgrading', timer: this.#timerAt(deadlineMs) }
  }

  #finish(result: DialResult): void {
    if (this.#state.kind === 'done') return
    clearTimeout(this.#state.timer)
    this.#state = { kind: 'done' }
    const socket = this.#socket
    if (result.kind === 'opened') socket.removeAllListeners()
    else if (result.secret !== undefined && socket.readyState === socket.OPEN) {
      closeInTime(socket, CloseCode.WRONG_SECRET, WRONG_SECRET, () => {})
    } else socket.terminate()
    this.#onResult(result)
  }

  /** Not the timeout of `ws`, which starts again with every byte of a slow answer. */
  #timerAt(deadlineMs: number): NodeJS.Timeout {
    return setTimeout(() => {
      const isBusy = monotonicMs() - deadlineMs >= DIAL_LATE_MS
      const state = this.#state
      // Timers run before sockets are read: the answer may be there, unread.
      setImmediate(() => {
        if (this.#state === state) this.#onDeadline(deadlineMs, isBusy)
      })
    }, deadlineMs - monotonicMs())
  }

  #onDeadline(deadlineMs: number, isBusy: boolean): void {
    if (this.#state.kind !== 'upgrading') return this.#finish(TIMED_OUT)
    const { answerByMs, timeoutMs } = this.#target
    const lastMs = answerByMs + (DIAL_TIMEOUT_FACTOR_MAX - 1) * timeoutMs
    // Where this process is busy the peer may be, too, and another dial would start from zero.
    if (isBusy && deadlineMs < lastMs) this.#becomeUpgrading(deadlineMs + timeoutMs)
    else this.#finish(NO_ANSWER)
  }
}

interface SocketSettings extends Partial<ClientTls> {
  readonly headers: Readonly<Record<string, string>>
  /** Whether TLS has to ask for the certificate of the name that is dialed. */
  readonly needsName: boolean
}

/** `onConnected` is called once TCP is connected, before the peer has sent anything. */
function openSocket(
  { address, ip }: DialTarget,
  { headers, needsName, ...tls }: SocketSettings,
  onConnected: () => void,
): MeshSocket {
  const url = new URL(address)
  const { host } = url
  const name = hostOf(address)
  url.hostname = urlHost(ip)
  const options = {
    ...SOCKET_OPTIONS,
    followRedirects: false,
    // As if the name had been dialed, for virtual hosts and for the certificate.
    headers: { ...headers, Host: host },
    // TLS options that `ws` passes on; its types do not list this one. An IP is no server name (RFC
    // 6066 §3), and whoever listens on the way reads it: a certificate that is pinned needs none.
    servername: ipVersion(name) === 0 && needsName ? name : '',
    ...tls,
    finishRequest: (request: ClientRequest) => {
      request.once('socket', (tcp) => tcp.once('connect', onConnected))
      request.end()
    },
  }
  return new MeshSocket(url, options)
}
