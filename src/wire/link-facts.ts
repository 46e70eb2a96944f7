/** What the core of messages is told of a link whose peer carries them. */

import type { PubSubMessage } from './feed-messages.ts'

/** The driver's name for one socket. Never used twice: a fact about a closed link is stale. */
export type LinkId = number

export type LinkFact =
  /**
   * It is bound to an address, and was sent HANDSHAKE. `peer` is the id of the peer. `trusted`: the
   * peer has proven the secret of the mesh; false by default.
   */
  | {
      readonly kind: 'link-ready'
      readonly link: LinkId
      readonly peer: string
      readonly verified: boolean
      readonly trusted?: boolean
      /** Whether it takes requests, too. */
      readonly requests?: true
    }
  /** A dial has shown that the peer is who it says. */
  | { readonly kind: 'link-verified'; readonly link: LinkId }
  /** `text` is the frame that the message was decoded from. */
  | {
      readonly kind: 'message-received'
      readonly link: LinkId
      readonly message: PubSubMessage
      readonly text: string
    }
