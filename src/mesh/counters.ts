/** What the core counts, from its inputs and outputs, for metrics. Decides nothing. */

import { ABNORMAL_CLOSURE } from '../wire/close-codes.ts'
import { byteLength } from '../wire/topic.ts'
import { Distribution } from './distribution.ts'
import type { Ending } from './events.ts'
import type { DialFailure, Input } from './inputs.ts'
import type { Output } from './outputs.ts'

/** How a dial ended. */
export type DialOutcome = 'opened' | DialFailure

/** Messages in one direction. */
export interface MessageCounts {
  readonly handshakes: number
  readonly frames: number
  /** Without WebSocket framing. */
  readonly bytes: number
}

/** Links that ended with one code, by one side. */
export interface CloseCount {
  readonly by: Ending['by']
  readonly code: number
  readonly count: number
}

/** Round trips: from one machine to a satellite. In ms. */
const ROUND_TRIP_BOUNDS_MS = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500]

/** Lateness of timers: from an idle process to a frozen one. In ms. */
const TIMER_LAG_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000]

/** Close codes that are told apart; further ones count as one, since peers may make them up. */
const CLOSE_CODES_MAX = 256

/** The code under which all further ones are counted; no close frame has it. */
export const OTHER_CODES = 0

/** Only grows. */
export class Counters {
  readonly #dials = new Map<DialOutcome, number>([['opened', 0]])
  readonly #sent = { handshakes: 0, frames: 0, bytes: 0 }
  readonly #received = { handshakes: 0, frames: 0, bytes: 0 }
  readonly #closes = new Map<string, { by: Ending['by']; code: number; count: number }>()
  #duplicatesClosed = 0
  readonly roundTripsMs = new Distribution(ROUND_TRIP_BOUNDS_MS)
  readonly timerLagMs = new Distribution(TIMER_LAG_BOUNDS_MS)

  get dials(): ReadonlyMap<DialOutcome, number> {
    return this.#dials
  }

  get sent(): MessageCounts {
    return this.#sent
  }

  get received(): MessageCounts {
    return this.#received
  }

  get closes(): readonly CloseCount[] {
    return [...this.#closes.values()]
  }

  get duplicatesClosed(): number {
    return this.#duplicatesClosed
  }

  /** @param lagMs how late the earliest timer is; may be negative */
  onInput(input: Input, lagMs: number): void {
    switch (input.kind) {
      case 'dial-succeeded':
        return this.#dialEnded('opened')
      case 'dial-failed':
        return this.#dialEnded(input.failure)
      case 'frame-received':
        this.#received.frames += 1
        this.#received.bytes += input.bytes
        return
      case 'link-closed':
        return this.#closed(input.code === ABNORMAL_CLOSURE ? 'network' : 'peer', input.code)
      case 'deadline':
        if (lagMs >= 0) this.timerLagMs.add(lagMs)
        return
      default:
    }
  }

  onOutput(output: Output): void {
    switch (output.kind) {
      case 'send':
        // All but the data of a node is ASCII.
        this.frameSent(output.type === 'NODE_DATA' ? byteLength(output.text) : output.text.length)
        if (output.type === 'HANDSHAKE') this.#sent.handshakes += 1
        return
      case 'close':
        return this.#closed('us', output.frame.code)
      case 'report':
        if (output.event.kind === 'duplicate-closed') this.#duplicatesClosed += 1
        return
      default:
    }
  }

  /** A frame is sent, of the core or of messages. */
  frameSent(bytes: number): void {
    this.#sent.frames += 1
    this.#sent.bytes += bytes
  }

  handshakeReceived(): void {
    this.#received.handshakes += 1
  }

  roundTrip(ms: number): void {
    this.roundTripsMs.add(ms)
  }

  #dialEnded(outcome: DialOutcome): void {
    this.#dials.set(outcome, (this.#dials.get(outcome) ?? 0) + 1)
  }

  #closed(by: Ending['by'], code: number): void {
    const counted = this.#closes.get(`${by} ${code}`)
    if (counted !== undefined) counted.count += 1
    else if (this.#closes.size < CLOSE_CODES_MAX || code === OTHER_CODES) {
      this.#closes.set(`${by} ${code}`, { by, code, count: 1 })
    } else this.#closed(by, OTHER_CODES)
  }
}
