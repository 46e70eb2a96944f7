/**
 * Our own address: whether it leads to us. A node whose operator set ADDRESS dials it. Only proof
 * counts against it: another node answers there, or a peer that is no stranger refuses us for it.
 * No answer proves nothing, since many networks cannot reach their own outer address.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { CloseCode, closeFrame } from '../wire/close-codes.ts'
import type { Identity, MeshId } from '../wire/headers.ts'
import { type Address, placeOf } from './address/address.ts'
import type { AddressBook } from './address/address-book.ts'
import { learnedPolicyFor } from './address/scope.ts'
import type { CoreContext } from './context.ts'
import type { Sources } from './dialing/sources.ts'
import type { Ending } from './events.ts'
import type { DialFailure, LinkId } from './inputs.ts'
import { BOOK_ADDRESSES_MAX, OWN_ADDRESS_CHECK_MS } from './limits.ts'
import type { Link } from './links/link.ts'
import { announcedAddressOf } from './links/objections.ts'

export class OwnAddress {
  readonly #context: CoreContext
  readonly #address: Address
  readonly #ownId: MeshId
  readonly #book: AddressBook
  readonly #sources: Sources
  #state: 'unknown' | 'ours' | 'unanswered' | 'taken' = 'unknown'
  /**
   * Peers that refuse us for our address: it is another node's, or they may not dial it. Each
   * counts until it takes a link, or is out of reach, or forgotten.
   */
  readonly #refusals = new BoundedMap<Address, 'taken' | 'unreachable'>(BOOK_ADDRESSES_MAX)
  /** Whether a verified peer reached us at our address. */
  #isReached = false

  constructor(
    context: CoreContext,
    address: Address,
    ownId: MeshId,
    book: AddressBook,
    sources: Sources,
  ) {
    this.#context = context
    this.#address = address
    this.#ownId = ownId
    this.#book = book
    this.#sources = sources
  }

  /** Whether another node was found on it. */
  get isTaken(): boolean {
    return this.#state === 'taken' || this.#isRefusedAs('taken')
  }

  #isRefusedAs(kind: 'taken' | 'unreachable'): boolean {
    return [...this.#refusals].some(([, why]) => why === kind)
  }

  /** Dials our address. Not through the dial gate, which refuses it. */
  check(): void {
    const { dialTimeoutMs: timeoutMs } = this.#context.timings
    this.#context.order({ kind: 'dial', address: this.#address, policy: 'operator', timeoutMs })
  }

  /** A node answered on our address. */
  dialed(link: LinkId, identity: Identity | undefined): void {
    const isOurs = identity?.id === this.#ownId
    const frame = isOurs
      ? closeFrame(CloseCode.SELF, 'dialer and acceptor are the same node')
      : closeFrame(CloseCode.ADDRESS_TAKEN, `both nodes announce ${this.#address}`)
    this.#context.order({ kind: 'close', link, frame })
    if (!isOurs && this.#state !== 'taken') this.#reportTaken(undefined)
    this.#state = isOurs ? 'ours' : 'taken'
    if (!isOurs) this.#checkAgain()
  }

  dialFailed(failure: DialFailure, reason: string): void {
    if (this.#state === 'taken') return this.#checkAgain()
    if (this.#isReached) return
    this.#state = 'unanswered'
    const address = this.#address
    this.#context.report({ kind: 'own-address-unanswered', address, failure, reason })
  }

  /**
   * A peer has these links, and some of them may be verified now. One by which it says that it
   * dialed our address proves that others can; of a stranger it would only be a claim.
   */
  linked(links: readonly Link[]): void {
    if (this.#isReached) return
    const proof = links.find((link) => link.verified && this.#isToOurAddress(link))
    if (proof?.address === undefined) return
    this.#isReached = true
    if (this.#state !== 'unanswered') return
    this.#state = 'unknown'
    const by = proof.address
    this.#context.report({ kind: 'own-address-reached', address: this.#address, by })
  }

  #isToOurAddress({ origin }: Link): boolean {
    if (origin.kind !== 'accepted' || origin.dialedHost === undefined) return false
    return placeOf(this.#address).endsWith(`//${origin.dialedHost.toLowerCase()}`)
  }

  /** A peer ended the link. Only one that we had dialed shows who refuses us. */
  refused(link: Link, peer: Address, { by, code }: Ending): void {
    if (by !== 'peer' || !this.#isJudge(link)) return
    if (code === CloseCode.ADDRESS_TAKEN) {
      if (!this.isTaken) this.#reportTaken(peer)
      this.#refusals.set(peer, 'taken')
    }
    if (code === CloseCode.ADDRESS_UNREACHABLE) {
      if (!this.#isRefusedAs('unreachable')) this.#reportRefused(link, peer)
      this.#refusals.set(peer, 'unreachable')
    }
  }

  /**
   * Whether a peer is no stranger: a dial reached it on an address that the operator or a source
   * names, or it has proven the secret. A stranger can make us dial addresses of its own, and
   * answer there what it likes; two of them can vouch for each other.
   */
  #isJudge({ address, identity, origin, trusted, verified }: Link): boolean {
    if (origin.kind !== 'dialed' || identity === undefined) return false
    const isNamed = (named: Address): boolean =>
      this.#sources.names(named) || this.#book.entry(named)?.known === true
    const isReached = verified && address !== undefined
    return trusted || isNamed(origin.address) || (isReached && isNamed(address))
  }

  /** A peer takes a link of ours, so it does not refuse our address. */
  accepted({ address, verified }: Link): void {
    if (address !== undefined && verified) this.#refusals.delete(address)
  }

  /** No dial reaches a peer at the address any more, or the operator had it forgotten. */
  peerGone(address: Address): void {
    this.#refusals.delete(address)
    // Of a known peer, by another spelling. A stranger can announce any address at its own.
    const entry = this.#book.entry(address)
    const target = entry?.known && (this.#book.targetOf(address) ?? entry.lastTarget)
    if (target) this.#refusals.delete(target)
  }

  #reportTaken(foundBy: Address | undefined): void {
    this.#context.report({ kind: 'own-address-taken', address: this.#address, foundBy })
  }

  #reportRefused({ identity }: Link, by: Address): void {
    const address = this.#address
    const theirs = learnedPolicyFor(announcedAddressOf(identity) ?? by)
    const isPeerLocal = theirs === 'loopback' && learnedPolicyFor(address) !== 'loopback'
    this.#context.report({ kind: 'own-address-refused', address, by, isPeerLocal })
  }

  #checkAgain(): void {
    const { nowMs, timers } = this.#context
    timers.set({ kind: 'own-address', subject: 'mesh' }, nowMs + OWN_ADDRESS_CHECK_MS)
  }
}
