/** The dial queue: addresses to be dialed as soon as there is a place, in three classes. */

import type { Address } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import { DIALS_LEARNED_MAX, DIALS_MAX, DIALS_NOT_FOR_DIAL_BACK } from '../limits.ts'
import type { DialGate } from './dial-gate.ts'
import type { DialPace } from './dial-pace.ts'

/** First come, first served within a class. */
export class DialQueue {
  readonly #book: AddressBook
  readonly #gate: DialGate
  readonly #pace: DialPace
  /** The operator's addresses come first. */
  readonly #known = new Set<Address>()
  /** Then plain peers that dialed us. */
  readonly #dialBacks = new Set<Address>()
  /** Then all others. */
  readonly #learned = new Set<Address>()
  /** Dials that only a peer's word asked for. */
  readonly #learnedDials = new Set<Address>()

  constructor(book: AddressBook, gate: DialGate, pace: DialPace) {
    this.#book = book
    this.#gate = gate
    this.#pace = pace
  }

  /** How many addresses wait for a place. */
  get waiting(): number {
    return this.#known.size + this.#dialBacks.size + this.#learned.size
  }

  /** Whether the next dial has to wait until one ends. */
  get isFull(): boolean {
    return this.#gate.openDials >= DIALS_MAX
  }

  /**
   * Adds an address. Idempotent.
   *
   * @param isDialBack whether a plain peer dialed us, which expects to be dialed at once
   */
  add(address: Address, isDialBack = false): void {
    if (this.#book.entry(address)?.known === true) this.#known.add(address)
    else if (isDialBack) this.#dialBacks.add(address)
    else this.#learned.add(address)
  }

  /** Whether the address is being dialed, or waits for a place. */
  isQueuedOrDialing(address: Address): boolean {
    return (
      this.#gate.isBeingDialed(address) ||
      this.#learned.has(address) ||
      this.#dialBacks.has(address) ||
      this.#known.has(address)
    )
  }

  /** Takes the next address that the gate lets through, or undefined. The caller dials it. */
  next(nowMs: number): Address | undefined {
    return (
      this.#takeFrom(this.#known, DIALS_MAX, nowMs) ??
      this.#takeFrom(this.#dialBacks, DIALS_MAX - DIALS_NOT_FOR_DIAL_BACK, nowMs) ??
      this.#nextLearned(nowMs)
    )
  }

  #nextLearned(nowMs: number): Address | undefined {
    if (this.#learnedDials.size >= this.#pace.atOnce) return undefined
    const address = this.#takeFrom(this.#learned, DIALS_LEARNED_MAX, nowMs)
    if (address !== undefined) this.#learnedDials.add(address)
    return address
  }

  #takeFrom(waiting: Set<Address>, dialsMax: number, nowMs: number): Address | undefined {
    for (const address of waiting) {
      if (this.#gate.openDials >= dialsMax) return undefined
      waiting.delete(address)
      if (this.#gate.verdict(address, 'join', nowMs) === 'dial') return address
    }
    return undefined
  }

  /** The dial of this address has reached a peer. */
  succeeded(address: Address, nowMs: number): void {
    const dial = this.#end(address)
    if (dial !== undefined) this.#pace.succeeded(nowMs - dial.startedMs)
  }

  /** The dial of this address has failed; `isUnanswered` when TCP connected and no answer came. */
  failed(address: Address, isUnanswered: boolean, nowMs: number): void {
    const dial = this.#end(address)
    if (!isUnanswered) this.#pace.failed()
    else if (dial !== undefined) this.#pace.timedOut(nowMs - dial.startedMs - dial.timeoutMs)
  }

  #end(address: Address): ReturnType<DialGate['end']> {
    this.#learnedDials.delete(address)
    return this.#gate.end(address)
  }

  clear(): void {
    this.#learned.clear()
    this.#dialBacks.clear()
    this.#known.clear()
  }
}
