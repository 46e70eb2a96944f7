/** What the driver tells the core: facts, in the past tense, each with the time. */

import type { CloseCode } from '../wire/close-codes.ts'
import type { Frame } from '../wire/codec.ts'
import type { Identity } from '../wire/headers.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Address } from './address/address.ts'

export type { LinkId }

/** Why a dial failed. */
export type DialFailure =
  | 'name-not-found'
  /** TCP connected, and no answer came in time. */
  | 'no-answer'
  | 'no-descriptors'
  | 'not-admitted'
  | 'not-mesh'
  | 'other'
  | 'refused'
  | 'reset'
  | 'stopped'
  | 'timed-out'
  | 'unreachable'

export type Input =
  /** The node listens, and may dial. */
  | { readonly kind: 'started' }
  /** The node stops: all links are closed with 1001, and nothing is dialed any more. */
  | { readonly kind: 'stop-requested' }
  /**
   * A dial that we ordered ended with an open socket. `identity` is from the 101 response. `ip`:
   * where it leads to; by default what the address names. `waitedMs`: for how long other name
   * lookups held it up; 0 by default. `ips`: how many IPs the host of the address has that may be
   * dialed; 1 by default. `trusted`: see `link-accepted`.
   */
  | {
      readonly kind: 'dial-succeeded'
      readonly address: Address
      readonly link: LinkId
      readonly identity: Identity | undefined
      readonly ip?: string
      readonly waitedMs?: number
      readonly ips?: number
      readonly trusted?: boolean
    }
  /** A dial that we ordered ended without one. `reason` is for people. */
  | {
      readonly kind: 'dial-failed'
      readonly address: Address
      readonly failure: DialFailure
      readonly reason: string
      readonly waitedMs?: number
    }
  /**
   * A peer dialed us. `identity` is from its request; `remote` is the other end of the socket, for
   * people. `dialedHost`: the host and port that it dialed, from `Host`; undefined when unknown.
   * `trusted`: the peer has proven the secret of the mesh; false by default.
   */
  | {
      readonly kind: 'link-accepted'
      readonly link: LinkId
      readonly remote: string
      readonly identity: Identity | undefined
      readonly dialedHost?: string | undefined
      readonly trusted?: boolean
    }
  /** `bytes` is the length of the frame's payload. */
  | {
      readonly kind: 'frame-received'
      readonly link: LinkId
      readonly frame: Frame
      readonly bytes: number
    }
  /**
   * What came on the link is not to be read: too large, not UTF-8, badly framed, too much, or from
   * a peer whose secret was withdrawn.
   */
  | {
      readonly kind: 'frame-unreadable'
      readonly link: LinkId
      readonly code: CloseCode
      readonly reason: string
    }
  /** A ping, which proves that the peer is alive. */
  | { readonly kind: 'ping-received'; readonly link: LinkId }
  /** The answer to a ping of ours, or an unsolicited pong (RFC 6455 §5.5.3). */
  | { readonly kind: 'pong-received'; readonly link: LinkId }
  /** A part of a message came, or the peer acknowledged bytes that had to wait. */
  | { readonly kind: 'link-alive'; readonly link: LinkId }
  /** Too much of what was sent on this link is unsent: the peer does not read. */
  | { readonly kind: 'backlog-stuck'; readonly link: LinkId }
  /** The socket is gone, by the peer or by the network; not for a link that the core closed. */
  | {
      readonly kind: 'link-closed'
      readonly link: LinkId
      readonly code: number
      readonly reason: string
    }
  /**
   * The operator wants an address to be a known peer. No effect when it is our own, or when there
   * are `BOOK_ADDRESSES_MAX` known peers.
   */
  | { readonly kind: 'add-requested'; readonly address: Address }
  /**
   * The operator wants a peer to be no member any more, known or not, under all its spellings. No
   * effect while it is connected.
   */
  | { readonly kind: 'forget-requested'; readonly address: Address }
  /** The program tells something else of this node: an object as text, within its limit. */
  | { readonly kind: 'data-changed'; readonly text: string }
  /**
   * A source of addresses, such as a name in DNS, names these now and no others: none before its
   * first answer. Of more than `SOURCE_ADDRESSES_MAX` the first count. An address of our own among
   * them has no effect.
   */
  | {
      readonly kind: 'source-answered'
      readonly source: string
      readonly addresses: readonly Address[]
    }
  /** The operator has removed a source. What is connected stays. */
  | { readonly kind: 'source-removed'; readonly source: string }
  /** The mesh is being watched: time to ask the peers for their links. About once a second. */
  | { readonly kind: 'survey-requested' }
  /** The time named by `deadlineMs()` has come. Harmless when it has not. */
  | { readonly kind: 'deadline' }

export type DialSucceeded = Extract<Input, { readonly kind: 'dial-succeeded' }>

export type LinkAccepted = Extract<Input, { readonly kind: 'link-accepted' }>

/** What a server says of a link. */
export type AcceptedFacts = Omit<LinkAccepted, 'kind' | 'link'>

export type DialFailed = Extract<Input, { readonly kind: 'dial-failed' }>
