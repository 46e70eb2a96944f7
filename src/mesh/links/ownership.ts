/**
 * Ownership: which node an address belongs to. The node that answers there owns it; a node that
 * only announces it has a claim, until a dial shows who answers (verification.ts).
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { CoreContext } from '../context.ts'
import type { Ending } from '../events.ts'
import type { Claims } from './claims.ts'
import type { ConnectionTable } from './connection-table.ts'
import { becomeUnverified, becomeVerified, isDialedOnItsAddress, type Link } from './link.ts'
import type { LinkTable } from './link-table.ts'

export class Ownership {
  readonly #context: CoreContext
  readonly #links: LinkTable
  readonly #claims: Claims
  readonly #connections: ConnectionTable

  constructor(
    context: CoreContext,
    links: LinkTable,
    claims: Claims,
    connections: ConnectionTable,
  ) {
    this.#context = context
    this.#links = links
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
  connected(link: Link): void {
    if (link.verified) this.#settleClaims(link)
    else this.#openClaim(link)
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
    for (const other of this.#links.ofAddress(link.address)) {
      if (other.identity?.id !== link.identity?.id) continue
      becomeVerified(other)
      this.#claims.settle(other)
    }
  }

  /**
   * A link is gone, and others may be bound to its address. Those that were verified by it have the
   * same id; but an id is no secret. Unless the link was a duplicate, they are verified again.
   */
  ended(address: Address, { code }: Ending): void {
    if (code === CloseCode.DUPLICATE) return
    for (const other of this.#links.ofAddress(address)) {
      if (!isDialedOnItsAddress(other)) this.#reverify(other)
    }
  }

  /**
   * A peer has as many links as it may, and dialed once more. An impostor may hold them and keep
   * the peer out, so one of them is verified, unless one of them was dialed by us.
   */
  reverifyPeer(identity: Identity): void {
    const links = this.#links.ofPeer(identity)
    if (links.some((link) => link.origin.kind === 'dialed')) return
    const [link] = links
    if (link !== undefined && !this.#claims.has(link)) this.#reverify(link)
  }

  #reverify(link: Link): void {
    becomeUnverified(link)
    this.#openClaim(link)
  }
}
