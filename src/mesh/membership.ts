/**
 * Membership: which nodes belong to the mesh, connected or not, and whether it is complete.
 *
 * A member is an entry of known-peers.json; or a peer that was linked in this run, and verified by
 * a dial or named by a second peer; or an address that verified peers name, two of them once a dial
 * of it has failed. Not ourselves, nor a node that closed the last link to its address because it
 * stops, nor one that was forgotten, nor what only strangers named.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { CloseCode } from '../wire/close-codes.ts'
import type { Address } from './address/address.ts'
import { hostOf } from './address/address.ts'
import type { AddressBook } from './address/address-book.ts'
import type { Entry } from './address/entry.ts'
import { ipVersion } from './address/ip.ts'
import type { DialGate } from './dialing/dial-gate.ts'
import type { Sources } from './dialing/sources.ts'
import type { Ending } from './events.ts'
import { BOOK_ADDRESSES_MAX } from './limits.ts'
import { isOnThisMachine, type Link } from './links/link.ts'
import type { OwnAddress } from './own-address.ts'

/** Whether the mesh is complete as far as this node can tell, or why not. */
export type Completeness =
  /** All members are linked. */
  | { readonly kind: 'complete' }
  /**
   * Of the known peers none has ever answered, apart from this node itself; or there are sources,
   * and no peer was ever connected.
   */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'missing'; readonly count: number }
  /** Another node answers on our address, so that nobody can dial us. */
  | { readonly kind: 'address-taken' }

export class Membership {
  readonly #own: OwnAddress
  readonly #book: AddressBook
  readonly #gate: DialGate
  readonly #sources: Sources
  readonly #connected: ReadonlySet<Address>
  readonly #departed = new BoundedMap<Address, true>(BOOK_ADDRESSES_MAX)
  /** Addresses that are linked and that no dial has verified, and the hosts of their peers. */
  readonly #unconfirmed = new Map<Address, string>()
  /** Addresses that were linked and that a second peer named: members until they are forgotten. */
  readonly #confirmed = new BoundedMap<Address, true>(BOOK_ADDRESSES_MAX)
  /** Addresses with the hosts from which or to which verified links to them led. */
  readonly #hosts = new BoundedMap<string, true>(2 * BOOK_ADDRESSES_MAX)
  #isKnownPeerReached = false
  #isAnyReached = false

  /** @param connected the live list of addresses that we are connected to */
  constructor(
    own: OwnAddress,
    book: AddressBook,
    gate: DialGate,
    sources: Sources,
    connected: ReadonlySet<Address>,
  ) {
    this.#own = own
    this.#book = book
    this.#gate = gate
    this.#sources = sources
    this.#connected = connected
  }

