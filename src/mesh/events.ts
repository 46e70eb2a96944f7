/**
 * Events of the core, for logs, pages and programs. Text that a peer wrote (`reason`, `type`) is as
 * it came: whoever prints it must escape it.
 */

import type { NodeData } from '../wire/node-data.ts'
import type { Address } from './address/address.ts'
import type { DialFailure } from './inputs.ts'

/** How a link ended. */
export interface Ending {
  /** Which side closed it; `network` when the socket broke without a close frame. */
  readonly by: 'peer' | 'us' | 'network'
  readonly code: number
  readonly reason: string
}

/**
 * Another ADDRESS that peers may be able to dial, such as `ws://10.9.0.2:4002`. The node adds it;
 * the core cannot see the interfaces of its machine.
 */
type SuggestedAddress = string | undefined

export type MeshEvent =
  /** The first link to an address is established. `connected` counts connected addresses. */
  | { readonly kind: 'peer-joined'; readonly address: Address; readonly connected: number }
  /** The last link to an address is gone. */
  | {
      readonly kind: 'peer-left'
      readonly address: Address
      readonly connected: number
      readonly ending: Ending
    }
  /** A connected peer tells something else of itself: all of it. */
  | { readonly kind: 'peer-data'; readonly address: Address; readonly data: NodeData }
  /**
   * A dial failed. `retryInMs` is undefined when the address is forgotten. `known`: it is in
   * known-peers.json.
   */
  | {
      readonly kind: 'dial-failed'
      readonly address: Address
      readonly known: boolean
      readonly reason: string
      readonly retryInMs: number | undefined
    }
  /** The operator has added a known peer while the node runs. */
  | { readonly kind: 'known-peer-added'; readonly address: Address }
  /** The operator had an address removed: it is no member, and not dialed until it comes back. */
  | { readonly kind: 'peer-forgotten'; readonly address: Address }
  /** We closed a link that was bound to no address. `peer` is an address or the end of a socket. */
  | { readonly kind: 'link-refused'; readonly peer: string; readonly ending: Ending }
  /**
   * Another node answers on the address that this node announces, as `foundBy` found, or a dial of
   * our own when it is undefined.
   */
  | {
      readonly kind: 'own-address-taken'
      readonly address: Address
      readonly foundBy: Address | undefined
      readonly suggested?: SuggestedAddress
    }
  /**
   * The peer `by` may not dial the address that this node announces. `isPeerLocal`: because `by`
   * announces an address that only its own machine can dial, so that it is `by` that needs ADDRESS.
   */
  | {
      readonly kind: 'own-address-refused'
      readonly address: Address
      readonly by: Address
      readonly isPeerLocal: boolean
      readonly suggested?: SuggestedAddress
    }
  /** A dial of the address that the operator set failed. Peers may still be able to reach it. */
  | {
      readonly kind: 'own-address-unanswered'
      readonly address: Address
      readonly failure: DialFailure
      readonly reason: string
      readonly suggested?: SuggestedAddress
    }
  /** After that, the verified peer `by` reached this node at its address. */
  | { readonly kind: 'own-address-reached'; readonly address: Address; readonly by: Address }
  /** A dial of the address reached ourselves. */
  | { readonly kind: 'self-found'; readonly address: Address }
  /** A dial of `address` reached the peer whose own address is `of`. */
  | { readonly kind: 'alias-found'; readonly address: Address; readonly of: Address }
  /** One of two links to a peer was closed by the duplicate rule. */
  | { readonly kind: 'duplicate-closed'; readonly peer: string }
  /** A message of unknown type. */
  | { readonly kind: 'message-ignored'; readonly peer: string; readonly type: string }
  /** Addresses in a HANDSHAKE, or of a source, that are malformed, not allowed, or too many. */
  | {
      readonly kind: 'addresses-refused'
      readonly peer: string
      readonly malformed: number
      readonly refusedByPolicy: number
      readonly tooMany: number
    }
  /**
   * Dials that peers caused wait for their budgets. The peers of the host `teacher` (of a verified
   * peer on this machine: its address) named most of them: `waiting` addresses of `host`. Once a
   * minute at most.
   */
  | {
      readonly kind: 'dials-limited'
      readonly teacher: string
      readonly host: string
      readonly waiting: number
    }
  /** A peer runs code of another digest. */
  | { readonly kind: 'other-code'; readonly address: Address; readonly code: string }
