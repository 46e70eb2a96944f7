/**
 * Connections that are no links, or not yet. Whoever connects has a while to say what it wants, and
 * is told that it is late and dropped after it (408, RFC 9110 §15.5.9). HTTP servers see to that,
 * too, but Node's looks for it at intervals: it wakes the process when nobody is there, and comes
 * late.
 */

import type { Socket } from 'node:net'
import { IDLE_MS } from '../mesh/limits.ts'

interface Stay {
  /** Requests that came in and are not answered yet. */
  requests: number
  timer: NodeJS.Timeout | undefined
}

/** Who is here, and how long we still wait for what it has to say. */
export class PendingConnections {
  readonly #requestTimeoutMs: number
  readonly #stays = new Map<Socket, Stay>()

  /** @param requestTimeoutMs how long a stranger may take to send a complete HTTP request, in ms */
  constructor(requestTimeoutMs: number) {
    this.#requestTimeoutMs = requestTimeoutMs
  }

  get size(): number {
    return this.#stays.size
  }

  /** Somebody has connected, and is to say something. */
  add(socket: Socket): void {
    this.#stays.set(socket, { requests: 0, timer: undefined })
    this.#expect(socket, this.#requestTimeoutMs, TOO_LATE)
  }

  /** It has asked for something; as long as we owe it the answer it need not say anything. */
  requestStarted(socket: Socket): void {
    const stay = this.#stays.get(socket)
    if (stay === undefined) return
    stay.requests += 1
    clearTimeout(stay.timer)
  }

  /** It has its answer, or hung up before. It may ask again. */
  requestEnded(socket: Socket): void {
    const stay = this.#stays.get(socket)
    if (stay === undefined) return
    stay.requests -= 1
    if (stay.requests === 0) this.#expect(socket, IDLE_MS + this.#requestTimeoutMs, TOO_LATE)
  }

  /** It was refused. Now it is to read that and to hang up. */
  expire(socket: Socket): void {
    this.#expect(socket, this.#requestTimeoutMs)
  }

  /** It is gone, or no stranger any more. Idempotent. */
  remove(socket: Socket): void {
    clearTimeout(this.#stays.get(socket)?.timer)
    this.#stays.delete(socket)
  }

  /** Drops all. */
  dropAll(): void {
    for (const socket of this.#stays.keys()) {
      this.remove(socket)
      socket.destroy()
    }
  }

  #expect(socket: Socket, ms: number, lastWords?: string): void {
    const stay = this.#stays.get(socket)
    if (stay === undefined) return
    clearTimeout(stay.timer)
    stay.timer = setTimeout(() => {
      if (lastWords !== undefined) socket.write(lastWords)
      socket.destroy()
    }, ms)
  }
}

const TOO_LATE = 'HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n'
