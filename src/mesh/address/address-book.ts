/**
 * The address book: known peers and learned addresses, how dials of them ended, when to dial them
 * again, when to forget them, and their aliases: other addresses of the same peer.
 */

import {
  ALIASES_MAX,
  BOOK_ADDRESSES_MAX,
  FAILURES_BEFORE_FORGETTING,
  FIRST_REDIAL_DIVISOR,
  FORGET_AFTER_MS,
  LOSS_PAUSE_FRACTION_MIN,
  PLACE_ADDRESSES_MAX,
} from '../limits.ts'
import type { Timings } from '../timings.ts'
import { type Address, placeOf } from './address.ts'
import { type RedialOptions, redialDelayMs } from './backoff.ts'

/** What is remembered of one address. */
export interface Entry {
  readonly address: Address
  /** In known-peers.json: never forgotten, and not subject to the policy for learned addresses. */
  readonly known: boolean
  /** Failed dials, and links that did not live long, in a row. */
  failures: number
  /** When a link to it last stood, or undefined when no dial ever reached it. */
  lastReachedMs: number | undefined
  /** Not to be dialed before. */
  notBeforeMs: number
  /** When it was last dialed. */
  lastDialedMs: number
}

/** What follows from a failure. */
export type Verdict =
  | { readonly kind: 'retry'; readonly atMs: number }
  | { readonly kind: 'forgotten' }

export class AddressBook {
  readonly #entries = new Map<Address, Entry>()
  /** How many learned addresses are on each place. */
  readonly #places = new Map<string, number>()
  /** Alias -> the address that the peer announces. */
  readonly #aliases = new Map<Address, Address>()
  readonly #timings: Timings

  constructor(knownPeers: readonly Address[], timings: Timings) {
    this.#timings = timings
    for (const address of knownPeers) this.#entries.set(address, newEntry(address, true))
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#entries.size
  }

  /** How many aliases are remembered. */
  get aliasCount(): number {
    return this.#aliases.size
  }

  /** The entry of a canonical address, given as unparsed text. */
  find(text: string): Readonly<Entry> | undefined {
    const entries: ReadonlyMap<string, Entry> = this.#entries
    return entries.get(text)
  }

  /** All entries: known peers, then learned addresses in the order in which they came. */
  entries(): Iterable<Readonly<Entry>> {
    return this.#entries.values()
  }

  entry(address: Address): Readonly<Entry> | undefined {
    return this.#entries.get(address)
  }

