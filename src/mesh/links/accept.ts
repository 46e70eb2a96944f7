/**
 * The reception: a socket opened, by us or by a peer; who is it, may it stay, and for which address
 * does it stand? Whoever stays is the roster's from then on; how the dial went is the seeker's.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { Seeker } from '../dialing/connector.ts'
import type { LinkId } from '../inputs.ts'
import { DIALS_MAX } from '../limits.ts'
import type { Turn } from '../turn.ts'
import {
  claimOf,
  type Objection,
  objectionToClaim,
  objectionToCrowd,
  objectionToNumber,
  objectionToPeer,
} from './admission.ts'
import type { Roster } from './connection-table.ts'
import { type Link, newLink } from './link.ts'

/** What the reception works with. */
export interface ReceptionOptions {
  /** Who we are. */
  readonly identity: Identity
  readonly roster: Roster
  readonly seeker: Seeker
  readonly turn: Turn
}

/** Receives those who were dialed and those who call. */
export class Reception {
  readonly #identity: Identity
  readonly #roster: Roster
  readonly #seeker: Seeker
  readonly #turn: Turn
  /** Calls of our own that came in and whose success was not told yet. */
  #ownCalls = 0

  constructor({ identity, roster, seeker, turn }: ReceptionOptions) {
    this.#identity = identity
    this.#roster = roster
    this.#seeker = seeker
    this.#turn = turn
  }

  // --- Dialed ------------------------------------------------------------------------------------

  /** A dial ended with an open socket. */
  meet(dialed: Address, id: LinkId, identity: Identity | undefined): void {
    const link = newLink(id, { kind: 'dialed', address: dialed }, identity, this.#turn.nowMs)
    if (identity?.id === this.#identity.id) return this.#meetOwnId(link, dialed)
    const objection = this.#objectionTo(identity)
    if (objection !== undefined) {
      this.#object(link, objection)
      return this.#seeker.failed(dialed, objection.reason)
    }
    this.#roster.ownership.evictPretenders(dialed, identity)
    const claimed = claimOf(identity)
    // A peer may call itself what only it can dial, or what is somebody else's; then the address
    // that we reached it on is the better name.
    const isAlias =
      claimed !== undefined &&
      claimed !== dialed &&
      this.#seeker.dialing.admits(claimed) &&
      !this.#roster.ownership.isOwnedByOther(claimed, identity)
    if (!isAlias) return this.#roster.becomeConnected(link, dialed, true)
    this.#seeker.foundAlias(dialed, claimed)
    this.#roster.becomeConnected(link, claimed, false)
  }

  /**
   * Our own id answers. We have met ourselves only if our own call came in, too: an id is no
   * secret, and whoever answers in our name would keep us from the address.
   */
  #meetOwnId(link: Link, dialed: Address): void {
    if (this.#ownCalls === 0) {
      const reason = 'you tell our own id, but are not us'
      this.#roster.refuse(link, CloseCode.ADDRESS_TAKEN, reason)
      return this.#seeker.failed(dialed, reason)
    }
    this.#ownCalls -= 1
    this.#roster.closeQuietly(link, CloseCode.SELF, 'this is yourself')
    this.#seeker.foundOurselves(dialed)
    this.#roster.ownership.evictPretenders(dialed, this.#identity)
  }

  // --- Accepted ----------------------------------------------------------------------------------

  /** A peer dialed us, from this end of a socket. */
  receive(id: LinkId, remote: string, identity: Identity | undefined): void {
    const { links } = this.#roster
    const claimed = claimOf(identity)
    // Who tells no address that is one, tells nothing that we could use.
    const peer = claimed === undefined ? undefined : identity
    const link = newLink(id, { kind: 'accepted', remote }, peer, this.#turn.nowMs)
    if (peer?.id === this.#identity.id) {
      // The other end of our own dial, whose success is about to be told.
      this.#ownCalls = Math.min(this.#ownCalls + 1, DIALS_MAX)
      return this.#roster.closeQuietly(link, CloseCode.SELF, 'this is yourself')
    }
    const objection =
      objectionToCrowd(links) ??
      this.#objectionTo(peer) ??
      objectionToClaim(claimed, (address) => this.#seeker.dialing.admits(address))
    if (objection !== undefined) return this.#object(link, objection)
    if (peer === undefined || claimed === undefined) return this.#roster.admit(link)
    const surplus = objectionToNumber(links.ofPeer(peer))
    if (surplus !== undefined) {
      this.#object(link, surplus)
      return this.#roster.ownership.doubtPeer(peer)
    }
    const siblings = links.ofPeer(peer)
    const verified = siblings.some((other) => other.verified && other.address === claimed)
    this.#roster.becomeConnected(link, claimed, verified)
  }

  // --- Either ------------------------------------------------------------------------------------

  #objectionTo(identity: Identity | undefined): Objection | undefined {
    return objectionToPeer(this.#identity, identity, (address) =>
      this.#seeker.dialing.isOurs(address, this.#turn.nowMs),
    )
  }

  #object(link: Link, { code, reason, expected }: Objection): void {
    if (expected) this.#roster.closeQuietly(link, code, reason)
    else this.#roster.refuse(link, code, reason)
  }
}
