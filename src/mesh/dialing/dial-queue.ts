/**
 * The dial gate: one function decides every dial, whatever made us want it. The address is reserved
 * before the dial, so that it cannot be dialed twice. This file holds who is wanted and who is
 * being dialed; how often and how soon is the address book's, and who may be dialed at all is
 * scope.ts's.
 */

import { type Address, placeOf } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import { admitsAddress, type DialPolicy, learnedPolicyFor } from '../address/scope.ts'
import {
  ALIASES_MAX,
  DIALS_LEARNED_MAX,
  DIALS_MAX,
  DIALS_UNCALLED,
  OWN_SPELLING_MS,
} from '../limits.ts'
import { DialPace } from './dial-pace.ts'

/**
 * Why we dial: to join a node, or to see who answers on an address that a linked peer says is its
 * own.
 */
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
  /** How long dials take. */
  readonly pace = new DialPace()

  readonly #book: AddressBook
  readonly #connected: ReadonlySet<Address>
  /** Where we certainly are: no path on them leads to anybody else. */
  readonly #ownPlaces: ReadonlySet<string>
  /** Where dialing has reached ourselves, and until when that is believed. */
  readonly #ownSpellings = new Map<Address, number>()
  readonly #learnedPolicy: DialPolicy
  readonly #ownAddress: Address
  /** When they began, and how long they may take if we are not busy. */
  readonly #underWay = new Map<
    Address,
    { readonly startedMs: number; readonly timeoutMs: number }
  >()
  /** Of those, the ones that nobody but a peer's word made us dial. */
  readonly #learnedUnderWay = new Set<Address>()
  /** First come, first served. */
  readonly #wanted = new Set<Address>()
  /** The same for plain peers that called, who come before those. */
  readonly #wantedByCallers = new Set<Address>()
  /** The same for the operator's addresses, which come before all others. */
  readonly #wantedByOperator = new Set<Address>()

  /**
   * @param own where we can be dialed: the address that we tell, and other spellings that are
   * certain from the start
   * @param connected the live list of addresses that we are connected to
   */
  constructor(
    own: readonly [Address, ...Address[]],
    book: AddressBook,
    connected: ReadonlySet<Address>,
  ) {
    this.#book = book
    this.#connected = connected
    this.#ownAddress = own[0]
    this.#ownPlaces = new Set(own.slice(1).map(placeOf))
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
    return this.#wanted.size + this.#wantedByCallers.size + this.#wantedByOperator.size
  }

  /** Whether the address is one of ours, as far as we know. */
  isOurs(address: Address, nowMs: number): boolean {
    if (address === this.#ownAddress || this.#ownPlaces.has(placeOf(address))) return true
    return this.believedOursUntilMs(address) > nowMs
  }

  /** Until when an address is taken for ours since dialing it has reached ourselves. */
  believedOursUntilMs(address: Address): number {
    return this.#ownSpellings.get(address) ?? Number.NEGATIVE_INFINITY
  }

  /**
   * Dialing the address has reached ourselves. Not for ever: whoever answers there may have copied
   * our identity.
   */
  addOwnSpelling(address: Address, nowMs: number): void {
    this.#ownSpellings.delete(address)
    if (this.#ownSpellings.size >= ALIASES_MAX) {
      const oldest = this.#ownSpellings.keys().next()
      if (!oldest.done) this.#ownSpellings.delete(oldest.value)
    }
    this.#ownSpellings.set(address, nowMs + OWN_SPELLING_MS)
  }

  /** The one decision. */
  gate(address: Address, purpose: Purpose, nowMs: number): GateVerdict {
    if (this.isOurs(address, nowMs)) return 'ourselves'
    if (this.#underWay.has(address)) return 'being-dialed'
    if (purpose === 'join' && this.#connected.has(address)) return 'connected'
    if (!this.admits(address)) return 'refused-by-policy'
    if (purpose === 'verify') return 'dial'
    if (this.#book.targetOf(address) !== undefined) return 'alias'
    const entry = this.#book.entry(address)
    if (entry === undefined) return 'unknown'
    return entry.notBeforeMs > nowMs ? 'backing-off' : 'dial'
  }

  /**
   * Whether policy lets us dial the address: the operator's always, a learned one if its scope is
   * ours.
   */
  admits(address: Address): boolean {
    return admitsAddress(this.policyFor(address), address)
  }

  policyFor(address: Address): DialPolicy {
    return this.#book.entry(address)?.known === true ? 'operator' : this.#learnedPolicy
  }

  /**
   * Asks for a dial as soon as there is a place for it. Idempotent.
   *
   * @param isCallBack whether a plain peer called, which then expects to be dialed at once
   */
  want(address: Address, isCallBack = false): void {
    if (this.#book.entry(address)?.known === true) this.#wantedByOperator.add(address)
    else if (isCallBack) this.#wantedByCallers.add(address)
    else this.#wanted.add(address)
  }

  /** Whether the address is being dialed, or waits for a place. */
  isAwaited(address: Address): boolean {
    return (
      this.#underWay.has(address) ||
      this.#wanted.has(address) ||
      this.#wantedByCallers.has(address) ||
      this.#wantedByOperator.has(address)
    )
  }

  /**
   * Takes the next wanted address that the gate lets through, or undefined. Whoever takes it begins
   * the dial.
   */
  next(nowMs: number): Address | undefined {
    return (
      this.#takeFrom(this.#wantedByOperator, DIALS_MAX, nowMs) ??
      this.#takeFrom(this.#wantedByCallers, DIALS_MAX - DIALS_UNCALLED, nowMs) ??
      this.#nextLearned(nowMs)
    )
  }

  #nextLearned(nowMs: number): Address | undefined {
    if (this.#learnedUnderWay.size >= this.pace.atOnce) return undefined
    const address = this.#takeFrom(this.#wanted, DIALS_LEARNED_MAX, nowMs)
    if (address !== undefined) this.#learnedUnderWay.add(address)
    return address
  }

  #takeFrom(wanted: Set<Address>, underWayMax: number, nowMs: number): Address | undefined {
    for (const address of wanted) {
      if (this.#underWay.size >= underWayMax) return undefined
      wanted.delete(address)
      if (this.gate(address, 'join', nowMs) === 'dial') return address
    }
    return undefined
  }

  /** Reserves the address: it is being dialed from now on. */
  begin(address: Address, nowMs: number, timeoutMs: number): void {
    const entry = this.#book.entry(address)
    if (entry !== undefined) entry.lastDialedMs = nowMs
    this.#underWay.set(address, { startedMs: nowMs, timeoutMs })
    this.track(address)
  }

  /** The dial of this address has ended well. */
  succeed(address: Address, nowMs: number): void {
    const dial = this.#underWay.get(address)
    if (dial !== undefined) this.pace.succeeded(nowMs - dial.startedMs)
    this.#end(address)
  }

  /** The dial of this address has ended badly; `isOverdue` when somebody is there and is slow. */
  fail(address: Address, isOverdue: boolean, nowMs: number): void {
    const dial = this.#underWay.get(address)
    if (!isOverdue) this.pace.failed()
    else if (dial !== undefined) this.pace.timedOut(nowMs - dial.startedMs - dial.timeoutMs)
    this.#end(address)
  }

  #end(address: Address): void {
    this.#underWay.delete(address)
    this.#learnedUnderWay.delete(address)
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
    this.#wantedByCallers.clear()
    this.#wantedByOperator.clear()
  }
}
