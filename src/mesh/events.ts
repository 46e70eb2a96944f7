/**
 * What the core reports: events for logs, pages and programs. An event never carries a decision;
 * leaving all of them unread changes nothing. Text that a peer wrote (`reason`, `type`) is passed
 * on as it came: whoever prints it must make it harmless.
 */

import type { Address } from './address/address.ts'

/** How a link ended. */
export interface Ending {
  /** Who ended it: the peer with a close frame, we, or nobody (the socket just broke). */
  readonly by: 'peer' | 'us' | 'network'
  readonly code: number
  readonly reason: string
}

/** An event. */
export type MeshEvent =
  /**
   * The first link to an address stands. `connected` is the number of addresses we are connected
   * to.
   */
  | { readonly kind: 'peer-joined'; readonly address: Address; readonly connected: number }
  /** The last link to an address is gone. */
  | {
      readonly kind: 'peer-left'
      readonly address: Address
      readonly connected: number
      readonly ending: Ending
    }
  /**
   * A dial failed. `retryInMs` is undefined when the address is forgotten. `known` tells an
   * operator's address.
   */
  | {
      readonly kind: 'dial-failed'
      readonly address: Address
      readonly known: boolean
      readonly reason: string
      readonly retryInMs: number | undefined
    }
  /**
   * A link that never counted, or that we had to end because of what the peer did. `peer` is an
   * address or a socket's end.
   */
  | { readonly kind: 'link-refused'; readonly peer: string; readonly ending: Ending }
  /** An address turned out to be another spelling of our own. */
  | { readonly kind: 'self-found'; readonly address: Address }
  /** An address turned out to be another spelling of a peer's. */
  | { readonly kind: 'alias-found'; readonly address: Address; readonly of: Address }
  /** One of two links to a peer was closed, as the duplicate rule wants it. */
  | { readonly kind: 'duplicate-closed'; readonly peer: string }
  /** A message of a type that we do not know. */
  | { readonly kind: 'message-ignored'; readonly peer: string; readonly type: string }
  /** Addresses in a HANDSHAKE that are no addresses, that policy refuses, or that were too many. */
  | {
      readonly kind: 'addresses-refused'
      readonly peer: string
      readonly malformed: number
      readonly refusedByPolicy: number
      readonly tooMany: number
    }
  /** A peer runs code whose digest differs from ours. */
  | { readonly kind: 'other-code'; readonly address: Address; readonly code: string }
