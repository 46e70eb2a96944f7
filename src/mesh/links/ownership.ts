/**
 * Ownership: to whom an address belongs. Who answers there owns it. Who only says that it is theirs
 * has a claim (claims.ts), until a dial has shown who answers (verification.ts).
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { Ending } from '../events.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'
import { Claims } from './claims.ts'
import type { Link, LinkTable } from './link.ts'

/** What ownership is judged by, and who is told. */
export interface OwnershipOptions {
  readonly links: LinkTable
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  /** Ends a link for a reason that people should hear of. */
  readonly refuse: (link: Link, code: CloseCode, reason: string) => void
  /** An address that we dialed is not another spelling of the one that its peer claimed. */
  readonly onDisproved: (alias: Address) => void
}

/** Knows who owns an address, and who only claims it. */
export class Ownership {
  readonly claims = new Claims()
  readonly #options: OwnershipOptions

  constructor(options: OwnershipOptions) {
    this.#options = options
  }

  /** Who answers on an address owns it: whoever else only said that it was theirs has to go. */
  evictImpostors(address: Address, owner: Identity | undefined): void {
    const { links, refuse, onDisproved } = this.#options
    for (const link of links.ofAddress(address)) {
      if (link.identity?.id === owner?.id) continue
      refuse(link, CloseCode.ADDRESS_TAKEN, `another node answers on ${address}`)
      if (link.origin.kind === 'dialed' && link.origin.address !== address) {
        onDisproved(link.origin.address)
      }
    }
  }

  /** Whether somebody else was reached on an address than who says that it is theirs. */
  isOwnedByOther(address: Address, claimant: Identity | undefined): boolean {
    const owners = this.#options.links.ofAddress(address).filter((link) => link.verified)
    return owners.some((link) => link.identity?.id !== claimant?.id)
  }

  /** The address of this link is its peer's word. */
  openClaim(link: Link): void {
    const { timers, timings, turn } = this.#options
    this.claims.open(link, turn.nowMs)
    // However far off the next look is; the pause keeps the pace, since the last one may have been
    // just now.
    timers.bringForward({ kind: 'verify', subject: 'mesh' }, turn.nowMs + timings.verifyMs)
  }

  /**
   * The peer of this link was reached on its address, so what its other links say of that address
   * is true.
   */
  settleClaims(link: Link): void {
    if (link.address === undefined) return
    for (const other of this.#options.links.ofAddress(link.address)) {
      if (other.identity?.id !== link.identity?.id) continue
      other.verified = true
      this.claims.settle(other)
    }
  }

  /**
   * A link fell, and others stand for its address. Some count as verified for its sake, since they
   * came with the same id; but an id is no secret. Unless the link was a mere duplicate, they have
   * to be looked into again.
   */
  doubt(others: readonly Link[], ending: Ending): void {
    if (ending.code === CloseCode.DUPLICATE) return
    for (const other of others) {
      if (other.origin.kind === 'dialed' && other.origin.address === other.address) continue
      other.verified = false
      this.openClaim(other)
    }
  }

  /**
   * A peer has as many links as it may, and called once more. Perhaps somebody who copied its
   * identity holds them, and keeps it out: then a dial of ours must reach it. One claim is enough.
   */
  doubtPeer(identity: Identity): void {
    const links = this.#options.links.ofPeer(identity)
    if (links.some((link) => link.origin.kind === 'dialed')) return
    const [link] = links
    if (link === undefined || this.claims.has(link)) return
    link.verified = false
    this.openClaim(link)
  }
}
