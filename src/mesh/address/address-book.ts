/**
 * The address book: known peers and learned addresses, how dials of them ended, when to dial them
 * again, when to drop them, and their aliases: other addresses of the same peer.
 */

import { BoundedMap } from '../../structures/bounded-map.ts'
import {
  BOOK_ADDRESSES_MAX,
  FAILURES_BEFORE_DROPPING,
  FIRST_REDIAL_DIVISOR,
  FORGET_AFTER_MS,
  FORGOTTEN_ADDRESSES_MAX,
  LOSS_PAUSE_FRACTION_MIN,
  LOST_TOGETHER_MS,
  PLACE_ADDRESSES_MAX,
  RETURN_PAUSE_FACTOR_MAX,
  RETURN_PAUSE_FRACTION,
  TAUGHT_ADDRESSES_MAX,
} from '../limits.ts'
import type { Timings } from '../timings.ts'
import { type Address, placeOf } from './address.ts'
import { Aliases } from './aliases.ts'
import { type RedialOptions, redialDelayMs } from './backoff.ts'
import { Entry, type Teacher } from './entry.ts'
import { toGiveWay, toGiveWayIn } from './making-room.ts'
import { Unreached } from './unreached.ts'

/** What follows from a failure. */
export type Verdict =
  | { readonly kind: 'retry'; readonly atMs: number }
  | { readonly kind: 'dropped' }

/** How a dial failed. */
export interface Failure {
  /** Its host answers, and no process listens there. */
  readonly isRefused?: boolean
  /**
   * More addresses of its host wait than may be dialed. One that was never reached is not tried
   * again: peers name it again if it is real.
   */
  readonly isCrowded?: boolean
  /**
   * A source still names it. One that was dropped would be learned again at the next answer, and
   * dialed as often as at first.
   */
  readonly isNamed?: boolean
}

export class AddressBook {
  /** The operator's addresses. */
  readonly #knownPeers: Set<Address>
  readonly #entries = new Map<Address, Entry>()
  /** The learned ones that no link leads to, and none ever led to. */
  readonly #unreached = new Unreached()
  /** How many learned addresses are on each place. */
  readonly #places = new Map<string, number>()
  readonly #aliases = new Aliases((address) => this.#knownPeers.has(address))
  /** What the operator had removed, and since when. */
  readonly #forgotten = new BoundedMap<Address, number>(FORGOTTEN_ADDRESSES_MAX)
  readonly #timings: Timings

  constructor(knownPeers: readonly Address[], timings: Timings) {
    this.#timings = timings
    this.#knownPeers = new Set(knownPeers)
    for (const address of knownPeers) this.#entries.set(address, new Entry(address, true))
  }

  /** The operator's addresses, live. */
  get knownPeers(): ReadonlySet<Address> {
    return this.#knownPeers
  }

  /** How many addresses are remembered. */
  get size(): number {
    return this.#entries.size
  }

  /** How many aliases are remembered. */
  get aliasCount(): number {
    return this.#aliases.size
  }

  /** How many addresses are remembered that the operator had removed. */
  get forgottenCount(): number {
    return this.#forgotten.size
  }

  /** The entry of a canonical address, given as unparsed text. */
  find(text: string): Readonly<Entry> | undefined {
    const entries: ReadonlyMap<string, Entry> = this.#entries
    return entries.get(text)
  }

  /** All entries: known peers of the start, then all others in the order in which they came. */
  entries(): Iterable<Readonly<Entry>> {
    return this.#entries.values()
  }

  entry(address: Address): Readonly<Entry> | undefined {
    return this.#entries.get(address)
  }

