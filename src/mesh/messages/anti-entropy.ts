/**
 * AntiEntropy: mends what somebody missed. Now and then a node tells one peer, picked at random,
 * whom it is connected to.
 */

import { antiEntropyDelayMs } from '../address/backoff.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'

/** What repair works with. */
export interface AntiEntropyOptions {
  readonly connections: ConnectionTable
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  readonly random: () => number
}

/** Mends what we or our peers missed. */
export class AntiEntropy {
  readonly #options: AntiEntropyOptions

  constructor(options: AntiEntropyOptions) {
    this.#options = options
  }

  /** Sets the time of the next repair. */
  schedule(): void {
    const { random, connections, timers, timings, turn } = this.#options
    const delayMs = antiEntropyDelayMs(connections.connectedAddresses.size, random(), timings)
    timers.set({ kind: 'anti-entropy', subject: 'mesh' }, turn.nowMs + delayMs)
  }

  /** Tells one random peer whom we are connected to, and sets the time of the next repair. */
  perform(): void {
    const { random, connections } = this.#options
    this.schedule()
    const addresses = [...connections.connectedAddresses]
    const address = addresses[Math.floor(random() * addresses.length)]
    const link = address === undefined ? undefined : connections.links.ofAddress(address)[0]
    if (link !== undefined) connections.sendHandshake(link)
  }
}
