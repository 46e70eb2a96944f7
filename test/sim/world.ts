/** The world of one run: what all processes share. */

import type { Address } from '../../src/mesh/address/address.ts'
import type { Timings } from '../../src/mesh/timings.ts'
import type { MessageWorld } from './messages/message-world.ts'
import { type Latency, Network } from './network.ts'
import { Pairs } from './pairs.ts'
import type { Random } from './random.ts'
import { Tally } from './tally.ts'
import type { Trace } from './trace.ts'
import { VirtualTime } from './virtual-time.ts'

/** What a world is made of. */
export interface WorldOptions {
  readonly random: Random
  readonly latency: Latency
  readonly timings: Timings
  readonly trace: Trace
  /** Jobs that may run without time passing. Default: for 1,000 nodes. */
  readonly jobsAtOnceMax?: number
}

/** The world. */
export class World {
  readonly time: VirtualTime
  readonly tally = new Tally()
  readonly network: Network
  readonly pairs: Pairs
  readonly random: Random
  readonly trace: Trace
  /** Addresses that none of our nodes may dial because a peer named them. */
  readonly forbidden = new Set<Address>()
  /** Undefined in runs without messages. */
  messages: MessageWorld | undefined
  #lastNumber = 0

  constructor({ random, latency, timings, trace, jobsAtOnceMax }: WorldOptions) {
    this.time = new VirtualTime(jobsAtOnceMax)
    this.random = random
    this.trace = trace
    this.network = new Network(this.time, random.fork(), latency)
    this.pairs = new Pairs(this.network, timings, this.tally)
    this.network.onDropped = (socket) => this.pairs.end(socket)
  }

  nextNumber(): number {
    this.#lastNumber += 1
    return this.#lastNumber
  }

  /** Adds a line to the trace that belongs to no node. */
  note(what: string): void {
    this.trace.note(this.time.nowMs, '*', () => what)
  }
}
