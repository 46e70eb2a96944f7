/** Intervals that an operator may set for small or slow networks, and how they have to relate. */

/** All in milliseconds. */
export interface Timings {
  /**
   * How long a dial may take, from the name lookup to the upgrade; where we are busy, up to
   * `DIAL_TIMEOUT_FACTOR_MAX` times as long. Default 5,000.
   */
  readonly dialTimeoutMs: number
  /**
   * Upper bound of the first pause after a failed dial; doubles with each failure. Default 1,000.
   */
  readonly redialMinMs: number
  /** Upper bound of every pause between dials. Default 60,000. */
  readonly redialMaxMs: number
  /** A link that lived this long clears the failures of its address. Default 15,000. */
  readonly stableAfterMs: number
  /** An accepted link must send HANDSHAKE within this time. Default 6,000. */
  readonly handshakeTimeoutMs: number
  /**
   * Silence on a link after which it is pinged; from half of it on when others are, a fifth later
   * where the peer pings first, and twice as late while the link is young (liveness.ts). Default
   * 15,000.
   */
  readonly pingAfterMs: number
  /**
   * Silence on a link after which it is given up; up to a third later where our own process was
   * starved meanwhile. Default 45,000.
   */
  readonly silentAfterMs: number
  /** How long the older of two links to one peer has to answer a ping. Default 2,000. */
  readonly duplicateProbeMs: number
  /**
   * Mean pause between HANDSHAKEs that repair what was missed, in a mesh of two. Default 30,000.
   */
  readonly antiEntropyMs: number
  /** Pause between dials that verify an address that a peer claims. Default 1,000. */
  readonly verifyMs: number
}

/** The timings of a node whose operator set none. */
export const DEFAULT_TIMINGS: Timings = {
  // Name lookup, TCP and upgrade take three round trips; a satellite hop has 0.6 s each. TCP's own
  // SYN retry is at 1 s and 3 s.
  dialTimeoutMs: 5_000,
  // Full jitter needs a base well above a round trip, and a person restarting a node should not
  // have to wait.
  redialMinMs: 1_000,
  redialMaxMs: 60_000,
  // Longer than any close that a peer sends on purpose right after the upgrade (other mesh,
  // duplicate, full).
  stableAfterMs: 15_000,
  // More than the dial timeout, so that a slow dialer is not cut off by the acceptor.
  handshakeTimeoutMs: 6_000,
  // Below the idle timeouts of common NATs and proxies (30 s and more).
  pingAfterMs: 15_000,
  silentAfterMs: 45_000,
  // Two retransmissions on a slow link.
  duplicateProbeMs: 2_000,
  antiEntropyMs: 30_000,
  verifyMs: 1_000,
}

/**
 * The relations between timings that the mechanisms rely on; the first that does not hold, as text
 * for the operator.
 */
export function brokenRelation(t: Timings): string | undefined {
  if (t.redialMinMs > t.redialMaxMs) return 'redialMinMs must not exceed redialMaxMs'
  // A ping must have time to be answered before the link is given up.
  if (t.pingAfterMs >= t.silentAfterMs) return 'pingAfterMs must be below silentAfterMs'
  if (t.dialTimeoutMs >= t.handshakeTimeoutMs)
    return 'dialTimeoutMs must be below handshakeTimeoutMs'
  return undefined
}
