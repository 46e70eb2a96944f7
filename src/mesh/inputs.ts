/**
 * What the shell tells the core: facts, in the past tense. The core never asks; it is told,
 * together with the time.
 */

import type { CloseCode } from '../wire/close-codes.ts'
import type { Frame } from '../wire/codec.ts'
import type { Identity } from '../wire/headers.ts'
import type { Address } from './address/address.ts'

/**
 * The shell's name for one socket. Never used twice, so that a late fact about a closed link is
 * known as stale.
 */
export type LinkId = number

/** A fact. */
export type Input =
  /** The node listens: time to dial. */
  | { readonly kind: 'started' }
  /** The node is to stop: all links are closed with 1001, nothing is dialed any more. */
  | { readonly kind: 'stop-requested' }
  /** A dial that we ordered ended with an open socket. `identity` is from the 101 response. */
  | {
      readonly kind: 'dial-succeeded'
      readonly address: Address
      readonly link: LinkId
      readonly identity: Identity | undefined
    }
  /** A dial that we ordered ended without one. `reason` is for people. */
  | {
      readonly kind: 'dial-failed'
      readonly address: Address
      readonly reason: string
      /** Somebody is there and took too long to answer. Default false. */
      readonly isOverdue?: boolean
    }
  /**
   * A peer dialed us. `identity` is from its request; `remote` is the other end of the socket, for
   * people.
   */
  | {
      readonly kind: 'link-accepted'
      readonly link: LinkId
      readonly remote: string
      readonly identity: Identity | undefined
    }
  | { readonly kind: 'frame-received'; readonly link: LinkId; readonly frame: Frame }
  /** What came on the link breaks WebSocket itself: too large, not UTF-8, badly framed. */
  | {
      readonly kind: 'frame-unreadable'
      readonly link: LinkId
      readonly code: CloseCode
      readonly reason: string
    }
  /** The peer asks for a sign of life, which is one itself. */
  | { readonly kind: 'ping-received'; readonly link: LinkId }
  /** The answer to a ping of ours, or a sign of life that nobody asked for. */
  | { readonly kind: 'pong-received'; readonly link: LinkId }
  /** What was sent on this link has not left for too long: the peer does not read. */
  | { readonly kind: 'backlog-stuck'; readonly link: LinkId }
  /** The socket is gone, by the peer or by the network; never told of a link that we closed. */
  | {
      readonly kind: 'link-closed'
      readonly link: LinkId
      readonly code: number
      readonly reason: string
    }
  /** Somebody looks at the mesh: time to ask our peers for their links. About once a second. */
  | { readonly kind: 'survey-wanted' }
  /** The time named by `deadlineMs()` has come. Harmless when it has not. */
  | { readonly kind: 'deadline' }