  /** Adds a learned address. False when the book, or its host and port, is full. Idempotent. */
  learn(address: Address): boolean {
    if (this.#entries.has(address)) return true
    const place = placeOf(address)
    if (this.#onPlace(place) >= PLACE_ADDRESSES_MAX) return false
    if (this.#entries.size >= BOOK_ADDRESSES_MAX && !this.#evict()) return false
    this.#entries.set(address, newEntry(address, false))
    this.#places.set(place, this.#onPlace(place) + 1)
    return true
  }

  #onPlace(place: string): number {
    return this.#places.get(place) ?? 0
  }

  /** A dial of the address begins. */
  dialed(address: Address, nowMs: number): void {
    const entry = this.#entries.get(address)
    if (entry !== undefined) entry.lastDialedMs = nowMs
  }

  /** Ends the backoff of an address at a time. False when it ends sooner anyway. */
  allowFrom(address: Address, atMs: number): boolean {
    const entry = this.#entries.get(address)
    if (entry === undefined || atMs >= entry.notBeforeMs) return false
    entry.notBeforeMs = atMs
    return true
  }

  /** Forgets a learned address; a known peer stays. */
  forget(address: Address): void {
    if (this.#entries.get(address)?.known !== false) return
    this.#entries.delete(address)
    const place = placeOf(address)
    const onPlace = this.#onPlace(place)
    if (onPlace > 1) this.#places.set(place, onPlace - 1)
    else this.#places.delete(place)
  }

  /** A link to the address stands, and is verified. */
  reached(address: Address, nowMs: number): void {
    const entry = this.#entries.get(address)
    if (entry !== undefined) entry.lastReachedMs = nowMs
  }

  /** A link to the address that was bound to it for `livedMs` is gone. */
  lost(address: Address, livedMs: number, nowMs: number, random: number): Verdict {
    const entry = this.#entries.get(address)
    if (entry === undefined) return { kind: 'forgotten' }
    if (entry.lastReachedMs !== undefined) entry.lastReachedMs = nowMs
    // Or else a peer that closes at once would be dialed every second for ever.
    entry.failures = livedMs >= this.#timings.stableAfterMs ? 0 : entry.failures + 1
    const leastMs = LOSS_PAUSE_FRACTION_MIN * this.#timings.redialMinMs
    return this.#retry(entry, nowMs, random, { leastMs })
  }

  /** A dial to the address failed. */
  failed(address: Address, nowMs: number, random: number): Verdict {
    const entry = this.#entries.get(address)
    if (entry === undefined) return { kind: 'forgotten' }
    entry.failures += 1
    if (!entry.known && isDead(entry, nowMs)) {
      this.forget(address)
      return { kind: 'forgotten' }
    }
    const firstDivisor = entry.known && entry.lastReachedMs === undefined ? FIRST_REDIAL_DIVISOR : 1
    return this.#retry(entry, nowMs, random, { firstDivisor })
  }

  #retry(entry: Entry, nowMs: number, random: number, options: RedialOptions): Verdict {
    entry.notBeforeMs = nowMs + redialDelayMs(entry.failures, random, this.#timings, options)
    return { kind: 'retry', atMs: entry.notBeforeMs }
  }

  /**
   * A dial of `alias` reached the peer whose own address is `target`. A target is no alias, and
   * aliases of `alias` become aliases of `target`: peers that name each other must not make both
   * undialable.
   */
  addAlias(alias: Address, target: Address): void {
    this.#aliases.delete(alias)
    this.#aliases.delete(target)
    for (const [other, of] of this.#aliases) if (of === alias) this.#aliases.set(other, target)
    if (this.#aliases.size >= ALIASES_MAX) this.#dropOldestAlias()
    this.#aliases.set(alias, target)
    this.forget(alias)
  }

  #dropOldestAlias(): void {
    for (const alias of this.#aliases.keys()) {
      // A known peer is tried again once its target is gone.
      if (this.#entries.get(alias)?.known === true) continue
      this.#aliases.delete(alias)
      return
    }
  }

  /** Idempotent. */
  removeAlias(alias: Address): void {
    this.#aliases.delete(alias)
  }

  /** The address that `alias` is an alias of, or undefined. */
  targetOf(alias: Address): Address | undefined {
    return this.#aliases.get(alias)
  }

  /** Forgets the aliases of an address that is out of reach. Returns those that are known peers. */
  releaseAliases(target: Address): readonly Address[] {
    const released: Address[] = []
    for (const [alias, of] of this.#aliases) {
      if (of !== target) continue
      this.#aliases.delete(alias)
      if (this.#entries.get(alias)?.known === true) released.push(alias)
    }
    return released
  }

  /** Forgets the unreached address with the most failures. False when there is none. */
  #evict(): boolean {
    let worst: Entry | undefined
    for (const entry of this.#entries.values()) {
      if (entry.known || entry.lastReachedMs !== undefined || entry.failures === 0) continue
      if (worst === undefined || entry.failures > worst.failures) worst = entry
    }
    if (worst === undefined) return false
    this.forget(worst.address)
    return true
  }
}

function newEntry(address: Address, known: boolean): Entry {
  return {
    address,
    known,
    failures: 0,
    lastReachedMs: undefined,
    notBeforeMs: 0,
    lastDialedMs: Number.NEGATIVE_INFINITY,
  }
}

function isDead(entry: Entry, nowMs: number): boolean {
  if (entry.lastReachedMs === undefined) return entry.failures >= FAILURES_BEFORE_FORGETTING
  return nowMs - entry.lastReachedMs >= FORGET_AFTER_MS
}
