/**
 * Repair: mends what somebody missed. Now and then a node tells one peer, picked at random, whom it
 * is connected to.
 */

import { repairDelayMs } from '../address/backoff.ts'
import type { Roster } from '../links/connection-table.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'

/** What repair works with. */
export interface RepairOptions {
  readonly roster: Roster
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  readonly random: () => number
}

/** Mends what we or our peers missed. */
export class Repair {
  readonly #options: RepairOptions

  constructor(options: RepairOptions) {
    this.#options = options
  }

  /** Sets the time of the next repair. */
  schedule(): void {
    const { random, roster, timers, timings, turn } = this.#options
    const delayMs = repairDelayMs(roster.connectedAddresses.size, random(), timings)
    timers.set({ kind: 'repair', subject: 'mesh' }, turn.nowMs + delayMs)
  }

  /** Tells one random peer whom we are connected to, and sets the time of the next repair. */
  perform(): void {
    const { random, roster } = this.#options
    this.schedule()
    const addresses = [...roster.connectedAddresses]
    const address = addresses[Math.floor(random() * addresses.length)]
    const link = address === undefined ? undefined : roster.links.ofAddress(address)[0]
    if (link !== undefined) roster.sayHandshake(link)
  }
}
