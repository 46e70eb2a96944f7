/**
 * When claims are looked into (claims.ts): one after the other, at a steady pace once the mesh
 * around us has come to rest, and at a slower one while nodes join.
 */

import type { Address } from '../address/address.ts'
import type { Connector } from '../dialing/connector.ts'
import type { Quiescence } from '../dialing/quiescence.ts'
import { VERIFY_PATIENCE_MS } from '../limits.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'
import type { Claims } from './claims.ts'

/** What verification works with. */
export interface VerificationOptions {
  readonly claims: Claims
  readonly connector: Connector
  readonly quiescence: Quiescence
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
}

/** Dials peers that only say where they can be dialed, to see who answers there. */
export class Verification {
  readonly #options: VerificationOptions
  #isDue = false
  #lookedMs = Number.NEGATIVE_INFINITY

  constructor(options: VerificationOptions) {
    this.#options = options
  }

  /** It is time to look into a claim, unless nodes are joining. */
  look(): void {
    const { quiescence, claims, connector, timings, turn } = this.#options
    const dueMs = claims.dueMs()
    if (dueMs === undefined) return
    const latestMs = Math.max(dueMs, this.#lookedMs) + VERIFY_PATIENCE_MS
    // On a busy machine nobody may join for a while although many are about to.
    const restMs = Math.max(timings.verifyMs, connector.dialing.pace.boundMs)
    const quiescentMs = quiescence.sinceMs(restMs, latestMs)
    this.#isDue = quiescentMs <= turn.nowMs
    if (!this.#isDue) this.#lookAgainAt(quiescentMs)
  }

  /** Dials for the next claim, if it is time and there is a place for the dial. */
  dialDue(): void {
    const { claims, connector, timings, turn } = this.#options
    if (!this.#isDue || connector.dialing.isFull) return
    this.#isDue = false
    const { nowMs } = turn
    this.#lookedMs = nowMs
    const mayDial = (claimed: Address): boolean =>
      connector.dialing.gate(claimed, 'verify', nowMs) === 'dial'
    const address = claims.next(nowMs, nowMs + timings.redialMaxMs, mayDial)
    if (address !== undefined) connector.dial(address)
    const dueMs = claims.dueMs()
    if (dueMs !== undefined) this.#lookAgainAt(Math.max(dueMs, nowMs + timings.verifyMs))
  }

  #lookAgainAt(atMs: number): void {
    this.#options.timers.set({ kind: 'verify', subject: 'mesh' }, atMs)
  }
}
