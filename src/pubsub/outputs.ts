/** What goes into this core and what comes out of it. */

import type { LinkFact, LinkId } from '../wire/link-facts.ts'

export type PubSubInput =
  | LinkFact
  | { readonly kind: 'link-gone'; readonly link: LinkId }
  /** The socket of a link has not taken the frame that it was given last. */
  | { readonly kind: 'link-full'; readonly link: LinkId }
  /** The socket of a link has taken all that it was given. */
  | { readonly kind: 'link-drained'; readonly link: LinkId }
  /** The same for several links, which get the same frames. */
  | { readonly kind: 'links-drained'; readonly links: readonly LinkId[] }
  /**
   * For how long the machine was suspended since the start: for `totalMs` the time of the inputs
   * stood still.
   */
  | { readonly kind: 'suspended'; readonly totalMs: number }
  /** What was published since the last one is to be sent, and what came was read. */
  | { readonly kind: 'turn-ended' }
  /** The time named by `deadlineMs()` has come. */
  | { readonly kind: 'deadline' }

export type Output = {
  /**
   * Send one text frame. `awaitsDrain`: there is more for this link; answer with link-drained when
   * the socket has taken it, perhaps at once.
   */
  readonly kind: 'send'
  readonly link: LinkId
  readonly text: string
  readonly awaitsDrain: boolean
}

/** What is counted of messages, for metrics. */
export interface MessageTotals {
  /** Messages that this node published. */
  readonly published: number
  /** Messages in the log so far, by whether this node, their sender or another one sent them. */
  readonly delivered: { readonly own: number; readonly sender: number; readonly relay: number }
  /** Gaps that were announced here. */
  readonly gaps: number
  /** What the log takes in memory. */
  readonly logBytes: number
  /** What it may take. */
  readonly logBytesMax: number
  /** The age of the oldest message that is kept; 0 when there is none. */
  readonly oldestMs: number
  /** What links have not been sent of what this node published, in messages. */
  readonly lag: { readonly sum: number; readonly max: number }
}
