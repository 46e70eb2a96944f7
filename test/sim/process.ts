/**
 * A process of a simulated machine, with its operating system. It can be frozen (SIGSTOP), or
 * starved: then input waits, and arrives in a burst when the process continues.
 */

import type { Address } from '../../src/mesh/address/address.ts'
import type { Identity } from '../../src/wire/headers.ts'
import type { DialEnd } from './dial.ts'
import type { Network, Packet, Socket } from './network.ts'
import type { Place } from './place.ts'

/** A process. Its kind decides what it does with an event. */
export abstract class Process {
  readonly place: Place
  readonly network: Network
  readonly sockets = new Set<Socket>()
  alive = true
  /** When it last continued after a freeze. */
  thawedMs = Number.NEGATIVE_INFINITY
  #frozen = false
  readonly #inbox: (() => void)[] = []
  readonly #lateTimers: (() => void)[] = []
  /** What timers leave to be done once sockets are read; while it continues after a freeze. */
  #immediates: (() => void)[] | undefined

  constructor(place: Place, network: Network) {
    this.place = place
    this.network = network
  }

  get name(): string {
    return this.place.name
  }

  /** Its host, as an acceptor sees it, when it dials with an identity or without one. */
  hostAs(_identity: Identity | undefined): string {
    return this.name
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** The identity that it sends to a dialer. */
  abstract identityFor(dialer: Socket): Identity | undefined
  abstract onAccepted(socket: Socket, identity: Identity | undefined): void
  abstract onOpened(address: Address, socket: Socket, identity: Identity | undefined): void
  abstract onDialFailed(address: Address, reason: DialEnd): void
  abstract onText(socket: Socket, text: string): void
  abstract onPing(socket: Socket): void
  abstract onPong(socket: Socket): void
  abstract onClosed(socket: Socket, code: number, reason: string): void

  /** An event from outside. Waits while the process is frozen, and is lost with it. */
  receive(job: () => void): void {
    if (!this.alive) return
    if (this.#frozen) this.#inbox.push(job)
    else job()
  }

  /**
   * A timer of the runtime fired. When the process continues after a freeze, timers run before
   * sockets are read.
   */
  ring(job: () => void): void {
    if (!this.alive) return
    if (this.#frozen) this.#lateTimers.push(job)
    else job()
  }

  /** In a timer, as `setImmediate`: sockets are read first. */
  afterReading(job: () => void): void {
    if (this.#immediates === undefined) job()
    else this.#immediates.push(job)
  }

  freeze(): void {
    this.#frozen = true
  }

  thaw(): void {
    this.#frozen = false
    this.thawedMs = this.network.time.nowMs
    const immediates: (() => void)[] = []
    this.#immediates = immediates
    for (const job of [...this.#lateTimers.splice(0), ...this.#inbox.splice(0)]) job()
    this.#immediates = undefined
    for (const job of immediates) this.receive(job)
  }

  /**
   * Is starved for so long: it runs only now and then, after each of these pauses, and handles then
   * what has waited.
   */
  starve(forMs: number, drawPauseMs: () => number): void {
    const { time } = this.network
    const untilMs = time.nowMs + forMs
    const pause = (): void => {
      if (this.frozen) this.thaw()
      if (time.nowMs >= untilMs || !this.alive) return
      this.freeze()
      time.after(Math.min(drawPauseMs(), untilMs - time.nowMs), pause)
    }
    pause()
  }

  /**
   * Ends, as by kill -9: the kernel resets all connections. With the power cut it cannot even do
   * that.
   */
  crash(powerCut: boolean): void {
    if (!this.alive) return
    this.alive = false
    this.#inbox.length = 0
    this.#lateTimers.length = 0
    if (this.place.listener === this) this.place.listener = undefined
    this.place.powered = !powerCut
    for (const socket of [...this.sockets]) {
      if (!powerCut) this.network.reset(socket)
      else {
        this.network.lose(socket)
        this.network.drop(socket)
      }
    }
  }

  /** Takes a packet of a socket. WebSocket itself answers pings (RFC 6455 §5.5.3). */
  take(socket: Socket, packet: Packet): void {
    switch (packet.kind) {
      case 'request':
        this.network.send(socket, { kind: 'upgraded', identity: this.identityFor(socket.peer) })
        return this.onAccepted(socket, packet.identity)
      case 'upgraded':
        return socket.dial?.opened(packet.identity)
      case 'text':
        return this.onText(socket, packet.text)
      case 'ping':
        this.network.send(socket, { kind: 'pong' })
        return this.onPing(socket)
      case 'pong':
        return this.onPong(socket)
      case 'close':
        this.network.drop(socket)
        return this.onClosed(socket, packet.code, packet.reason)
      case 'reset':
        this.network.drop(socket)
        if (socket.dial?.isUnderWay === true) return socket.dial.failed('connection reset')
        return this.onClosed(socket, 1006, '')
      default:
        packet satisfies never
    }
  }
}
