/**
 * Every limit and every interval of the mesh, on one page: meaning, unit, reason, and what breaks when it is smaller or
 * larger. Limits stop what a peer could do to us and are fixed. Timings suit most networks and can be set by the
 * operator (`Timings`).
 */

// --- What a peer may send -----------------------------------------------------------------------------------------

/**
 * Longest address, in bytes. A DNS name has at most 253 (RFC 1035 §2.3.4); that leaves no room for long paths, on
 * purpose. Larger: 1,000 addresses no longer fit a frame. Smaller: legal host names are refused.
 */
export const ADDRESS_BYTES_MAX = 256

/**
 * Most addresses in one HANDSHAKE. One more closes the link. A node with more connections names itself and a sample of
 * the others. Larger: one message costs a peer noticeable time. Smaller: large meshes learn slowly.
 */
export const HANDSHAKE_ADDRESSES_MAX = 1_000

/**
 * Largest frame, in bytes, after which the link is closed (1009) without reading on. Holds a full HANDSHAKE:
 * 1,000 × (256 + 3) bytes is less. Smaller: a legal HANDSHAKE is refused. Larger: 1,200 links × this is the memory that
 * strangers can claim.
 */
export const FRAME_BYTES_MAX = 256 * 1024

/** Addresses per second that one peer may teach us for good. Larger: a liar fills the book sooner. */
export const LEARN_PER_SECOND = 10

/** Addresses that one peer may teach us at once: a whole HANDSHAKE. Smaller: joining a large mesh takes minutes. */
export const LEARN_BURST = 1_000

/**
 * Most addresses that a node remembers. Beyond it new ones are refused, after those that were never reached have made
 * room. Larger: only memory, about 300 bytes each. Smaller than the mesh: it cannot become complete.
 */
export const BOOK_ADDRESSES_MAX = 4_096

// --- How many at once ---------------------------------------------------------------------------------------------

/**
 * Dials under way at once. Larger: file descriptors and a burst of SYNs. Smaller: hanging dials (each up to
 * `dialTimeoutMs`) hold up the good ones.
 */
export const DIALS_MAX = 32

/** Accepted links, plain peers' included. Beyond it a newcomer is closed with 1013. Room for a mesh of 1,000. */
export const ACCEPTED_LINKS_MAX = 1_200

/** Accepted links that have not said HANDSHAKE. Beyond it a newcomer is closed with 1013. Keeps idlers from filling the above. */
export const SILENT_LINKS_MAX = 128

/** Connections that one host may open at once, before it has to wait. Room for a machine full of nodes that starts up. */
export const KNOCKS_BURST = 256

/** Connections per second that one host may open after that. Larger: a stranger keeps us busy with handshakes. */
export const KNOCKS_PER_SECOND = 32

/** Hosts whose pace is remembered. Beyond it the oldest starts afresh. */
export const KNOCKING_HOSTS_MAX = 4_096

/**
 * Links that one identity may hold with us. Two exist for a moment whenever two nodes dial each other; a third only
 * by an alias. Beyond it the newest is closed.
 */
export const LINKS_PER_PEER_MAX = 4

/** Other spellings of peers' addresses that are remembered. Beyond it the oldest is forgotten, which costs a dial. */
export const ALIASES_MAX = 1_024

/**
 * Least pause between two dials of one address because its node called on us, in ms. A plain peer that dials us expects
 * to be dialed back at once, backoff or not. Smaller: a caller could make us hammer an address that is not its own.
 */
export const CALL_BACK_MS_MIN = 1_000

// --- Forgetting ---------------------------------------------------------------------------------------------------

/** Failed dials after which a learned address that was never reached is forgotten. Smaller: a slow starter is lost. */
export const FAILURES_BEFORE_FORGETTING = 5

/** Time without success after which a learned address that once was reached is forgotten, in ms. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000

// --- Timings ------------------------------------------------------------------------------------------------------

/** Intervals that an operator may set for small or slow networks. All in milliseconds. */
export interface Timings {
  /** How long a dial may take, from the name lookup to the upgrade. Default 5,000. */
  readonly dialTimeoutMs: number
  /** Upper bound of the first pause after a failed dial; doubles with each failure. Default 1,000. */
  readonly redialMinMs: number
  /** Upper bound of every pause between dials. Default 60,000. */
  readonly redialMaxMs: number
  /** A link that lived this long clears the failures of its address. Default 15,000. */
  readonly stableAfterMs: number
  /** An accepted link must say HANDSHAKE within this time. Default 6,000. */
  readonly handshakeTimeoutMs: number
  /** Silence on a link after which it is pinged. Default 15,000. */
  readonly pingAfterMs: number
  /** Silence on a link after which it is given up. Default 45,000. */
  readonly silentAfterMs: number
  /** How long the older of two links to one peer has to answer a ping. Default 2,000. */
  readonly duplicateProbeMs: number
  /** Mean pause between HANDSHAKEs that repair what was missed, in a mesh of two. Default 30,000. */
  readonly repairMs: number
  /** Pause between dials that verify an address that a peer claims. Default 1,000. */
  readonly verifyMs: number
}

/** The timings of a node whose operator set none. */
export const DEFAULT_TIMINGS: Timings = {
  // Name lookup, TCP and upgrade take three round trips; a satellite hop has 0.6 s each. TCP's own SYN retry is at 1 s and 3 s.
  dialTimeoutMs: 5_000,
  // Full jitter needs a base well above a round trip, and a person restarting a node should not have to wait.
  redialMinMs: 1_000,
  redialMaxMs: 60_000,
  // Longer than any close that a peer sends on purpose right after the upgrade (other mesh, duplicate, full).
  stableAfterMs: 15_000,
  // More than the dial timeout, so that a slow dialer is not cut off by the acceptor.
  handshakeTimeoutMs: 6_000,
  // Below the idle timeouts of common NATs and proxies (30 s and more).
  pingAfterMs: 15_000,
  silentAfterMs: 45_000,
  // Two retransmissions on a slow link.
  duplicateProbeMs: 2_000,
  repairMs: 30_000,
  verifyMs: 1_000,
}

/** The relations between timings that the mechanisms rely on; the first that does not hold, as text for the operator. */
export function brokenRelation(t: Timings): string | undefined {
  if (t.redialMinMs > t.redialMaxMs) return 'redialMinMs must not exceed redialMaxMs'
  // A ping must have time to be answered before the link is given up.
  if (t.pingAfterMs >= t.silentAfterMs) return 'pingAfterMs must be below silentAfterMs'
  if (t.dialTimeoutMs >= t.handshakeTimeoutMs)
    return 'dialTimeoutMs must be below handshakeTimeoutMs'
  return undefined
}
