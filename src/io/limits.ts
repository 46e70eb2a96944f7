/** The limits of sockets and lookups. Those of the core are in mesh/limits.ts. */

import { AUTH_BYTES_MAX } from '../auth/auth-frame.ts'

/** Of a masked frame whose length takes two bytes (RFC 6455 §5.2). */
const FRAME_HEADER_BYTES_MAX = 8

// --- Connections ---------------------------------------------------------------------------------

/**
 * Connections that one host may open at once. Room for a machine full of nodes that starts.
 * Larger: a stranger makes us do more upgrades.
 */
export const CONNECTS_BURST = 256

/** Connections per second that one host may open after that. Larger: more upgrades a second. */
export const CONNECTS_PER_SECOND = 32

/** Hosts whose connection rate is remembered; one more drops the oldest, which starts afresh. */
export const CONNECTING_HOSTS_MAX = 4_096

/**
 * Silence after which a connection without a request is the first to go when others need its place,
 * in ms. Larger: idle strangers are as good as peers for longer. Smaller than a round trip: peers
 * on slow lines go first.
 */
export const SILENT_MS_MAX = 1_000

/**
 * Connections at once that have not proven the secret yet; one more ends the oldest of the host
 * with most of them. A proof takes two round trips. Larger: memory that strangers can claim.
 * Smaller: peers that start at once go before they can prove anything.
 */
export const UNPROVEN_MAX = 128

/**
 * Most bytes that are read of a connection before it has proven the secret: AUTH in its frame.
 * Larger: strangers make us read more. Smaller: AUTH does not fit.
 */
export const UNPROVEN_BYTES_MAX = AUTH_BYTES_MAX + FRAME_HEADER_BYTES_MAX

/**
 * Within how long the links of a secret that was withdrawn end, in ms, each at a random time: a
 * second for each link, up to this. Larger: who lost the secret stays for longer. Smaller: all
 * peers of a large mesh are dialed at once.
 */
export const WITHDRAWN_MS_MAX = 50_000

/**
 * Addresses of which is remembered that their peer has proven the secret, while others are accepted
 * as well; one more drops the oldest, which is accepted without a proof again.
 */
export const PROVEN_ADDRESSES_MAX = 4_096

/** Peers that the log has named because of their secret. More are not named. */
export const SECRET_PROBLEMS_MAX = 256

/** The longest timeout of any runtime, in ms: 25 days. */
export const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * How long an HTTP connection may stay open for the next request, in ms. Larger: idle programs hold
 * places that others need. Smaller: a program that polls connects each time.
 */
export const IDLE_MS = 5_000

/**
 * Connections that are no links up to which they stay open for the next request; beyond it each is
 * closed once answered. Larger: programs that poll can take all of `CONNECTIONS_MAX`. Smaller: they
 * connect each time.
 */
export const KEPT_OPEN_MAX = 128

/**
 * Silence on an accepted connection before the kernel probes it, in ms (TCP keep-alive): the only
 * way to find out that a plain peer that dialed us is gone, on Linux some 12 minutes later. Larger:
 * it is found out later. Smaller: packets on healthy links.
 */
export const KEEP_ALIVE_MS = 60_000

/**
 * Time to answer a close frame before the socket is dropped, in ms. Larger: a node takes longer
 * than a second to stop. Smaller: peers on slow lines never read the reason.
 */
export const CLOSE_TIMEOUT_MS = 500

// --- Names and IPs -------------------------------------------------------------------------------

/**
 * Most IPs of an operator's name that one dial tries; the next dial begins with the others. Larger:
 * less time for each, and packets. Smaller: a live IP among dead ones is found later.
 */
export const DIAL_IPS_MAX = 16

/**
 * The same for a name from a peer. Larger: whoever owns the name makes us dial more hosts at once.
 */
export const DIAL_IPS_LEARNED_MAX = 4

/**
 * How long the other IPs of a name are dialed before one that failed, or that led to ourselves, in
 * ms. Larger: an IP that is live again is dialed later. Smaller than a few dials: dead IPs take the
 * time of each dial.
 */
export const DIAL_IP_MISSED_MS = 30_000

/** IPs whose last dial is remembered; one more drops the oldest, which is dialed sooner. */
export const DIALED_IPS_MAX = 4_096

/**
 * Name lookups at once. Node runs only two (half of libuv's four threads, which also serve files):
 * a third would wait there, where no other can overtake it. Smaller: a name that hangs holds up all
 * others.
 */
export const LOOKUPS_MAX = 2

/**
 * Of those, kept for names of the operator that did not hang the last time. Smaller: names from a
 * peer, whose DNS server never answers, hold these up. Larger: no other name is looked up.
 */
export const LOOKUPS_KEPT = 1

/**
 * A lookup that takes longer hangs, in ms: the last answer is used instead, and the name gets no
 * kept place next time. As long as a resolver should wait by RFC 8767 §5. Larger: a dial waits
 * longer for nothing. Smaller: slow DNS servers seem to hang.
 */
export const LOOKUP_HANGS_MS = 1_800

/**
 * How long a dial waits until the lookup of its name begins, in ms: as long as a dial takes, since
 * it holds a place of the others. Larger: names whose DNS server never answers hold up the dials of
 * IPs. Smaller: a burst of names fails.
 */
export const LOOKUP_WAIT_MS = 5_000

/**
 * The same for an operator's name. More than one lookup of a name takes whose DNS servers do not
 * answer: 10 s with one server, as a rule. Larger: it is reported later. Smaller: names that hang
 * keep the others from their turn.
 */
export const LOOKUP_WAIT_OPERATOR_MS = 30_000

