/**
 * Ownership: which node an address belongs to. The node that answers there owns it; a node that
 * only announces it has a claim, until a dial shows who answers (verification.ts).
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import type { CoreContext } from '../context.ts'
import type { Ending } from '../events.ts'
import { CONTEST_PAUSE_MS_MIN } from '../limits.ts'
import type { Claims } from './claims.ts'
import type { ConnectionTable } from './connection-table.ts'
import { isFullFor } from './eviction.ts'
import { becomeUnverified, becomeVerified, isDialedOnItsAddress, type Link } from './link.ts'
import type { LinkTable } from './link-table.ts'

export class Ownership {
  readonly #context: CoreContext
  readonly #links: LinkTable
  readonly #book: AddressBook
  readonly #claims: Claims
  readonly #connections: ConnectionTable

  constructor(
    context: CoreContext,
    links: LinkTable,
    book: AddressBook,
    claims: Claims,
    connections: ConnectionTable,
  ) {
    this.#context = context
    this.#links = links
    this.#book = book
    this.#claims = claims
    this.#connections = connections
  }

  /**
   * The owner answered on an address: closes the links of all others that claimed it. Returns the
   * addresses on which those were reached, which are not aliases of this one.
   */
  evictImpostors(address: Address, owner: Identity | undefined): readonly Address[] {
    const disproved: Address[] = []
    for (const link of this.#links.ofAddress(address)) {
      if (link.identity?.id === owner?.id) continue
      const { origin } = link
      this.#connections.close(link, CloseCode.ADDRESS_TAKEN, `another node answers on ${address}`)
      if (origin.kind === 'dialed' && origin.address !== address) disproved.push(origin.address)
    }
    return disproved
  }

  /** Whether another node than the claimant was reached on an address. */
  isOwnedByOther(address: Address, claimant: Identity | undefined): boolean {
    const owners = this.#links.ofAddress(address).filter((link) => link.verified)
    return owners.some((link) => link.identity?.id !== claimant?.id)
  }

  /** A link is bound to an address now. */
  connected(link: Link, address: Address): void {
    if (link.verified) this.#settleClaims(link)
    else this.#openClaim(link)
    if (isDialedOnItsAddress(link)) this.#claims.dialed(address)
    if (areInDoubt(this.#links.ofAddress(address))) this.#contest(address)
  }

  /** The peer takes the link. */
  greeted(link: Link): void {
    const { address } = link
    if (address !== undefined && isDialedOnItsAddress(link)) this.#claims.settleContest(address)
  }

  /** A dial of the address ended without a link. Returns whether the address was contested. */
  dialFailed(address: Address): boolean {
    return this.#claims.settleContest(address)
  }

  /** The address is dialed ahead of other claims, to see whose it is. */
  #contest(address: Address): void {
    const { nowMs, timers } = this.#context
    const atMs = Math.max(nowMs, this.#lastDialedMs(address) + CONTEST_PAUSE_MS_MIN)
    this.#claims.contest(address, atMs <= nowMs)
    if (atMs > nowMs) timers.set({ kind: 'contest', subject: address }, atMs)
  }

  #lastDialedMs(address: Address): number {
    return this.#book.entry(address)?.lastDialedMs ?? Number.NEGATIVE_INFINITY
  }

  #openClaim(link: Link): void {
    const { nowMs, timers, timings } = this.#context
    this.#claims.open(link, nowMs)
    // After a pause, which keeps the pace: the last claim may have been verified just now.
    timers.bringForward({ kind: 'verify', subject: 'mesh' }, nowMs + timings.verifyMs)
  }

  /** The peer was reached on its address, so the same claim on its other links is true. */
  #settleClaims(link: Link): void {
    if (link.address === undefined) return
    this.#connections.verified(link.address)
    for (const other of this.#links.ofAddress(link.address)) {
      if (other.identity?.id !== link.identity?.id) continue
      this.#becomeVerified(other)
      this.#claims.settle(other)
    }
  }

  /**
   * A link is gone, and others may be bound to its address. Those that were verified by it have the
   * same id; but an id is no secret. They are verified again, unless they are trusted, a ruling of
   * ours closed it, or the dialed peer did that had taken it: it keeps another link.
   */
  ended(link: Link, address: Address, { by, code }: Ending): void {
    const others = this.#links
      .ofAddress(address)
      .filter((other) => !other.trusted && !isDialedOnItsAddress(other))
    this.#claims.settleContest(address)
    const wasTaken = isDialedOnItsAddress(link) && link.state === 'ready'
    const isDuplicate = code === CloseCode.DUPLICATE
    if (isDuplicate && (by === 'us' || wasTaken)) return
    for (const other of others) this.#reverify(other)
    const isUrgent = !isDuplicate || (isDialedOnItsAddress(link) && !this.#isPeerFull(link))
    if (isUrgent && others.length > 0 && !this.#isProven(address)) this.#contest(address)
  }

  /** Whether a peer has as many other links as it may: it refuses each dial until one is closed. */
  #isPeerFull({ identity }: Link): boolean {
    return identity !== undefined && isFullFor(this.#links.ofPeer(identity))
  }

  /**
   * A peer has as many links as it may, and dialed once more. An impostor may hold them and keep
   * the peer out, so its address is dialed.
   */
  peerRefused(claimed: Address): void {
    if (!this.#isProven(claimed)) this.#contest(claimed)
  }

  #isProven(address: Address): boolean {
    return this.#links.ofAddress(address).some(isDialedOnItsAddress)
  }

  #becomeVerified(link: Link): void {
    becomeVerified(link)
    if (link.identity?.messages !== true) return
    this.#context.order({ kind: 'messages', fact: { kind: 'link-verified', link: link.id } })
  }

  #reverify(link: Link): void {
    becomeUnverified(link)
    this.#openClaim(link)
  }
}

/**
 * Whether the links to one address can be those of several nodes: their ids differ, which can be a
 * mistake, or several of one id were accepted and none was dialed on the address.
 */
function areInDoubt(links: readonly Link[]): boolean {
  const ids = new Set(links.map(({ identity }) => identity?.id))
  if (ids.size > 1) return true
  const accepted = links.filter(({ origin }) => origin.kind === 'accepted')
  const hasStranger = accepted.some(({ trusted }) => !trusted)
  return accepted.length > 1 && hasStranger && !links.some(isDialedOnItsAddress)
}
