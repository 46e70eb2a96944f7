/**
 * Connections that are no links, or not yet: each must send a complete request in time, or gets 408
 * (RFC 9110 §15.5.9) and is closed. Node's own check runs at intervals: it wakes an idle process,
 * and comes late.
 */

import type { Socket } from 'node:net'
import { IDLE_MS } from '../mesh/limits.ts'

interface Pending {
  /** Requests that are not answered yet. */
  requests: number
  timer: NodeJS.Timeout | undefined
}

/** The pending connections of one server, each with its deadline. */
export class PendingConnections {
  readonly #requestTimeoutMs: number
  readonly #pending = new Map<Socket, Pending>()

  /** @param requestTimeoutMs how long a complete HTTP request may take, in ms */
  constructor(requestTimeoutMs: number) {
    this.#requestTimeoutMs = requestTimeoutMs
  }

  get size(): number {
    return this.#pending.size
  }

  /** A connection was accepted, and has to send a request. */
  add(socket: Socket): void {
    this.#pending.set(socket, { requests: 0, timer: undefined })
    this.#closeAfter(socket, this.#requestTimeoutMs, REQUEST_TIMEOUT)
  }

  /** A request came in. There is no deadline until it is answered. */
  requestStarted(socket: Socket): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined) return
    pending.requests += 1
    clearTimeout(pending.timer)
  }

  /** A request was answered, or its connection closed. Another one may follow. */
  requestEnded(socket: Socket): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined) return
    pending.requests -= 1
    if (pending.requests > 0) return
    this.#closeAfter(socket, IDLE_MS + this.#requestTimeoutMs, REQUEST_TIMEOUT)
  }

  /** It was refused: it has `requestTimeoutMs` to read the response and to close. */
  expire(socket: Socket): void {
    this.#closeAfter(socket, this.#requestTimeoutMs)
  }

  /** It closed, or became a link. Idempotent. */
  remove(socket: Socket): void {
    clearTimeout(this.#pending.get(socket)?.timer)
    this.#pending.delete(socket)
  }

  closeAll(): void {
    for (const socket of this.#pending.keys()) {
      this.remove(socket)
      socket.destroy()
    }
  }

  #closeAfter(socket: Socket, ms: number, response?: string): void {
    const pending = this.#pending.get(socket)
    if (pending === undefined) return
    clearTimeout(pending.timer)
    pending.timer = setTimeout(() => {
      if (response !== undefined) socket.write(response)
      socket.destroy()
    }, ms)
  }
}

const REQUEST_TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'
