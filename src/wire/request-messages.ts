/** The messages of requests and their answers. Only to peers that sent `Mesh-Requests`. */

import type { Json } from './feed-messages.ts'
import type { LinkId } from './link-facts.ts'

/** The body of a request or an answer. */
export type Body =
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'bytes'; readonly base64: string }

/** Asks the responder of a topic. Sent again, as the same one, when the link was replaced. */
export interface RequestMessage {
  readonly type: 'REQUEST'
  readonly data: {
    /** 32 hex digits that the sender draws for the receiver, which nobody else learns. */
    readonly series: string
    /** Each request of a series has a larger number than the one before. */
    readonly n: number
    /** Since it was sent for the first time, in ms. */
    readonly ageMs: number
    readonly topic: string
    readonly body: Body
  }
}

/** Why there is no answer. */
export type Refusal = 'NO_RESPONDER' | 'PEER_GONE' | 'RESPONDER_FAILED' | 'TOO_MANY_REQUESTS'

/** What a request led to. `text` is for people. */
export type Answer =
  | { readonly kind: 'answer'; readonly body: Body }
  | { readonly kind: 'refusal'; readonly error: Refusal; readonly text: string }

export interface ResponseMessage {
  readonly type: 'RESPONSE'
  readonly data: { readonly n: number; readonly answer: Answer }
}

/** The sender waits no more for an answer. */
export interface CancelMessage {
  readonly type: 'CANCEL'
  readonly data: { readonly series: string; readonly n: number }
}

export type AnyRequestMessage = RequestMessage | ResponseMessage | CancelMessage

/** What the core of requests is told of a link, besides that it is ready or verified. */
export interface RequestFact {
  readonly kind: 'request-received'
  readonly link: LinkId
  readonly message: AnyRequestMessage
  /** The length of its frame. */
  readonly chars: number
}