  /** Makes an address a known peer, for which another one may have to make room. Idempotent. */
  addKnown(address: Address, nowMs: number): void {
    this.#knownPeers.add(address)
    this.cameBack(address)
    const entry = this.#entries.get(address)
    if (entry === undefined) {
      if (this.#entries.size >= BOOK_ADDRESSES_MAX) this.#makeRoom('')
      this.#entries.set(address, new Entry(address, true))
      return
    }
    if (!entry.known) this.#removeFromShares(entry)
    entry.known = true
    entry.notBeforeMs = Math.min(entry.notBeforeMs, nowMs)
  }

  /** All addresses by which a peer is remembered, its own first; none for one that is not. */
  spellingsOf(address: Address): readonly Address[] {
    const target = this.targetOf(address) ?? this.#entries.get(address)?.lastTarget ?? address
    const known = [...this.knownPeers].filter(
      (one) => this.#entries.get(one)?.lastTarget === target && this.targetOf(one) === undefined,
    )
    const others = [...this.#aliases.of(target), ...known]
    return this.#entries.has(target) || others.length > 0 ? [target, ...others] : []
  }

  /** Removes an address for the operator, also a known peer: no peer may name it for a day. */
  remove(address: Address, nowMs: number): void {
    if (this.#knownPeers.delete(address)) this.#entries.delete(address)
    else this.drop(address)
    this.#aliases.remove(address)
    this.#forgotten.set(address, nowMs)
  }

  /** Whether the operator had it removed within a day, and it has not come back since. */
  isForgotten(address: Address, nowMs: number): boolean {
    const sinceMs = this.#forgotten.get(address)
    return sinceMs !== undefined && nowMs < sinceMs + FORGET_AFTER_MS
  }

  /** The peer of the address links to us, so that it may be learned again. Idempotent. */
  cameBack(address: Address): void {
    this.#forgotten.delete(address)
  }

  /**
   * Adds an address that a peer named. False when the book, its host and port, or the share of the
   * teacher is full. Idempotent.
   */
  learn(address: Address, teacher: Teacher): boolean {
    if (this.#entries.has(address)) {
      this.named(address, teacher)
      return true
    }
    const { name } = teacher
    const place = placeOf(address)
    if (this.#onPlace(place) >= PLACE_ADDRESSES_MAX) return false
    const isShareFull = this.#unreached.countOf(name) >= TAUGHT_ADDRESSES_MAX
    if (isShareFull && !this.#giveWay(toGiveWayIn(this.#unreached, name, name))) return false
    if (this.#entries.size >= BOOK_ADDRESSES_MAX && !this.#makeRoom(name)) return false
    const entry = new Entry(address, false)
    this.#entries.set(address, entry)
    this.#places.set(place, this.#onPlace(place) + 1)
    entry.addTeacher(teacher)
    this.#unreached.add(name, entry)
    return true
  }

  /** A peer named an address of the book. Whether that was not recorded yet, and is now. */
  named(address: Address, teacher: Teacher): boolean {
    const entry = this.#entries.get(address)
    if (entry?.takes(teacher) !== true) return false
    const replaced = entry.addTeacher(teacher)
    if (replaced !== undefined) this.#unreached.remove(replaced.name, entry)
    if (isUnreached(entry)) this.#unreached.add(teacher.name, entry)
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

  /** Drops a learned address, which may be learned again; a known peer stays. */
  drop(address: Address): void {
    const entry = this.#entries.get(address)
    if (entry === undefined || entry.known) return
    this.#entries.delete(address)
    this.#removeFromShares(entry)
  }

  #removeFromShares(entry: Entry): void {
    for (const { name } of entry.teachers) this.#unreached.remove(name, entry)
    const place = placeOf(entry.address)
    const onPlace = this.#onPlace(place)
    if (onPlace > 1) this.#places.set(place, onPlace - 1)
    else this.#places.delete(place)
  }

  /** A link is bound to the address, and may not be verified. */
  linked(address: Address): void {
    this.cameBack(address)
    const entry = this.#entries.get(address)
    if (entry === undefined) return
    entry.linked = true
    for (const { name } of entry.teachers) this.#unreached.remove(name, entry)
  }

  /** A link to the address stands, and is verified. */
  reached(address: Address, nowMs: number): void {
    const entry = this.#entries.get(address)
    if (entry === undefined) return
    entry.lastReachedMs = nowMs
    for (const { name } of entry.teachers) this.#unreached.remove(name, entry)
  }

  /**
   * A link to the address that was bound to it for `livedMs` is gone. It is not dialed again before
   * `leastMs`.
   */
  lost(
    address: Address,
    livedMs: number,
    nowMs: number,
    random: number,
    leastMs = LOSS_PAUSE_FRACTION_MIN * this.#timings.redialMinMs,
  ): Verdict {
    const isStable = livedMs >= this.#timings.stableAfterMs
    if (isStable) this.#resetKnownSpellings(address, nowMs - livedMs)
    const entry = this.#entries.get(address)
    if (entry === undefined) return { kind: 'dropped' }
    entry.linked = false
    entry.lostMs = nowMs
    entry.unanswered = false
    if (entry.reached) entry.lastReachedMs = nowMs
    if (isUnreached(entry)) for (const { name } of entry.teachers) this.#unreached.add(name, entry)
    // An alias is not dialed to join, and nothing else would ever remove its entry.
    if (!entry.known && this.targetOf(address) !== undefined) {
      this.drop(address)
      return { kind: 'dropped' }
    }
    // Or else a peer that closes at once would be dialed every second for ever.
    entry.failures = isStable ? 0 : entry.failures + 1
    return this.#retry(entry, nowMs, random, { leastMs })
  }

  /** Known peers that last led to the peer at this address, and were not dialed since its link. */
  #resetKnownSpellings(address: Address, linkedMs: number): void {
    for (const known of this.#knownPeers) {
      const entry = this.#entries.get(known)
      if (entry?.lastTarget === address && entry.lastDialedMs <= linkedMs) entry.failures = 0
    }
  }

  /** A dial to the address failed. */
  failed(
    address: Address,
    nowMs: number,
    random: number,
    { isCrowded = false, isNamed = false, isRefused = false }: Failure = {},
  ): Verdict {
    const entry = this.#entries.get(address)
    if (entry === undefined) return { kind: 'dropped' }
    entry.failures += 1
    entry.unanswered = !isRefused
    const isKept = entry.known || (isNamed && !entry.reached)
    if (!isKept && (isDead(entry, nowMs) || (isCrowded && !entry.reached))) {
      this.drop(address)
      return { kind: 'dropped' }
    }
    const firstDivisor = entry.known && !entry.answered ? FIRST_REDIAL_DIVISOR : 1
    const leastMs = isRefused && !entry.known ? this.#returnPauseMs(entry) : 0
    return this.#retry(entry, nowMs, random, { firstDivisor, leastMs })
  }

  /** How long a node has to dial us once it is started again, in ms; none that was lost alone. */
  #returnPauseMs({ lostMs }: Entry): number {
    if (lostMs === undefined) return 0
    const others = this.#lostTogether(lostMs).length - 1
    const { redialMinMs } = this.#timings
    return redialMinMs * Math.min(RETURN_PAUSE_FACTOR_MAX, others * RETURN_PAUSE_FRACTION)
  }

  /**
   * A link to the address stands again. If it was lost with others, and no dial was answered since,
   * their path has healed, and they wait as we do: ends their backoff, and returns them.
   */
  healed(address: Address, nowMs: number): readonly Address[] {
    const entry = this.#entries.get(address)
    if (entry?.lostMs === undefined || entry.linked || !entry.unanswered) return []
    const others = this.#lostTogether(entry.lostMs).filter(
      (other) => other !== entry && other.unanswered,
    )
    // A dial that began before may still fail.
    for (const other of others) other.failures = 0
    return others.map((other) => other.address).filter((other) => this.allowFrom(other, nowMs))
  }

  /** The entries that were lost at about this time, and have not come back. */
  #lostTogether(atMs: number): readonly Entry[] {
    return [...this.#entries.values()].filter(
      ({ linked, lostMs }) =>
        !linked && lostMs !== undefined && Math.abs(lostMs - atMs) <= LOST_TOGETHER_MS,
    )
  }

  #retry(entry: Entry, nowMs: number, random: number, options: RedialOptions): Verdict {
    entry.notBeforeMs = nowMs + redialDelayMs(entry.failures, random, this.#timings, options)
    return { kind: 'retry', atMs: entry.notBeforeMs }
  }

  /** A dial of `alias` reached the peer whose own address is `target`. */
  addAlias(alias: Address, target: Address): void {
    this.#aliases.add(alias, target)
    this.drop(alias)
    const entry = this.#entries.get(alias)
    if (entry !== undefined) entry.lastTarget = target
  }

  /** Idempotent. */
  removeAlias(alias: Address): void {
    this.#aliases.remove(alias)
  }

  /** The address that `alias` is an alias of, or undefined. */
  targetOf(alias: Address): Address | undefined {
    return this.#aliases.targetOf(alias)
  }

  /** Drops the aliases of an address that is out of reach. Returns those that are known peers. */
  releaseAliases(target: Address): readonly Address[] {
    return this.#aliases.release(target)
  }

  /** Makes room for one more address of a teacher. False when none may give way. */
  #makeRoom(teacher: string): boolean {
    return this.#giveWay(toGiveWay(this.#unreached, this.#entries.values(), teacher))
  }

  #giveWay(entry: Entry | undefined): boolean {
    if (entry === undefined) return false
    this.drop(entry.address)
    return true
  }
}

function isUnreached({ known, linked, reached }: Entry): boolean {
  return !known && !linked && !reached
}

function isDead(entry: Entry, nowMs: number): boolean {
  if (entry.lastReachedMs === undefined) return entry.failures >= FAILURES_BEFORE_DROPPING
  return nowMs - entry.lastReachedMs >= FORGET_AFTER_MS
}