/**
 * How long an answer is used without a new lookup, in ms. Larger: a name that has moved is dialed
 * where it was. Smaller: more lookups while many ports of one host are dialed.
 */
export const LOOKUP_FRESH_MS = 5_000

/**
 * How long an answer is used again when a lookup hangs or its DNS server fails, in ms. Larger: a
 * name is dialed where it was long ago. Smaller: when DNS fails, links that break stay broken.
 */
export const LOOKUP_STALE_MS = 60 * 60 * 1000

/** Names of which something is remembered; one more drops the oldest, which costs a lookup. */
export const LOOKUP_NAMES_MAX = 1_024

/** IPs of one answer that are kept. Larger: whoever owns a name takes memory, by 40 bytes each. */
export const LOOKUP_IPS_MAX = 64

// --- Bytes and frames ----------------------------------------------------------------------------

/**
 * Most fragments of one message, and most chunks that wait to be joined; one more closes the link
 * (1009). Tiny fragments cost far more memory than their bytes (ws, advisory of May 2026). Smaller:
 * a frame of `FRAME_BYTES_MAX` in packets of 1,460 bytes, 180 of them, is refused. Larger: each
 * byte that a stranger sends costs hundreds.
 */
export const FRAGMENTS_MAX = 1_024

/**
 * Most bytes that one link may hold in memory: unsent ones, and those of a message that has not
 * ended. One more closes it. A HANDSHAKE each way is half of it; nothing that can wait is sent on a
 * link with unsent bytes. Smaller: peers on slow lines are closed. Larger: memory that one stranger
 * can claim.
 */
export const LINK_HELD_BYTES_MAX = 1024 * 1024

/**
 * Most bytes that all links hold in this way. Beyond it the link is closed that has held more than
 * its share for longest, and nothing that can wait is sent. Larger: memory that strangers can claim
 * together. Smaller: 100 new peers on slow lines, each with a large HANDSHAKE, are closed.
 */
export const HELD_BYTES_MAX = 32 * 1024 * 1024

/**
 * What a part of a message that has not ended costs in memory besides its bytes. Smaller: a
 * stranger that sends single bytes claims many times the limits above. Larger: peers whose packets
 * are small are closed.
 */
export const PIECE_BYTES = 512

/**
 * A frame counts as this many bytes more in the budgets below: reading a frame without payload
 * takes as long as this many bytes of a long one. Smaller: floods of pings cost more of our time.
 */
export const FRAME_COST_BYTES = 1_024

/**
 * Bytes that one link may send at once; beyond it the link is closed (4009). A peer of a large mesh
 * sends a HANDSHAKE and LINKS, 256 KiB each. Larger: a stranger takes more of our time. Smaller:
 * plain peers that send HANDSHAKE for each of their peers are closed.
 */
export const LINK_BYTES_BURST = 4 * 1024 * 1024

/**
 * Bytes a second that one link may send after that. The most that a node sends is LINKS each
 * `LINKS_ASK_PAUSE_MS`: 427 KiB/s with 1,000 addresses of the most bytes, 42 kB/s with usual ones.
 */
export const LINK_BYTES_PER_SECOND = 2 * 1024 * 1024

/**
 * A text or binary frame on a link that carries messages counts as this many bytes more: programs
 * may publish single messages, thousands a second. Smaller: floods of them cost more of our time.
 * Larger: such programs are slowed down.
 */
export const MESSAGE_COST_BYTES = 128

/**
 * As `LINK_BYTES_PER_SECOND` for a link that carries messages, which is read more slowly and not
 * closed: what a program publishes is no attack. Larger: one link takes more of our time. Smaller:
 * messages between two nodes are slower than the machine.
 */
export const MESSAGE_BYTES_PER_SECOND = 256 * 1024 * 1024

/**
 * The frames of messages that one link gets in a turn of the event loop while its socket takes
 * them. Larger: a peer that catches up delays all else. Smaller: it catches up more slowly.
 */
export const FRAMES_PER_TURN_MAX = 4

/**
 * How much longer than the monotonic clock the wall clock must have run, in ms, to count as a
 * suspended machine. Larger: a short sleep is missed. Smaller: each correction of the clock counts.
 */
export const SUSPENDED_MS_MIN = 1_000

/**
 * How often links are looked at on which bytes wait, in ms. Larger: a dead peer is found so much
 * later. Smaller: more wake-ups while a peer is slow.
 */
export const PROGRESS_LOOK_MS = 500

/**
 * How long a link is not read when it exceeds `MESSAGE_BYTES_PER_SECOND`, in ms. Larger: messages
 * come in jerks. Smaller: more timers.
 */
export const READ_PAUSE_MS = 20

/**
 * Bytes that all links of one host may send at once, besides those spared. When 200 nodes on one
 * host join a mesh of 1,000, that is a HANDSHAKE of 25 kB each, 5 MB. Larger: one host takes more
 * of our time. Smaller: a host full of nodes that starts is refused.
 */
export const HOST_BYTES_BURST = 64 * 1024 * 1024

/**
 * Bytes a second that all links of one host may send after that: some 10 % of our time as long
 * text, 5 % as empty frames. The most that 200 nodes on one host send is 9 MB/s: a mesh of 1,000
 * forms, so that all lists change all the time, and we are watched.
 */
export const HOST_BYTES_PER_SECOND = 16 * 1024 * 1024

/**
 * Bytes at once that a link may always send, whatever the others of its host do. A whole HANDSHAKE.
 * Smaller: a flood ends the links of honest nodes on the same host. Larger: many links take more of
 * our time.
 */
export const SPARED_BYTES_BURST = 320 * 1024

/** Bytes a second that a link may always send after that: 16 frames. */
export const SPARED_BYTES_PER_SECOND = 16 * 1024
