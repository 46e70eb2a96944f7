/**
 * What a node remembers of addresses: the operator's, those that peers named, how dialing them
 * went, when to try again, when to forget them, and which are other spellings of one another. It
 * holds no links and decides no dial; the dial gate in dial-queue.ts does.
 */

import {
  ALIASES_MAX,
  BOOK_ADDRESSES_MAX,
  EAGERNESS,
  FAILURES_BEFORE_FORGETTING,
  FORGET_AFTER_MS,
  LOSS_PAUSE_MIN,
  PLACE_ADDRESSES_MAX,
} from '../limits.ts'
import type { Timings } from '../timings.ts'
import { type Address, placeOf } from './address.ts'
import { type RedialOptions, redialDelayMs } from './backoff.ts'

/** What is remembered of one address. */
export interface Entry {
  readonly address: Address
  /**
   * From known-peers.json: never forgotten, and not subject to the policy for learned addresses.
   */
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

/**
 * What follows from a failure: another dial at a time, or nothing, because the address is
 * forgotten.
 */
export type Verdict =
  | { readonly kind: 'retry'; readonly atMs: number }
  | { readonly kind: 'forgotten' }

/** The book. */
export class AddressBook {
  readonly #entries = new Map<Address, Entry>()
  /** How many learned addresses are on each place. */
  readonly #places = new Map<string, number>()
  /** Another spelling -> the address that the peer calls its own. */
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

  /** How many other spellings are remembered. */
  get aliasCount(): number {
    return this.#aliases.size
  }

  /** The entry of text that equals a remembered address; it need not be parsed for that. */
  find(text: string): Entry | undefined {
    const entries: ReadonlyMap<string, Entry> = this.#entries
    return entries.get(text)
  }

  /** All entries, the operator's first, then in the order in which they were learned. */
  entries(): Iterable<Readonly<Entry>> {
    return this.#entries.values()
  }

  entry(address: Address): Entry | undefined {
    return this.#entries.get(address)
  }

  /**
   * Notes an address that a peer named. False when the book, or its place, is full of better ones.
   * Idempotent.
   */
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

  /** Forgets a learned address; an operator's address stays. */
  forget(address: Address): void {
    if (this.#entries.get(address)?.known !== false) return
    this.#entries.delete(address)
    const place = placeOf(address)
    const onPlace = this.#onPlace(place)
    if (onPlace > 1) this.#places.set(place, onPlace - 1)
    else this.#places.delete(place)
  }

  /** A link to the address stands, and a dial has shown that it is the peer's. */
  reached(address: Address, nowMs: number): void {
    const entry = this.#entries.get(address)
    if (entry !== undefined) entry.lastReachedMs = nowMs
  }

  /** A link to the address that stood for `livedMs` is gone. */
  lost(address: Address, livedMs: number, nowMs: number, random: number): Verdict {
    const entry = this.#entries.get(address)
    if (entry === undefined) return { kind: 'forgotten' }
    if (entry.lastReachedMs !== undefined) entry.lastReachedMs = nowMs
    // A peer that goes as soon as it comes would otherwise be dialed every second for ever.
    entry.failures = livedMs >= this.#timings.stableAfterMs ? 0 : entry.failures + 1
    const leastMs = LOSS_PAUSE_MIN * this.#timings.redialMinMs
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
    const eagerness = entry.known && entry.lastReachedMs === undefined ? EAGERNESS : 1
    return this.#retry(entry, nowMs, random, { eagerness })
  }

  #retry(entry: Entry, nowMs: number, random: number, options: RedialOptions): Verdict {
    entry.notBeforeMs = nowMs + redialDelayMs(entry.failures, random, this.#timings, options)
    return { kind: 'retry', atMs: entry.notBeforeMs }
  }

  /**
   * Remembers that dialing `alias` reaches the peer whose own address is `target`. A target is no
   * alias, and what was another spelling of `alias` is now one of `target`: peers that name each
   * other must not make both undialable.
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
      // Nobody would try the operator's again once its target is gone.
      if (this.#entries.get(alias)?.known === true) continue
      this.#aliases.delete(alias)
      return
    }
  }

  /** Forgets that `alias` is another spelling. Idempotent. */
  removeAlias(alias: Address): void {
    this.#aliases.delete(alias)
  }

  /** The address that `alias` is another spelling of, or undefined. */
  targetOf(alias: Address): Address | undefined {
    return this.#aliases.get(alias)
  }

  /**
   * Forgets all other spellings of an address that is no longer reached, and returns those of the
   * operator.
   */
  releaseAliases(target: Address): readonly Address[] {
    const released: Address[] = []
    for (const [alias, of] of this.#aliases) {
      if (of !== target) continue
      this.#aliases.delete(alias)
      if (this.#entries.get(alias)?.known === true) released.push(alias)
    }
    return released
  }

  /**
   * Makes room by forgetting the never reached address with the most failures. False when there is
   * none.
   */
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
