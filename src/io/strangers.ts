/**
 * Connections that are no links, or not yet. Whoever connects has a while to say what it wants, and
 * is dropped after it. Node's HTTP server can see to that, too, but wakes the process every so
 * often for it when nobody is there; and the servers of Deno and Bun do not.
 */

import type { Socket } from 'node:net'
import { IDLE_MS } from '../mesh/limits.ts'

interface Stay {
  /** Requests that came in and are not answered yet. */
  requests: number
  timer: NodeJS.Timeout | undefined
}

/** Who is here, and how long we still wait for what it has to say. */
export class Strangers {
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
  welcome(socket: Socket): void {
    this.#stays.set(socket, { requests: 0, timer: undefined })
    this.#expect(socket, this.#requestTimeoutMs)
  }

  /** It has asked for something; as long as we owe it the answer it need not say anything. */
  serve(socket: Socket): void {
    const stay = this.#stays.get(socket)
    if (stay === undefined) return
    stay.requests += 1
    clearTimeout(stay.timer)
  }

  /** It has its answer, or hung up before. It may ask again. */
  served(socket: Socket): void {
    const stay = this.#stays.get(socket)
    if (stay === undefined) return
    stay.requests -= 1
    if (stay.requests === 0) this.#expect(socket, IDLE_MS + this.#requestTimeoutMs)
  }

  /** It was refused. Now it is to read that and to hang up. */
  dismiss(socket: Socket): void {
    this.#expect(socket, this.#requestTimeoutMs)
  }

  /** It is gone, or no stranger any more. Idempotent. */
  forget(socket: Socket): void {
    clearTimeout(this.#stays.get(socket)?.timer)
    this.#stays.delete(socket)
  }

  /** Drops all. */
  dropAll(): void {
    for (const socket of this.#stays.keys()) {
      this.forget(socket)
      socket.destroy()
    }
  }

  #expect(socket: Socket, ms: number): void {
    const stay = this.#stays.get(socket)
    if (stay === undefined) return
    clearTimeout(stay.timer)
    stay.timer = setTimeout(() => socket.destroy(), ms)
  }
}
