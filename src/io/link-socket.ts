/** The socket of one link: counts what comes in and what is unsent, and answers pings. */

import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { FrameMeter } from './frame-meter.ts'
import { MeshSocket, tcpOf } from './mesh-socket.ts'
import type { ReceiveBudget, ReceiveBudgets } from './receive-budget.ts'
import { remoteHostOf } from './remote-host.ts'

export class LinkSocket {
  readonly socket: WebSocket
  readonly #tcp: Socket | undefined
  readonly #budget: ReceiveBudget
  readonly #budgets: ReceiveBudgets
  #messageBudget: ReceiveBudget | undefined
  readonly #meter: FrameMeter
  receivedBytes = 0
  #sentBytes = 0
  #isPongUnsent = false
  #latestPing: Buffer | undefined

  /** @param carriesMessages whether programs decide how much the peer sends */
  constructor(socket: WebSocket, carriesMessages: boolean, budgets: ReceiveBudgets, nowMs: number) {
    this.socket = socket
    this.#tcp = tcpOf(socket)
    this.#meter = socket instanceof MeshSocket ? socket.meter : new FrameMeter()
    this.#budgets = budgets
    this.#budget = budgets.open(this.#host, nowMs)
    if (carriesMessages) this.#messageBudget = budgets.openMessages(this.#host, false, nowMs)
    socket.on('ping', (data) => this.#answer(data))
  }

  get #host(): string | undefined {
    return this.#tcp && remoteHostOf(this.#tcp)
  }

  /** A dial has shown who the peer is, which carries messages. */
  verified(nowMs: number): void {
    this.#messageBudget = this.#budgets.openMessages(this.#host, true, nowMs)
  }

  /** The listener gets what comes before it is decoded. */
  onBytes(listener: (chunk: Buffer) => void): void {
    this.#tcp?.prependListener('data', listener)
  }

  /** Takes what came. What programs publish too fast waits; any other excess ends the link. */
  receive(chunk: Buffer, nowMs: number): 'within' | 'pause' | 'flood' {
    this.receivedBytes += chunk.length
    const before = this.#meter.controlFrames
    const frames = this.#meter.take(chunk)
    const budget = this.#messageBudget
    if (budget === undefined) {
      return this.#budget.take(chunk.length, frames, nowMs) ? 'within' : 'flood'
    }
    const controlFrames = this.#meter.controlFrames - before
    if (!this.#budget.take(0, controlFrames, nowMs)) return 'flood'
    return budget.take(chunk.length, frames - controlFrames, nowMs) ? 'within' : 'pause'
  }

  /** `onTaken` is called once the bytes have left this process. */
  send(bytes: Buffer, onTaken: (() => void) | undefined): void {
    this.#sentBytes += bytes.length
    this.socket.send(bytes, { binary: false }, onTaken)
  }

  /** What was sent and waits no more. */
  get takenBytes(): number {
    return this.#sentBytes - this.unsentBytes
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
