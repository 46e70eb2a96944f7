/**
 * The dial gate: one function decides every dial, whatever made us want it. The address is reserved before the dial, so
 * that it cannot be dialed twice. This file holds who is wanted and who is being dialed; how often and how soon is the
 * address book's, and who may be dialed at all is scope.ts's.
 */

import type { Address } from './address.ts'
import type { AddressBook } from './address-book.ts'
import { ALIASES_MAX, DIALS_MAX } from './limits.ts'
import { admitsAddress, type DialPolicy, learnedPolicyFor } from './scope.ts'

/** Why we dial: to join a node, or to see who answers on an address that a linked peer says is its own. */
export type Purpose = 'join' | 'verify'

/** Whether an address is to be dialed, and if not, why. */
export type GateVerdict =
  | 'dial'
  | 'ourselves'
  | 'being-dialed'
  | 'connected'
  | 'alias'
  | 'unknown'
  | 'backing-off'
  | 'refused-by-policy'

/** Dials that are wanted, and dials under way. */
export class Dialing {
  /** The list of the user stories: addresses being dialed that we are not connected to. */
  readonly attemptingToConnectToAddress = new Set<Address>()

  readonly #book: AddressBook
  readonly #connected: ReadonlySet<Address>
  readonly #ownSpellings: Set<Address>
  readonly #learnedPolicy: DialPolicy
  readonly #underWay = new Set<Address>()
  /** First come, first served. */
  readonly #wanted = new Set<Address>()

  /**
   * @param own where we can be dialed: the address that we tell, and other spellings that are certain from the start
   * @param connected the live list of addresses that we are connected to
   */
  constructor(
    own: readonly [Address, ...Address[]],
    book: AddressBook,
    connected: ReadonlySet<Address>,
  ) {
    this.#book = book
    this.#connected = connected
    this.#ownSpellings = new Set(own)
    this.#learnedPolicy = learnedPolicyFor(own[0])
  }

  /** How many dials are under way. */
  get underWay(): number {
    return this.#underWay.size
  }

  /** Whether the next dial has to wait for the end of one. */
  get isFull(): boolean {
    return this.#underWay.size >= DIALS_MAX
  }

  /** How many addresses wait for a place. */
  get waiting(): number {
    return this.#wanted.size
  }

  /** Whether the address is one of ours, as far as we know. */
  isOurs(address: Address): boolean {
    return this.#ownSpellings.has(address)
  }

  /** Remembers another spelling of our own address. */
  addOwnSpelling(address: Address): void {
    if (this.#ownSpellings.size < ALIASES_MAX) this.#ownSpellings.add(address)
  }

  /** The one decision. */
  gate(address: Address, purpose: Purpose, nowMs: number): GateVerdict {
    if (this.isOurs(address)) return 'ourselves'
    if (this.#underWay.has(address)) return 'being-dialed'
    if (purpose === 'join' && this.#connected.has(address)) return 'connected'
    if (!this.admits(address)) return 'refused-by-policy'
    if (purpose === 'verify') return 'dial'
    if (this.#book.targetOf(address) !== undefined) return 'alias'
    const entry = this.#book.entry(address)
    if (entry === undefined) return 'unknown'
    return entry.notBeforeMs > nowMs ? 'backing-off' : 'dial'
  }

  /** Whether policy lets us dial the address: the operator's always, a learned one if its scope is ours. */
  admits(address: Address): boolean {
    return admitsAddress(this.policyFor(address), address)
  }

  policyFor(address: Address): DialPolicy {
    return this.#book.entry(address)?.known === true ? 'operator' : this.#learnedPolicy
  }

  /** Asks for a dial as soon as there is a place for it. Idempotent. */
  want(address: Address): void {
    this.#wanted.add(address)
  }

  /** Takes the next wanted address that the gate lets through, or undefined. Whoever takes it begins the dial. */
  next(nowMs: number): Address | undefined {
    for (const address of this.#wanted) {
      if (this.isFull) return undefined
      this.#wanted.delete(address)
      if (this.gate(address, 'join', nowMs) === 'dial') return address
    }
    return undefined
  }

  /** Reserves the address: it is being dialed from now on. */
  begin(address: Address, nowMs: number): void {
    const entry = this.#book.entry(address)
    if (entry !== undefined) entry.lastDialedMs = nowMs
    this.#underWay.add(address)
    this.track(address)
  }

  /** The dial of this address has ended, well or badly. */
  end(address: Address): void {
    this.#underWay.delete(address)
    this.track(address)
  }

  /** Brings `attemptingToConnectToAddress` up to date after the address was connected or lost. */
  track(address: Address): void {
    if (this.#underWay.has(address) && !this.#connected.has(address)) {
      this.attemptingToConnectToAddress.add(address)
    } else {
      this.attemptingToConnectToAddress.delete(address)
    }
  }

  /** Wants nothing any more. */
  clear(): void {
    this.#wanted.clear()
  }
}
