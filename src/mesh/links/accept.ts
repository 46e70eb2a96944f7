/**
 * The accept: a socket opened, by us or by a peer; who is it, may it stay, and for which address
 * does it stand? Whoever stays is the connections's from then on; how the dial went is the
 * connector's.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { Connector } from '../dialing/connector.ts'
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
import type { ConnectionTable } from './connection-table.ts'
import { type Link, newLink } from './link.ts'

/** What the accept works with. */
export interface AcceptOptions {
  /** Who we are. */
  readonly identity: Identity
  readonly connections: ConnectionTable
  readonly connector: Connector
  readonly turn: Turn
}

/** Receives those who were dialed and those who call. */
export class Accept {
  readonly #identity: Identity
  readonly #connections: ConnectionTable
  readonly #connector: Connector
  readonly #turn: Turn
  /** Calls of our own that came in and whose success was not told yet. */
  #ownCalls = 0

  constructor({ identity, connections, connector, turn }: AcceptOptions) {
    this.#identity = identity
    this.#connections = connections
    this.#connector = connector
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
      return this.#connector.failed(dialed, objection.reason)
    }
    this.#connections.ownership.evictImpostors(dialed, identity)
    const claimed = claimOf(identity)
    // A peer may call itself what only it can dial, or what is somebody else's; then the address
    // that we reached it on is the better name.
    const isAlias =
      claimed !== undefined &&
      claimed !== dialed &&
      this.#connector.dialing.admits(claimed) &&
      !this.#connections.ownership.isOwnedByOther(claimed, identity)
    if (!isAlias) return this.#connections.becomeConnected(link, dialed, true)
    this.#connector.foundAlias(dialed, claimed)
    this.#connections.becomeConnected(link, claimed, false)
  }

  /**
   * Our own id answers. We have met ourselves only if our own call came in, too: an id is no
   * secret, and whoever answers in our name would keep us from the address.
   */
  #meetOwnId(link: Link, dialed: Address): void {
    if (this.#ownCalls === 0) {
      const reason = 'you tell our own id, but are not us'
      this.#connections.refuse(link, CloseCode.ADDRESS_TAKEN, reason)
      return this.#connector.failed(dialed, reason)
    }
    this.#ownCalls -= 1
    this.#connections.closeQuietly(link, CloseCode.SELF, 'this is yourself')
    this.#connector.foundOurselves(dialed)
    this.#connections.ownership.evictImpostors(dialed, this.#identity)
  }

  // --- Accepted ----------------------------------------------------------------------------------

  /** A peer dialed us, from this end of a socket. */
  receive(id: LinkId, remote: string, identity: Identity | undefined): void {
    const { links } = this.#connections
    const claimed = claimOf(identity)
    // Who tells no address that is one, tells nothing that we could use.
    const peer = claimed === undefined ? undefined : identity
    const link = newLink(id, { kind: 'accepted', remote }, peer, this.#turn.nowMs)
    if (peer?.id === this.#identity.id) {
      // The other end of our own dial, whose success is about to be told.
      this.#ownCalls = Math.min(this.#ownCalls + 1, DIALS_MAX)
      return this.#connections.closeQuietly(link, CloseCode.SELF, 'this is yourself')
    }
    const objection =
      objectionToCrowd(links) ??
      this.#objectionTo(peer) ??
      objectionToClaim(claimed, (address) => this.#connector.dialing.admits(address))
    if (objection !== undefined) return this.#object(link, objection)
    if (peer === undefined || claimed === undefined) return this.#connections.admit(link)
    const surplus = objectionToNumber(links.ofPeer(peer))
    if (surplus !== undefined) {
      this.#object(link, surplus)
      return this.#connections.ownership.doubtPeer(peer)
    }
    const siblings = links.ofPeer(peer)
    const verified = siblings.some((other) => other.verified && other.address === claimed)
    this.#connections.becomeConnected(link, claimed, verified)
  }

  // --- Either ------------------------------------------------------------------------------------

  #objectionTo(identity: Identity | undefined): Objection | undefined {
    return objectionToPeer(this.#identity, identity, (address) =>
      this.#connector.dialing.isOurs(address, this.#turn.nowMs),
    )
  }

  #object(link: Link, { code, reason, expected }: Objection): void {
    if (expected) this.#connections.closeQuietly(link, code, reason)
    else this.#connections.refuse(link, code, reason)
  }
}
