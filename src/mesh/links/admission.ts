/**
 * Who may be linked to us: the verdict on a peer by what it says of itself, and by how many are
 * here. Pure.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import { type Address, parseAddress } from '../address/address.ts'
import { ACCEPTED_LINKS_MAX, LINKS_PER_PEER_MAX } from '../limits.ts'
import type { Link, LinkTable } from './link.ts'

/** Why a peer cannot be linked to us, as the close frame will say it. */
export interface Objection {
  readonly code: CloseCode
  readonly reason: string
  /** Whether it happens in the normal course of things, and people need not hear of it. */
  readonly expected: boolean
}

/** The address that a peer says is its own, or undefined when it says none that is one. */
export function claimOf(identity: Identity | undefined): Address | undefined {
  if (identity === undefined) return undefined
  if (claims.has(identity)) return claims.get(identity)
  const parsed = parseAddress(identity.address)
  const claimed = parsed.kind === 'address' ? parsed.address : undefined
  claims.set(identity, claimed)
  return claimed
}

/** Each identity is asked for its address again and again, and parsed once. */
const claims = new WeakMap<Identity, Address | undefined>()

/** What speaks against any peer, dialed or accepted, or undefined. A plain peer gives no reason. */
export function objectionToPeer(
  own: Identity,
  peer: Identity | undefined,
  isOurs: (address: Address) => boolean,
): Objection | undefined {
  if (peer === undefined) return undefined
  if (peer.mesh !== own.mesh) {
    const reason = `other mesh: we are '${own.mesh}', you are '${peer.mesh}'`
    return { code: CloseCode.OTHER_MESH, reason, expected: false }
  }
  const claimed = claimOf(peer)
  if (claimed !== undefined && isOurs(claimed)) {
    const reason = `you say you are ${claimed}, which is our address`
    return { code: CloseCode.ADDRESS_TAKEN, reason, expected: false }
  }
  return undefined
}

/**
 * What speaks against the address that a caller says is its own, or undefined. One that we may
 * never dial could not be verified, and others to whom we name it would dial it.
 */
export function objectionToClaim(
  claimed: Address | undefined,
  admits: (address: Address) => boolean,
): Objection | undefined {
  if (claimed === undefined || admits(claimed)) return undefined
  const reason = `you say you are ${claimed}, which cannot be dialed from here; set ADDRESS`
  return { code: CloseCode.ADDRESS_UNREACHABLE, reason, expected: false }
}

/** What the number of all links speaks against one more that a peer opened, or undefined. */
export function objectionToCrowd(links: Pick<LinkTable, 'accepted'>): Objection | undefined {
  if (links.accepted < ACCEPTED_LINKS_MAX) return undefined
  return { code: CloseCode.TRY_AGAIN_LATER, reason: 'too many links', expected: false }
}

/** What the links that a peer has already speak against one more that it opened, or undefined. */
export function objectionToNumber(links: readonly Link[]): Objection | undefined {
  if (links.length < LINKS_PER_PEER_MAX) return undefined
  return { code: CloseCode.DUPLICATE, reason: 'too many links from one node', expected: true }
}
