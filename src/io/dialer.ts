/**
 * The dialing side: from an address to an open socket, or to the reason why there is none. The name
 * is resolved here, every IP is judged, and the IP that was judged is the one that is dialed: a
 * name that resolves differently a moment later (DNS rebinding) gains nothing.
 */

import { lookup } from 'node:dns/promises'
import type { ClientRequest } from 'node:http'
import type { WebSocket } from 'ws'
import { systemCodeOf } from '../errors/system-error.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { admitsIp, type DialPolicy } from '../mesh/address/scope.ts'
import { DIAL_IPS_MAX, DIAL_LATE_MS, DIAL_PATIENCE_MAX } from '../mesh/limits.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { headersOf, type Identity, identityIn } from '../wire/headers.ts'
import { saysNoDescriptors } from './descriptors.ts'
import { MeshSocket, SOCKET_OPTIONS } from './mesh-socket.ts'

/** How a dial ended. */
export type DialResult =
  | { readonly kind: 'opened'; readonly socket: WebSocket; readonly identity: Identity | undefined }
  | DialFailed

/** A dial without a socket. */
export interface DialFailed {
  readonly kind: 'failed'
  readonly failure: DialFailure
  /** The same for people, and with more of it. */
  readonly reason: string
}

/** Why a dial failed, in a few words that programs can count. */
export type DialFailure =
  | 'name-not-found'
  | 'no-answer'
  | 'no-descriptors'
  | 'not-admitted'
  | 'not-mesh'
  | 'other'
  | 'refused'
  | 'reset'
  | 'stopped'
  | 'timed-out'
  | 'unreachable'

/** What to dial. */
export interface DialOrder {
  readonly address: Address
  readonly policy: DialPolicy
  /**
   * How long it may take, with all its attempts, in ms. Where we are busy ourselves, whoever takes
   * our connection gets up to `DIAL_PATIENCE_MAX` times as long to answer.
   */
  readonly timeoutMs: number
}

/** What a dialer needs. */
export interface DialerOptions {
  /** Who we say we are; undefined for somebody who says nothing, as a plain peer. */
  readonly identity: Identity | undefined
  /** A dial failed because there is no file descriptor left. */
  readonly onNoDescriptors: () => void
  /** Finds the IPs of a name, the best first. Default: as the system does. */
  readonly resolve?: (name: string) => Promise<readonly string[]>
}

/** One dial, from its next IP on. */
interface Attempt {
  readonly address: Address
  readonly ips: readonly string[]
  /** By when the peer must have answered if we are not busy. */
  readonly deadlineMs: number
  readonly timeoutMs: number
  readonly onResult: (result: DialResult) => void
}

