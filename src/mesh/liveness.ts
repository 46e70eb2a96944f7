/**
 * Whether a link is alive. Anything received counts, our own sends do not: TCP takes bytes for
 * minutes after the peer is gone. Pure.
 */

import type { Timings } from './limits.ts'
import type { Link } from './link.ts'

/** What to do about the silence on a link. */
export type Diagnosis =
  /** Look again at this time. */
  | { readonly kind: 'alive'; readonly lookAgainMs: number }
  /** Ping it, and look again at this time. */
  | { readonly kind: 'ping'; readonly lookAgainMs: number }
  | { readonly kind: 'dead' }

/**
 * A link is pinged after `pingAfterMs` of silence and dead when the rest of `silentAfterMs` brings
 * no answer. The wait counts from the ping, so that a process that was frozen itself gives its
 * peers the time to answer.
 */
export function diagnose(link: Link, nowMs: number, timings: Timings): Diagnosis {
  const pingDueMs = link.lastHeardMs + timings.pingAfterMs
  if (nowMs < pingDueMs) return { kind: 'alive', lookAgainMs: pingDueMs }
  const answerTimeMs = timings.silentAfterMs - timings.pingAfterMs
  if (link.pingedMs === undefined) return { kind: 'ping', lookAgainMs: nowMs + answerTimeMs }
  const deadMs = link.pingedMs + answerTimeMs
  return nowMs < deadMs ? { kind: 'alive', lookAgainMs: deadMs } : { kind: 'dead' }
}
