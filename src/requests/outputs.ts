/** What goes into this core and what comes out of it. */

import type { LinkId } from '../wire/link-facts.ts'
import type { BodyText } from '../wire/request-codec.ts'
import type { Answer, Body, Refusal, RequestFact } from '../wire/request-messages.ts'

/** What a program asks, encoded. */
export interface Question extends BodyText {
  readonly topic: string
  /** Of topic and text. */
  readonly bytes: number
}

/** A request of a peer that is carried out. */
export interface Call {
  readonly series: string
  readonly n: number
}

/** What a program gave. */
export type Reply =
  | { readonly kind: 'answer'; readonly body: BodyText }
  | { readonly kind: 'refusal'; readonly error: Refusal; readonly text: string }

export type RequestInput =
  | RequestFact
  /** A peer that takes requests has a link; `peer` is its id. */
  | {
      readonly kind: 'link-ready'
      readonly link: LinkId
      readonly peer: string
      readonly verified: boolean
    }
  | { readonly kind: 'link-verified'; readonly link: LinkId }
  /** `isGoodbye`: the peer closed it because it stops. */
  | { readonly kind: 'link-gone'; readonly link: LinkId; readonly isGoodbye: boolean }
  /** The socket of a link has taken a frame of so many characters. */
  | { readonly kind: 'frame-taken'; readonly link: LinkId; readonly chars: number }
  /** The program asks. `id` is larger than all before; `to` is an address or the id of a run. */
  | {
      readonly kind: 'asked'
      readonly id: number
      readonly to: string
      readonly question: Question
      readonly timeoutMs: number
    }
  /** The program waits no more. */
  | { readonly kind: 'abandoned'; readonly id: number }
  /** The program has carried out a call. */
  | { readonly kind: 'replied'; readonly call: Call; readonly reply: Reply }
  /** For how long the machine was suspended since the start. */
  | { readonly kind: 'suspended'; readonly totalMs: number }
  /** The node stops. */
  | { readonly kind: 'stopped' }
  /** The time named by `deadlineMs()` has come. */
  | { readonly kind: 'deadline' }

/** What a request of this node led to. */
export type Outcome =
  | Answer
  /** One that was sent may have run, here and below. */
  | { readonly kind: 'timeout'; readonly wasSent: boolean }
  | { readonly kind: 'gone'; readonly because: GoneBecause; readonly wasSent: boolean }
  /** It was not sent: so many are open. */
  | { readonly kind: 'full' }

export type GoneBecause = 'goodbye' | 'lost' | 'never' | 'stopped'

/** The end of the error text of a request that was not carried out and never will be. */
export const DID_NOT_RUN = 'it did not run'

/** The codes of requests that failed. */
export type OutcomeCode = Refusal | 'TIMEOUT'

/** What is counted of requests. */
export interface RequestTotals {
  /** Requests of this node. */
  readonly sent: number
  /** Requests of peers that came to its responders, also those for which it has none. */
  readonly received: number
  /** The requests of this node that ended, by how. */
  readonly outcomes: Readonly<Record<OutcomeCode | 'answered' | 'abandoned', number>>
  /** Those that wait for an answer, and those of peers that are carried out. */
  readonly open: { readonly sent: number; readonly received: number }
}

export type RequestOutput =
  | { readonly kind: 'send'; readonly link: LinkId; readonly text: string }
  /** Call the responder, and answer with `replied`. */
  | {
      readonly kind: 'run'
      readonly call: Call
      readonly link: LinkId
      readonly topic: string
      readonly body: Body
    }
  /** Nobody waits for the reply any more. */
  | { readonly kind: 'drop'; readonly call: Call }
  | { readonly kind: 'settle'; readonly id: number; readonly outcome: Outcome }

export type Order = (output: RequestOutput) => void
