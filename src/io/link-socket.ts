/** The socket of one link: counts what comes in and what is unsent, and answers pings. */

import { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { FrameMeter } from './frame-meter.ts'
import type { ReceiveBudget, ReceiveBudgets } from './receive-budget.ts'
import { hostOf } from './remote-host.ts'

export class LinkSocket {
  readonly socket: WebSocket
  readonly #tcp: Socket | undefined
  readonly #budget: ReceiveBudget
  readonly #meter = new FrameMeter()
  #isPongUnsent = false
  #latestPing: Buffer | undefined

  constructor(socket: WebSocket, budgets: ReceiveBudgets, nowMs: number) {
    this.socket = socket
    this.#tcp = tcpOf(socket)
    this.#budget = budgets.open(this.#tcp && hostOf(this.#tcp), nowMs)
    socket.on('ping', (data) => this.#answer(data))
  }

  /** The listener gets what comes before it is decoded. */
  onBytes(listener: (chunk: Buffer) => void): void {
    this.#tcp?.prependListener('data', listener)
  }

  /** Takes what came, and gives whether the peer may send that much. */
  receive(chunk: Buffer, nowMs: number): boolean {
    return this.#budget.take(chunk.length, this.#meter.take(chunk), nowMs)
  }

  /** Whether frames can be sent. */
  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  /** What the peer has not read yet, beyond what the kernel holds. */
  get unsentBytes(): number {
    return this.socket.bufferedAmount
  }

  /** What it has sent of a message that it has not ended. */
  get unfinishedBytes(): number {
    return this.#meter.unfinishedBytes
  }

  get heldBytes(): number {
    return this.unsentBytes + this.unfinishedBytes
  }

  /**
   * At most one pong waits to be sent, or a peer that pings and never reads would fill the memory;
   * it may stand for all pings before (RFC 6455 §5.5.3).
   */
  #answer(ping: Buffer): void {
    if (!this.isOpen) return
    // A copy: a part of what was read keeps all of it in memory.
    const data = Buffer.from(ping)
    if (this.#isPongUnsent) {
      this.#latestPing = data
      return
    }
    this.#isPongUnsent = true
    this.socket.pong(data, undefined, () => {
      this.#isPongUnsent = false
      const latest = this.#latestPing
      this.#latestPing = undefined
      if (latest !== undefined) this.#answer(latest)
    })
  }
}

/** `ws` does not export the connection under a WebSocket. */
function tcpOf(socket: WebSocket): Socket | undefined {
  const tcp: unknown = Reflect.get(socket, '_socket')
  return tcp instanceof Socket ? tcp : undefined
}
