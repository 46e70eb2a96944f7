/** Whether a peer may be linked to us, by its identity, and why not. Pure. */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import { type Address, parseAddress } from '../address/address.ts'

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
  admits: (address: Address) => boolean,
): Objection | undefined {
  if (peer === undefined) return undefined
  if (peer.mesh !== own.mesh) {
    const reason = `different meshes: ${own.mesh} and ${peer.mesh}`
    return { code: CloseCode.OTHER_MESH, reason, expected: false }
  }
  const claimed = announcedAddressOf(peer)
  // On another machine, localhost is another address than on ours.
  if (claimed !== undefined && admits(claimed) && isOwnAddress(claimed)) {
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
  const reason = `other hosts cannot dial ${claimed}; its node must set ADDRESS`
  return { code: CloseCode.ADDRESS_UNREACHABLE, reason, expected: false }
}

/** The objection to one more link of any peer in a node that is full. */
export const TOO_MANY: Objection = {
  code: CloseCode.TRY_AGAIN_LATER,
  reason: 'too many links',
  expected: false,
}

/** The objection to one more link of a peer that has as many as it may. */
export const TOO_MANY_OF_ONE: Objection = {
  code: CloseCode.DUPLICATE,
  reason: 'too many links from one node',
  expected: true,
}
