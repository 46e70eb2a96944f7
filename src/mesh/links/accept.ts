/**
 * Accept: a socket opened, dialed by us or by a peer. Decides whether the link may stay, and for
 * which address it stands. The verdicts on a peer are in objections.ts; which of two links to one
 * peer stays is decided later, in duplicates.ts.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import { type Address, hostOf } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import { hostOfIp, hostOfRemote } from '../address/ip.ts'
import { isLoopbackHost } from '../address/scope.ts'
import type { CoreContext } from '../context.ts'
import type { Connector } from '../dialing/connector.ts'
import type { DialGate } from '../dialing/dial-gate.ts'
import type { Sources } from '../dialing/sources.ts'
import type { DialSucceeded, LinkAccepted } from '../inputs.ts'
import { ACCEPTED_LINKS_MAX, TAUGHT_LINKS_MAX } from '../limits.ts'
import type { ConnectionTable } from './connection-table.ts'
import { isFullFor, leastShown, newestOfLarger, surplusOf } from './eviction.ts'
import { isDialedOnItsAddress, type Link, newLink } from './link.ts'
import type { LinkTable } from './link-table.ts'
import {
  announcedAddressOf,
  type Objection,
  objectionToClaim,
  objectionToPeer,
  TOO_MANY,
  TOO_MANY_OF_ONE,
} from './objections.ts'
import type { Ownership } from './ownership.ts'

export interface AcceptOptions {
  /** Who we are. */
  readonly identity: Identity
  readonly book: AddressBook
  readonly sources: Sources
  readonly links: LinkTable
  readonly connections: ConnectionTable
  readonly ownership: Ownership
  readonly gate: DialGate
  readonly connector: Connector
}

export class Accept {
  readonly #context: CoreContext
  readonly #identity: Identity
  readonly #book: AddressBook
  readonly #sources: Sources
  readonly #links: LinkTable
  readonly #connections: ConnectionTable
  readonly #ownership: Ownership
  readonly #gate: DialGate
  readonly #connector: Connector

  constructor(context: CoreContext, options: AcceptOptions) {
    this.#context = context
    this.#identity = options.identity
    this.#book = options.book
    this.#sources = options.sources
    this.#links = options.links
    this.#connections = options.connections
    this.#ownership = options.ownership
    this.#gate = options.gate
    this.#connector = options.connector
  }

  /** Our dial ended with an open socket. Returns why there can be no link, if so. */
  dialed(input: DialSucceeded): string | undefined {
    const { address: dialed, link: id, identity: peer, ips = 1, trusted } = input
    const host = hostOfIp(input.ip ?? hostOf(dialed))
    const origin = { kind: 'dialed', address: dialed, host } as const
    const link = newLink(id, origin, peer, this.#context.nowMs, trusted)
    if (peer?.id === this.#identity.id) {
      this.#dialedOwnId(link, dialed)
      return undefined
    }
    this.#gate.removeOwnAlias(dialed)
    const objection = this.#objectionTo(peer)
    if (objection !== undefined) {
      this.#object(link, objection)
      return objection.reason
    }
    this.#evictImpostors(dialed, peer)
    const isVerifying = this.#links.ofAddress(dialed).some((one) => one.identity?.id === peer?.id)
    if (!this.#makeRoomFor(link, isVerifying)) {
      this.#object(link, TOO_MANY)
      return TOO_MANY.reason
    }
    const claimed = announcedAddressOf(peer)
    // A peer may announce an address that only it can dial, or that is another node's; then the
    // address that we reached it on is the better one.
    const isAlias =
      claimed !== undefined &&
      claimed !== dialed &&
      this.#gate.admits(claimed) &&
      !this.#ownership.isOwnedByOther(claimed, peer)
    if (isAlias) {
      this.#connector.foundAlias(dialed, claimed, ips)
      this.#connections.connect(link, claimed, false)
    } else this.#connections.connect(link, dialed, true)
    return undefined
  }

  /**
   * Makes room for a link that we dialed; false when no other may give way. Of the younger links,
   * the newest one of a host that has more goes; or, if the new link verifies another, the newest
   * of its own host, else the newest of all.
   */
  #makeRoomFor(link: Link, isVerifying: boolean): boolean {
    const dialed = this.#links.size - this.#links.accepted
    if (dialed < TAUGHT_LINKS_MAX || !this.#isTaught(link)) return true
    const taught = [...this.#links.all()].filter((other) => this.#isTaught(other))
    if (taught.length < TAUGHT_LINKS_MAX) return true
    const younger = taught.slice(TAUGHT_LINKS_MAX / 2)
    const ofOwnHost = younger.findLast(({ origin }) => origin.host === link.origin.host)
    const verifying = isVerifying ? (ofOwnHost ?? younger.at(-1)) : undefined
    const evicted = newestOfLarger(younger, link) ?? verifying
    if (evicted !== undefined) this.#object(evicted, TOO_MANY)
    return evicted !== undefined
  }

  /** Whether we dialed it because of a peer: a stranger can name any number of addresses. */
  #isTaught({ origin, trusted }: Link): boolean {
    if (origin.kind !== 'dialed' || trusted || isLoopbackHost(origin.host)) return false
    const { address } = origin
    return this.#book.entry(address)?.known !== true && !this.#sources.names(address)
  }

  /** Our own id answers: ourselves, or a node that copied it, which is believed for a while. */
  #dialedOwnId(link: Link, dialed: Address): void {
    this.#connections.closeUnreported(link, CloseCode.SELF, 'dialer and acceptor are the same node')
    this.#connector.foundOurselves(dialed)
    this.#evictImpostors(dialed, this.#identity)
  }

