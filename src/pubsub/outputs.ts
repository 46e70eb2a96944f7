/** What goes into this core and what comes out of it. */

import type { LinkFact, LinkId } from '../wire/link-facts.ts'

export type PubSubInput =
  | LinkFact
  | { readonly kind: 'link-gone'; readonly link: LinkId }
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
