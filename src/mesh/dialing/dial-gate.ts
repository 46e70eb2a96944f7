/**
 * The dial gate: one function decides whether an address may be dialed, for every purpose. An
 * address is reserved before it is dialed, so that it is never dialed twice at once. The pause
 * between dials is set by address-book.ts, the policy by scope.ts.
 */

import { BoundedMap } from '../../structures/bounded-map.ts'
import { type Address, placeOf } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import { admitsAddress, type DialPolicy, learnedPolicyFor } from '../address/scope.ts'
import { ALIASES_MAX, OWN_ALIAS_MS_MAX, OWN_ALIAS_PAUSES_MS } from '../limits.ts'

/** `join`: to connect to a node. `verify`: to see who answers on an address that a peer claims. */
export type Purpose = 'join' | 'verify'

export type DialVerdict =
  | 'dial'
  | 'ourselves'
  | 'being-dialed'
  | 'connected'
  | 'alias'
  | 'unknown'
  | 'forgotten'
  | 'backing-off'
  | 'refused-by-policy'

/** A dial that has not ended. */
export interface OpenDial {
  readonly startedMs: number
  readonly timeoutMs: number
}

export class DialGate {
  /** The list of the user stories: addresses being dialed that we are not connected to. */
  readonly attemptingToConnectToAddress = new Set<Address>()

  readonly #book: AddressBook
  readonly #connected: ReadonlySet<Address>
  readonly #ownAddress: Address
  /** Host and port where only we can be: no path there leads to another node. */
  readonly #ownPlaces: ReadonlySet<string>
  /** Where dials reached ourselves, how often in a row, and until when that counts. */
  readonly #ownAliases = new BoundedMap<Address, { times: number; untilMs: number }>(ALIASES_MAX)
  readonly #learnedPolicy: DialPolicy
  readonly #dials = new Map<Address, OpenDial>()

  /**
   * @param ownAddresses the address that we announce, then aliases that are certain from the start
   * @param connected the live list of addresses that we are connected to
   */
  constructor(
    ownAddresses: readonly [Address, ...Address[]],
    book: AddressBook,
    connected: ReadonlySet<Address>,
  ) {
    const [ownAddress, ...aliases] = ownAddresses
    this.#book = book
    this.#connected = connected
    this.#ownAddress = ownAddress
    this.#ownPlaces = new Set(aliases.map(placeOf))
    this.#learnedPolicy = learnedPolicyFor(ownAddress)
  }

  /** Whether an address may be dialed now, and if not, why. */
  verdict(address: Address, purpose: Purpose, nowMs: number): DialVerdict {
    if (this.isOwnAddress(address, nowMs)) return 'ourselves'
    if (this.#dials.has(address)) return 'being-dialed'
    if (purpose === 'join' && this.#connected.has(address)) return 'connected'
    if (!this.admits(address)) return 'refused-by-policy'
    if (purpose === 'verify') return 'dial'
    if (this.#book.targetOf(address) !== undefined) return 'alias'
    const entry = this.#book.entry(address)
    if (entry === undefined) return this.#book.isForgotten(address, nowMs) ? 'forgotten' : 'unknown'
    return entry.notBeforeMs > nowMs ? 'backing-off' : 'dial'
  }

  /** Whether the address leads to ourselves, as far as it is known. */
  isOwnAddress(address: Address, nowMs: number): boolean {
    if (address === this.#ownAddress || this.#ownPlaces.has(placeOf(address))) return true
    return this.ownUntilMs(address) > nowMs
  }

  /** Until when an address counts as our own because a dial of it reached ourselves. */
  ownUntilMs(address: Address): number {
    return this.#ownAliases.get(address)?.untilMs ?? Number.NEGATIVE_INFINITY
  }

  /**
   * A dial reached ourselves. Counts for a while only: a peer may have copied our identity, and a
   * name may lead elsewhere next time. Returns how often in a row that was.
   */
  addOwnAlias(address: Address, nowMs: number): number {
    const times = 1 + (this.#ownAliases.get(address)?.times ?? 0)
    const isKnown = this.#book.entry(address)?.known === true
    const pauseMs = isKnown ? OWN_ALIAS_PAUSES_MS[times - 1] : undefined
    this.#ownAliases.set(address, { times, untilMs: nowMs + (pauseMs ?? OWN_ALIAS_MS_MAX) })
    return times
  }

  /** A dial of the address reached another node. */
  removeOwnAlias(address: Address): void {
    this.#ownAliases.delete(address)
  }

  /** Whether policy admits the address: the operator's always, a learned one by its scope. */
  admits(address: Address): boolean {
    return admitsAddress(this.policyFor(address), address)
  }

  policyFor(address: Address): DialPolicy {
    return this.#book.entry(address)?.known === true ? 'operator' : this.#learnedPolicy
  }

  /** How many dials have not ended. */
  get openDials(): number {
    return this.#dials.size
  }

  isBeingDialed(address: Address): boolean {
    return this.#dials.has(address)
  }

  /** Reserves the address: its dial begins. */
  begin(address: Address, nowMs: number, timeoutMs: number): void {
    this.#book.dialed(address, nowMs)
    this.#dials.set(address, { startedMs: nowMs, timeoutMs })
    this.updateAttempting(address)
  }

  /** The dial of the address has ended. Returns it, or undefined when there was none. */
  end(address: Address): OpenDial | undefined {
    const dial = this.#dials.get(address)
    this.#dials.delete(address)
    this.updateAttempting(address)
    return dial
  }

  /** Brings `attemptingToConnectToAddress` up to date after the address was connected or lost. */
  updateAttempting(address: Address): void {
    if (this.#dials.has(address) && !this.#connected.has(address)) {
      this.attemptingToConnectToAddress.add(address)
    } else {
      this.attemptingToConnectToAddress.delete(address)
    }
  }
}