  /** A link is bound to the address. */
  reached(address: Address, link: Link): void {
    this.#isAnyReached = true
    this.#noteHost(address, link)
    if (this.#speaksFor(link, address)) this.#departed.delete(address)
    this.#unconfirmed.delete(address)
    if (!link.verified) this.#claimed(address, link)
    this.#isKnownPeerReached ||= this.#hasKnown((known) => known === address)
  }

  /** The operator has added a known peer, to which we may be connected. */
  added(): void {
    this.#isKnownPeerReached ||= this.#hasKnown((known) => this.#connected.has(known))
  }

  #hasKnown(is: (address: Address) => boolean): boolean {
    const { knownPeers } = this.#book
    return [...knownPeers].some((known) => is(this.#book.targetOf(known) ?? known))
  }

  /** The operator has removed an address. What was learned of it counts no more. */
  removed(address: Address): void {
    this.#departed.delete(address)
    this.#confirmed.delete(address)
  }

  /** Whole meshes run on this machine, and its strangers have simpler ways to harm a node. */
  #claimed(address: Address, link: Link): void {
    const { host } = link.origin
    const teachers = this.#book.entry(address)?.teachers ?? []
    const isConfirmed = isOnThisMachine(link) || teachers.some(({ name }) => name !== host)
    if (isConfirmed) this.#confirmed.set(address, true)
    else this.#unconfirmed.set(address, host)
  }

  /** A peer names these addresses: it confirms those that are linked and not verified yet. */
  named(data: readonly string[], by: Link): void {
    if (this.#unconfirmed.size === 0) return
    const unconfirmed: ReadonlyMap<string, string> = this.#unconfirmed
    const namer = by.origin.host
    for (const text of data) {
      const host = unconfirmed.get(text)
      if (host === undefined || text === by.address) continue
      // Two links from one host can be one stranger's.
      const isOther = by.verified || host !== namer
      const address = isOther ? this.#book.find(text)?.address : undefined
      if (address === undefined) continue
      this.#unconfirmed.delete(address)
      this.#confirmed.set(address, true)
    }
  }

  /** The last link that was bound to the address is gone. */
  lost(address: Address, link: Link, { by, code }: Ending): void {
    this.#unconfirmed.delete(address)
    this.#noteHost(address, link)
    const isDeparture = by === 'peer' && code === CloseCode.GOING_AWAY
    if (isDeparture && this.#speaksFor(link, address)) this.#departed.set(address, true)
  }

  /**
   * Whether a link shows that the node of an address is there, or leaves. A stranger can claim the
   * address of a node that was killed; but of one that no dial ever reached nothing is known
   * without it.
   */
  #speaksFor(link: Link, address: Address): boolean {
    if (link.verified || link.trusted || isOnThisMachine(link)) return true
    const isFromThere = this.#hosts.has(hostKey(address, link))
    return isFromThere || this.#book.entry(address)?.reached !== true
  }

  #noteHost(address: Address, link: Link): void {
    if (link.verified) this.#hosts.set(hostKey(address, link), true)
  }

  /** Members that are not linked, in the order of the book: known peers first. */
  *missing(nowMs: number): Generator<Address> {
    for (const entry of this.#book.entries()) {
      const { address } = entry
      if (this.#connected.has(address) || !this.#isMember(entry)) continue
      // Another spelling of a node stands for it.
      if (this.#book.targetOf(address) !== undefined || this.#isSpelling(entry)) continue
      if (!this.#gate.isOwnAddress(address, nowMs)) yield address
    }
  }

  completeness(nowMs: number): Completeness {
    if (this.#own.isTaken) return { kind: 'address-taken' }
    const isWaiting = this.#isWaiting(nowMs)
    const count = [...this.missing(nowMs)].length
    if (count > 0 && !(isWaiting && this.#connected.size === 0)) return { kind: 'missing', count }
    return { kind: isWaiting ? 'waiting' : 'complete' }
  }

  /** Whether a known peer was another spelling of a member that is missing, too. */
  #isSpelling({ lastTarget }: Readonly<Entry>): boolean {
    const target = lastTarget && this.#book.entry(lastTarget)
    return target !== undefined && this.#isMember(target) && !this.#connected.has(target.address)
  }

  #isMember(entry: Readonly<Entry>): boolean {
    if (entry.known) return true
    if (this.#departed.has(entry.address)) return false
    if (entry.reached || this.#confirmed.has(entry.address)) return true
    return entry.verifiedTeachers > (entry.failures === 0 ? 0 : 1)
  }

  /** A node alone whose name for others led to itself waits for them: their hosts may not be up. */
  #isWaiting(nowMs: number): boolean {
    const isAlone = this.#connected.size === 0
    const isOurs = (known: Address): boolean =>
      this.#gate.isOwnAddress(known, nowMs) && !(isAlone && ipVersion(hostOf(known)) === 0)
    if (this.#sources.size > 0 && !this.#isAnyReached) return true
    return !this.#isKnownPeerReached && ![...this.#book.knownPeers].every(isOurs)
  }
}

function hostKey(address: Address, { origin }: Link): string {
  return `${address} ${origin.host}`
}
