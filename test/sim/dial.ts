/**
 * One dial in the simulated network: SYN, SYN-ACK, upgrade request, 101. It can be refused, reset,
 * or hang until its time is over. TCP sends a SYN that got no answer again, after 1 s, 3 s and so
 * on (RFC 6298 §2).
 */

import type { Address } from '../../src/mesh/address/address.ts'
import type { Identity } from '../../src/wire/headers.ts'
import type { Network, Socket } from './network.ts'
import type { Place } from './place.ts'
import type { Process } from './process.ts'

const SYN_RETRIES_MS = [0, 1_000, 3_000, 7_000, 15_000] as const

/** How a dial ends without a connection. */
export type DialEnd = 'connection refused' | 'connection reset' | 'no answer' | 'timed out'

/** Options of a dial. */
export interface DialOptions {
  readonly identity: Identity | undefined
  readonly timeoutMs: number
  /** Whether it verifies a claim. */
  readonly verifies?: boolean
}

/** A dial. */
export class Dial {
  readonly verifies: boolean
  readonly #network: Network
  readonly #dialer: Process
  readonly #address: Address
  readonly #options: DialOptions
  #socket: Socket | undefined
  #ended = false

  constructor(network: Network, dialer: Process, address: Address, options: DialOptions) {
    this.#network = network
    this.#dialer = dialer
    this.#address = address
    this.#options = options
    this.verifies = options.verifies === true
  }

  get isUnderWay(): boolean {
    return !this.#ended
  }

  begin(): void {
    const { time } = this.#network
    const { timeoutMs } = this.#options
    this.#scheduleSyn(time.nowMs, 0)
    time.after(timeoutMs, () => {
      this.#dialer.ring(() => {
        if (this.#ended) return
        if (this.#socket === undefined) return this.failed('timed out')
        this.#network.reset(this.#socket)
        this.failed('no answer')
      })
    })
  }

  /** The 101 response arrived. */
  opened(identity: Identity | undefined): void {
    if (this.#ended || this.#socket === undefined) return
    this.#ended = true
    this.#dialer.onOpened(this.#address, this.#socket, identity)
  }

  failed(reason: DialEnd): void {
    if (this.#ended) return
    this.#ended = true
    this.#dialer.onDialFailed(this.#address, reason)
  }

  /** Schedules a SYN, which schedules the next one: most dials need no more than the first. */
  #scheduleSyn(startedMs: number, retry: number): void {
    const delayMs = SYN_RETRIES_MS[retry] ?? Number.POSITIVE_INFINITY
    if (delayMs >= this.#options.timeoutMs) return
    const { time } = this.#network
    time.at(startedMs + delayMs, () => {
      if (this.#ended || this.#socket !== undefined || !this.#dialer.alive) return
      const place = this.#network.resolve(this.#address)
      if (place === 'black-hole') return
      this.#sendSyn(place)
      this.#scheduleSyn(startedMs, retry + 1)
    })
  }

  #sendSyn(place: Place | 'unused'): void {
    const { time } = this.#network
    if (place === 'unused') return this.#refuseLater()
    const here = this.#dialer.place
    if (place.closed || this.#network.isBlocked(here, place)) return
    if (this.#network.isBlocked(place, here)) return
    const { nowMs: sentMs } = time
    const arrivalMs = sentMs + this.#network.drawLatencyMs()
    this.#network.onFlight({ from: here, to: place, packet: { kind: 'dial' }, sentMs, arrivalMs })
    time.at(arrivalMs, () => {
      if (this.#ended || this.#socket !== undefined || !this.#dialer.alive) return
      const { listener } = place
      if (listener !== undefined) return this.#connect(listener)
      if (place.powered) this.#refuseLater()
    })
  }

  /** The acceptor's kernel does this, also for a process that is frozen. */
  #connect(listener: Process): void {
    const socket = this.#network.connect(this.#dialer, listener, this)
    this.#socket = socket
    this.#network.time.after(this.#network.drawLatencyMs(), () => {
      this.#network.send(socket, { kind: 'request', identity: this.#options.identity })
    })
  }

  #refuseLater(): void {
    this.#network.time.after(this.#network.drawLatencyMs(), () => {
      this.#dialer.receive(() => this.failed('connection refused'))
    })
  }
}
