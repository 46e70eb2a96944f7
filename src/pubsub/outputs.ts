/** What goes into this core and what comes out of it. */

import type { PubSubMessage } from '../wire/feed-messages.ts'

/** The driver's name for one socket. */
export type LinkId = number

export type PubSubInput =
  /** A link to a peer that speaks messages is open. `peer` is its feed. */
  | {
      readonly kind: 'link-ready'
      readonly link: LinkId
      readonly peer: string
      readonly verified: boolean
    }
  /** A dial has shown that the peer of a link is who it says. */
  | { readonly kind: 'link-verified'; readonly link: LinkId }
  | { readonly kind: 'link-gone'; readonly link: LinkId }
  /** `text`: the frame that it was decoded from. */
  | {
      readonly kind: 'message-received'
      readonly link: LinkId
      readonly message: PubSubMessage
      readonly text: string
    }
  /** The socket of a link has taken all that it was given. */
  | { readonly kind: 'link-drained'; readonly link: LinkId }
  /** What was published since the last one is to be sent, and what came was read. */
  | { readonly kind: 'turn-ended' }
  /** The time named by `deadlineMs()` has come. */
  | { readonly kind: 'deadline' }

export type Output = {
  /** Send one text frame. `awaitsDrain`: answer with link-drained when the socket has taken it. */
  readonly kind: 'send'
  readonly link: LinkId
  readonly text: string
  readonly awaitsDrain: boolean
}
