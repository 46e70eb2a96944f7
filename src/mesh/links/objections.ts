/** Whether a peer may be linked to us: by its identity, and by how many links there are. Pure. */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import { type Address, parseAddress } from '../address/address.ts'
import { ACCEPTED_LINKS_MAX, LINKS_PER_PEER_MAX } from '../limits.ts'
import type { Link } from './link.ts'
import { append, type LinkTable } from './link-table.ts'

/** Why a peer may not be linked to us, for the close frame. */
export interface Objection {
  readonly code: CloseCode
  readonly reason: string
  /** Whether it is part of normal operation, and not reported. */
  readonly expected: boolean
}

/** The address that a peer announces, or undefined when it announces none that is valid. */
export function announcedAddressOf(identity: Identity | undefined): Address | undefined {
  if (identity === undefined) return undefined
  if (claims.has(identity)) return claims.get(identity)
  const parsed = parseAddress(identity.address)
  const claimed = parsed.kind === 'address' ? parsed.address : undefined
  claims.set(identity, claimed)
  return claimed
}

/** Each identity is judged several times, and its address parsed once. */
const claims = new WeakMap<Identity, Address | undefined>()

/** The objection to a peer, dialed or accepted, or undefined. There is none to a plain peer. */
export function objectionToPeer(
  own: Identity,
  peer: Identity | undefined,
  isOwnAddress: (address: Address) => boolean,
): Objection | undefined {
  if (peer === undefined) return undefined
  if (peer.mesh !== own.mesh) {
    const reason = `different meshes: ${own.mesh} and ${peer.mesh}`
    return { code: CloseCode.OTHER_MESH, reason, expected: false }
  }
  const claimed = announcedAddressOf(peer)
  if (claimed !== undefined && isOwnAddress(claimed)) {
    const reason = `both nodes announce ${claimed}`
    return { code: CloseCode.ADDRESS_TAKEN, reason, expected: false }
  }
  return undefined
}

/**
 * The objection to the address that a dialer announces, or undefined. One that we may never dial
 * cannot be verified, and peers to which we name it would dial it.
 */
export function objectionToClaim(
  claimed: Address | undefined,
  admits: (address: Address) => boolean,
): Objection | undefined {
  if (claimed === undefined || admits(claimed)) return undefined
  const reason = `the address ${claimed} cannot be dialed from other hosts: its node must set ADDRESS`
  return { code: CloseCode.ADDRESS_UNREACHABLE, reason, expected: false }
}

/** The objection to one more accepted link of any peer, or undefined. */
export function objectionToTotal(links: Pick<LinkTable, 'accepted'>): Objection | undefined {
  if (links.accepted < ACCEPTED_LINKS_MAX) return undefined
  return { code: CloseCode.TRY_AGAIN_LATER, reason: 'too many links', expected: false }
}

/**
 * Whether there is room for one more accepted link of a peer beside these, oldest first. An id is
 * no secret, and links with a copied one must not shut out the peer: the host that would have most
 * of them gives way, and there the oldest. Never one that we dialed: it is the peer's for certain.
 */
export function roomAmong(links: readonly Link[], { origin }: Link): Room {
  if (links.length < LINKS_PER_PEER_MAX) return { kind: 'free' }
  const byHost = new Map<string, Link[]>()
  for (const link of links) {
    if (link.origin.kind === 'accepted') append(byHost, link.origin.host, link)
  }
  const newHost = origin.kind === 'accepted' ? origin.host : undefined
  const sizeWith = ([host, of]: [string, Link[]]): number => of.length + (host === newHost ? 1 : 0)
  const [most] = [...byHost].sort((a, b) => sizeWith(b) - sizeWith(a))
  const surplus = most?.[1][0]
  return surplus === undefined ? { kind: 'none' } : { kind: 'instead-of', surplus }
}

/** Whether there is room for one more link of a peer. */
export type Room =
  | { readonly kind: 'free' }
  /** This one is closed for it. */
  | { readonly kind: 'instead-of'; readonly surplus: Link }
  | { readonly kind: 'none' }

/** The objection to one more link of a peer that has all it may have. */
export const TOO_MANY_OF_ONE: Objection = {
  code: CloseCode.DUPLICATE,
  reason: 'too many links from one node',
  expected: true,
}
