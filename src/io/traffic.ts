/** What goes between a node and its peers, told to whoever counts it. Listeners must not throw. */

import type { LinkId } from '../mesh/inputs.ts'
import type { DialFailure } from './dial-result.ts'

/** Somebody who counts. */
export interface Traffic {
  dialEnded(outcome: 'opened' | DialFailure): void
  frameSent(text: string): void
  /** `text` is undefined for a binary frame. */
  frameReceived(bytes: number, text: string | undefined): void
  /** The code is ours, or what the peer chose, or 1006 when the connection just broke. */
  linkClosed(link: LinkId, by: 'us' | 'peer' | 'network', code: number): void
  pinged(link: LinkId): void
  /** A pong came, asked for or not. */
  ponged(link: LinkId): void
  /** A timer of the core fired, so late. */
  timerFired(lateMs: number): void
}
