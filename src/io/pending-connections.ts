/**
 * Connections that are no links, or not yet: each must send a complete request in time, or gets 408
 * (RFC 9110 §15.5.9) and is closed. Node's own check runs at intervals: it wakes an idle process,
 * and comes late. When there are too many connections, the one that has shown the least makes room.
 */

import { IDLE_MS, SILENT_MS_MAX } from './limits.ts'
import { oldestOfMost } from './oldest-of-most.ts'
import { type Ends, remoteHostOf } from './remote-host.ts'

/** What is used of a socket. */
interface Connection extends Ends {
  readonly bytesRead: number
  write(text: string): void
  destroy(): void
}

interface Pending {
  readonly sinceMs: number
  /** Requests that are not answered yet. */
  requests: number
  /** One was answered. */
  isAnswered: boolean
  isRefused: boolean
  timer: NodeJS.Timeout | undefined
  onAnswered: (() => void) | undefined
}

/** The pending connections of one server, each with its deadline. */
export class PendingConnections {
  readonly #requestTimeoutMs: number
  /** Oldest first. */
  readonly #pending = new Map<Connection, Pending>()

  /** @param requestTimeoutMs how long a complete HTTP request may take, in ms */
  constructor(requestTimeoutMs: number) {
    this.#requestTimeoutMs = requestTimeoutMs
  }

  get size(): number {
    return this.#pending.size
  }

  /**
   * A connection was accepted, and has to send a request.
   *
   * @param lateAnswer what it gets when it does not do so in time
   */
  add(socket: Connection, sinceMs: number, lateAnswer = REQUEST_TIMEOUT): void {
    this.#pending.set(socket, {
      sinceMs,
      requests: 0,
      isAnswered: false,
      isRefused: false,
      timer: undefined,
      onAnswered: undefined,
    })
    this.#closeAfter(socket, this.#requestTimeoutMs, lateAnswer)
  }

  /** A request came in. There is no deadline until it is answered. */
  requestStarted(socket: Connection): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined) return
    pending.requests += 1
    clearTimeout(pending.timer)
  }

  /** A request was answered, or its connection closed. Another one may follow. */
  requestEnded(socket: Connection): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined) return
    pending.requests -= 1
    if (pending.requests > 0) return
    pending.isAnswered = true
    this.#closeAfter(socket, IDLE_MS + this.#requestTimeoutMs, REQUEST_TIMEOUT)
    pending.onAnswered?.()
  }

  /** Calls back once all requests so far are answered, which may be at once; never if it closes. */
  whenAnswered(socket: Connection, onAnswered: () => void): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined || pending.requests === 0) onAnswered()
    else pending.onAnswered = onAnswered
  }

  /** It was refused: it has `requestTimeoutMs` to read the response and to close. */
  expire(socket: Connection): void {
    const pending = this.#pending.get(socket)
    if (pending !== undefined) pending.isRefused = true
    this.#closeAfter(socket, this.#requestTimeoutMs)
  }

  /** It closed, or became a link. Idempotent. */
  remove(socket: Connection): void {
    clearTimeout(this.#pending.get(socket)?.timer)
    this.#pending.delete(socket)
  }

  /**
   * Closes one connection: of those that have shown the least, the oldest of the host that has most
   * of them. Gives whether there was one.
   */
  evict(nowMs: number): boolean {
    const candidates = new Map<Connection, { readonly host: string | undefined }>()
    let least = Number.POSITIVE_INFINITY
    for (const [socket, pending] of this.#pending) {
      const shown = shownBy(socket, pending, nowMs)
      if (shown > least) continue
      if (shown < least) candidates.clear()
      least = shown
      candidates.set(socket, { host: remoteHostOf(socket) })
    }
    const oldest = oldestOfMost(candidates)
    if (oldest === undefined) return false
    this.remove(oldest)
    oldest.destroy()
    return true
  }

  closeAll(): void {
    for (const socket of this.#pending.keys()) {
      this.remove(socket)
      socket.destroy()
    }
  }

  #closeAfter(socket: Connection, ms: number, response = ''): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined) return
    clearTimeout(pending.timer)
    pending.timer = setTimeout(() => {
      if (response !== '') socket.write(response)
      socket.destroy()
    }, ms)
  }
}

/**
 * How much a connection has shown so far: nothing, or that it was refused; part of a request, which
 * a new one counts as, too; an answered request, of which there are few (`KEPT_OPEN_MAX`); a
 * request in progress.
 */
function shownBy({ bytesRead }: Connection, pending: Pending, nowMs: number): number {
  const { isAnswered, isRefused, requests, sinceMs } = pending
  if (isRefused) return 0
  if (requests > 0) return 3
  if (isAnswered) return 2
  return bytesRead > 0 || nowMs < sinceMs + SILENT_MS_MAX ? 1 : 0
}

const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'