  #evictImpostors(address: Address, owner: Identity | undefined): void {
    for (const alias of this.#ownership.evictImpostors(address, owner)) {
      this.#connector.disproveAlias(alias)
    }
  }

  /** A peer dialed us, from this end of a socket. */
  accepted({ link: id, remote, identity, dialedHost, trusted }: LinkAccepted): void {
    const claimed = announcedAddressOf(identity)
    // Without a valid address an identity is of no use: the peer counts as a plain peer.
    const peer = claimed === undefined ? undefined : identity
    const origin = { kind: 'accepted', remote, host: hostOfRemote(remote), dialedHost } as const
    const link = newLink(id, origin, peer, this.#context.nowMs, trusted)
    if (peer?.id === this.#identity.id) {
      return this.#connections.closeUnreported(
        link,
        CloseCode.SELF,
        'dialer and acceptor are the same node',
      )
    }
    const objection =
      this.#objectionTo(peer) ?? objectionToClaim(claimed, (address) => this.#gate.admits(address))
    if (objection !== undefined) return this.#object(link, objection)
    if (this.#links.accepted >= ACCEPTED_LINKS_MAX) {
      const evicted = leastShown(this.#links.all(), link)
      this.#object(evicted ?? link, TOO_MANY)
      if (evicted === undefined) return
    }
    if (peer === undefined || claimed === undefined) this.#connections.admit(link)
    else this.#connectClaimant(link, peer, claimed)
  }

  #connectClaimant(link: Link, peer: Identity, claimed: Address): void {
    const siblings = [...this.#links.ofPeer(peer)]
    const surplus = isFullFor(siblings) ? surplusOf(siblings, link) : undefined
    if (isFullFor(siblings) && surplus === undefined) {
      this.#object(link, TOO_MANY_OF_ONE)
      return this.#ownership.peerRefused(claimed)
    }
    const isProven = (other: Link): boolean =>
      isDialedOnItsAddress(other) && other.address === claimed
    this.#connections.connect(link, claimed, siblings.some(isProven))
    if (surplus !== undefined) this.#object(surplus, TOO_MANY_OF_ONE)
  }

  #objectionTo(peer: Identity | undefined): Objection | undefined {
    return objectionToPeer(
      this.#identity,
      peer,
      (address) => this.#gate.isOwnAddress(address, this.#context.nowMs),
      (address) => this.#gate.admits(address),
    )
  }

  #object(link: Link, { code, reason, expected }: Objection): void {
    if (expected) this.#connections.closeUnreported(link, code, reason)
    else this.#connections.close(link, code, reason)
  }
}
