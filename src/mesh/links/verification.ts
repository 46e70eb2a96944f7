/**
 * Verification: dials claimed addresses to see who answers, one after the other; at a steady pace
 * once the mesh is quiescent, and more slowly while nodes join.
 */

import { type Address, hostOf } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import type { CoreContext } from '../context.ts'
import type { Connector } from '../dialing/connector.ts'
import type { DialBudget } from '../dialing/dial-budget.ts'
import type { DialGate } from '../dialing/dial-gate.ts'
import type { DialPace } from '../dialing/dial-pace.ts'
import type { DialQueue } from '../dialing/dial-queue.ts'
import type { Quiescence } from '../dialing/quiescence.ts'
import { VERIFY_PAUSE_MS_MAX } from '../limits.ts'
import type { Claims } from './claims.ts'
import { isFromItsHost } from './link.ts'
import type { LinkTable } from './link-table.ts'

export interface VerificationOptions {
  readonly book: AddressBook
  readonly budget: DialBudget
  readonly claims: Claims
  readonly links: LinkTable
  readonly gate: DialGate
  readonly queue: DialQueue
  readonly pace: DialPace
  readonly connector: Connector
  readonly quiescence: Quiescence
}

export class Verification {
  readonly #context: CoreContext
  readonly #options: VerificationOptions
  #isDue = false
  #verifiedMs = Number.NEGATIVE_INFINITY

  constructor(context: CoreContext, options: VerificationOptions) {
    this.#context = context
    this.#options = options
  }

  /** It is time to verify a claim, unless nodes are joining. */
  check(): void {
    const { nowMs, timings } = this.#context
    const { claims, pace, quiescence } = this.#options
    const dueMs = claims.dueMs()
    if (dueMs === undefined) return
    const latestMs = Math.max(dueMs, this.#verifiedMs) + VERIFY_PAUSE_MS_MAX
    // On a busy machine nodes can be about to join for as long as a dial takes.
    const pauseMs = Math.max(timings.verifyMs, pace.boundMs)
    const quiescentMs = quiescence.quiescentAtMs(pauseMs, latestMs)
    this.#isDue = quiescentMs <= nowMs
    if (!this.#isDue) this.#checkAt(quiescentMs)
  }

  /** Dials contested addresses, and then for the next claim, as far as there is a place. */
  dialDue(): void {
    const { claims, gate, queue } = this.#options
    const { nowMs, timings } = this.#context
    for (const address of claims.dueContests()) {
      if (queue.isFull) break
      const verdict = gate.verdict(address, 'verify', nowMs)
      if (verdict === 'dial') this.#dialContested(address)
      else if (verdict !== 'being-dialed') claims.settleContest(address)
    }
    if (!this.#isDue || queue.isFull) return
    this.#isDue = false
    this.#verifiedMs = nowMs
    const mayDial = (claimed: Address): boolean => gate.verdict(claimed, 'verify', nowMs) === 'dial'
    const address = claims.next(nowMs, nowMs + timings.redialMaxMs, mayDial)
    if (address !== undefined) this.#dial(address)
    const dueMs = claims.dueMs()
    if (dueMs !== undefined) this.#checkAt(Math.max(dueMs, nowMs + timings.verifyMs))
  }

  /**
   * Strangers can contest any addresses of a host, to flood or scan it through us; but they must
   * not use up the dials that show whose a node's address is. So those do not wait: of an address
   * that was reached before, the operator's, or one that a link from its own host claims.
   */
  #dialContested(address: Address): void {
    const { book, budget, claims, links } = this.#options
    const { nowMs, timers } = this.#context
    const entry = book.entry(address)
    const host = hostOf(address)
    const isFromThere = links
      .ofAddress(address)
      .some((link) => link.origin.kind === 'accepted' && isFromItsHost(link))
    const isFree = entry?.known === true || entry?.reached === true || isFromThere
    const atMs = isFree ? nowMs : budget.hostAllowedAtMs(host, nowMs)
    if (atMs > nowMs) {
      claims.pauseContest(address)
      return timers.set({ kind: 'contest', subject: address }, atMs)
    }
    budget.takeOfHost(host, nowMs)
    this.#dial(address)
  }

  #dial(address: Address): void {
    const { claims, connector } = this.#options
    claims.dialed(address)
    connector.dial(address)
  }

  #checkAt(atMs: number): void {
    const { timers } = this.#context
    timers.set({ kind: 'verify', subject: 'mesh' }, atMs)
  }
}