/** Opens sockets. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #opening = new Set<WebSocket>()
  #closed = false

  constructor(options: DialerOptions) {
    this.#options = options
    this.#headers = options.identity === undefined ? {} : headersOf(options.identity)
  }

  /**
   * Dials an address and tells how that ended, once. `onResult` is called in the turn of the event
   * loop in which the socket opened, so that listeners attached there miss no frame. Never throws.
   */
  dial({ address, policy, timeoutMs }: DialOrder, onResult: (result: DialResult) => void): void {
    const deadlineMs = monotonicMs() + timeoutMs
    this.#resolve(hostOf(address), timeoutMs).then(
      (ips) => {
        const admitted = ips.filter((ip) => admitsIp(policy, ip)).slice(0, DIAL_IPS_MAX)
        if (admitted.length > 0)
          return this.#attempt({ address, ips: admitted, deadlineMs, timeoutMs, onResult })
        onResult(failure('not-admitted', 'resolves to no IP that may be dialed'))
      },
      (error: unknown) => onResult(explain(error)),
    )
  }

  /** Gives up all dials under way. Idempotent. */
  close(): void {
    this.#closed = true
    for (const socket of this.#opening) socket.terminate()
  }

  async #resolve(host: string, timeoutMs: number): Promise<readonly string[]> {
    if (ipVersion(host) !== 0) return [host]
    // RFC 6761 §6.3: this name is never asked for, it is this machine.
    if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']
    const late = new Promise<never>((_resolve, reject) => {
      const error = Object.assign(new Error('late'), { code: 'ETIMEDOUT' })
      setTimeout(() => reject(error), timeoutMs).unref()
    })
    return Promise.race([(this.#options.resolve ?? resolveBySystem)(host), late])
  }

  /** Tries the first IP, and the rest after it. */
  #attempt({ address, ips, deadlineMs, timeoutMs, onResult }: Attempt): void {
    const [ip, ...rest] = ips
    const leftMs = Math.floor((deadlineMs - monotonicMs()) / (rest.length + 1))
    if (ip === undefined || leftMs <= 0 || this.#closed) {
      return onResult(this.#closed ? STOPPED : TIMED_OUT)
    }
    const socket = this.#open(address, ip, () => {
      isConnected = true
      // The others are for when nobody is at this one. Who is here has all the time that is left.
      clearImmediate(ending)
      giveUpAt(deadlineMs)
    })
    let identity: Identity | undefined
    let failed: DialFailed | undefined
    let isConnected = false
    let timer: NodeJS.Timeout | undefined
    let ending: NodeJS.Immediate | undefined
    this.#opening.add(socket)
    const latestMs = deadlineMs + (DIAL_PATIENCE_MAX - 1) * timeoutMs
    const giveUpAt = (atMs: number): void => {
      clearTimeout(timer)
      timer = setTimeout(() => giveUp(atMs), atMs - monotonicMs())
    }
    const giveUp = (dueMs: number): void => {
      // Where the process had to wait for its turn, the answer may be there, unread: timers run
      // before sockets are read.
      const isBusy = monotonicMs() - dueMs >= DIAL_LATE_MS
      ending = setImmediate(() => {
        if (socket.readyState !== socket.CONNECTING) return
        // The peer has to wait for its turn as well, and what is half done would be done again.
        if (isConnected && isBusy && dueMs < latestMs) return giveUpAt(dueMs + timeoutMs)
        failed ??= isConnected ? NO_ANSWER : TIMED_OUT
        socket.terminate()
      })
    }
    // Not the timeout of `ws`, which begins anew with every byte of an answer that comes drop by
    // drop.
    giveUpAt(monotonicMs() + leftMs)
    socket.once('upgrade', (response) => {
      identity = identityIn(response.headers)
    })
    socket.once('unexpected-response', (_request, response) => {
      failed = failure('not-mesh', `not a mesh node: HTTP ${response.statusCode ?? ''}`.trimEnd())
      socket.terminate()
    })
    const onError = (error: Error): void => {
      if (saysNoDescriptors(error)) this.#options.onNoDescriptors()
      failed ??= explain(error)
    }
    const onClose = (): void => {
      clearTimeout(timer)
      this.#opening.delete(socket)
      const first = failed ?? failure('other', '')
      if (rest.length === 0) return onResult(first)
      this.#attempt({
        address,
        ips: rest,
        deadlineMs,
        timeoutMs,
        onResult: (result) => {
          // What one IP answered says more than that nothing listens on the next.
          onResult(result.kind === 'failed' && first.failure !== 'refused' ? first : result)
        },
      })
    }
    socket.on('error', onError)
    socket.once('close', onClose)
    socket.once('open', () => {
      clearTimeout(timer)
      this.#opening.delete(socket)
      socket.off('close', onClose)
      socket.off('error', onError)
      onResult({ kind: 'opened', socket, identity })
    })
  }

  /** `onConnected` is told when the TCP connection stands, before the peer has said anything. */
  #open(address: Address, ip: string, onConnected: () => void): WebSocket {
    const url = new URL(address)
    const { host } = url
    const name = hostOf(address)
    url.hostname = ip.includes(':') ? `[${ip}]` : ip
    const options = {
      ...SOCKET_OPTIONS,
      followRedirects: false,
      // The name goes along as if it had been dialed, for virtual hosts and for the certificate.
      headers: { ...this.#headers, Host: host },
      // A TLS option that `ws` passes on; its types do not list it. An IP is no server name (RFC
      // 6066 §3).
      servername: ipVersion(name) === 0 ? name : '',
      finishRequest: (request: ClientRequest) => {
        request.once('socket', (tcp) => tcp.once('connect', onConnected))
        request.end()
      },
    }
    return new MeshSocket(url, options)
  }
}

async function resolveBySystem(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, verbatim: true })
  return found.map(({ address }) => address)
}

function failure(name: DialFailure, reason: string): DialFailed {
  return { kind: 'failed', failure: name, reason }
}

const STOPPED = failure('stopped', 'node stops')
const TIMED_OUT = failure('timed-out', 'no answer in time')
const NO_ANSWER = failure('no-answer', 'takes connections, but gives no answer in time')

/** What an error of the network means. */
function explain(error: unknown): DialFailed {
  if (saysNoDescriptors(error)) return failure('no-descriptors', 'no file descriptors left')
  const code = systemCodeOf(error)
  switch (code) {
    case 'ECONNREFUSED':
      return failure('refused', 'refused: nothing listens there')
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure('name-not-found', 'its name is not found')
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return failure('unreachable', 'unreachable')
    case 'ECONNRESET':
      return failure('reset', 'connection reset')
    case 'ETIMEDOUT':
      return TIMED_OUT
    default:
      return failure('other', error instanceof Error ? error.message : String(error))
  }
}
