/**
 * The limits of messages, each with its unit and its reason. Larger and Smaller say what gets worse
 * in which direction.
 */

const KIB = 1024
const MIB = 1024 * KIB

/** The most bytes of a topic in UTF-8: what people type, and what fits a log line. */
export const TOPIC_BYTES_MAX = 255

/**
 * The most bytes of one item: its topic and its body, JSON or base64, in UTF-8.
 *
 * Larger: one item delays pings and HANDSHAKEs behind it. Smaller: programs have to split.
 */
export const ITEM_BYTES_MAX = 128 * KIB

/**
 * The bytes up to which items are joined in one frame; a larger item has a frame of its own.
 *
 * Larger: a HANDSHAKE waits longer behind a frame. Smaller: more frames, which cost more than
 * bytes.
 */
export const FRAME_BYTES_MAX = 64 * KIB

/**
 * The bytes that the log keeps of all feeds.
 *
 * Larger: more memory. Smaller: who was away for a minute meets a gap sooner.
 */
export const LOG_BYTES_MAX = 64 * MIB

/** How long the log keeps an item, in ms: an outage that people mend meanwhile loses nothing. */
export const LOG_AGE_MS_MAX = 10 * 60_000

/** The part of the log that one feed may take, so that a loud node does not evict the quiet. */
export const FEED_SHARE_MAX = 1 / 4

/** What an entry of the log takes in memory beyond its text, in bytes. */
export const ENTRY_BYTES = 256

/**
 * The feeds that are remembered: as many as addresses in the address book.
 *
 * Larger: more memory that peers can fill. Smaller: a feed is forgotten while a peer still has its
 * items, which then come twice.
 */
export const FEEDS_MAX = 4_096

/** The feeds that one link may make known to a node, other than that of its peer. */
export const UNKNOWN_FEEDS_PER_LINK_MAX = 64

/**
 * How much older than its own start the items are, in ms, that a node wants of a feed that is new
 * to it: clocks of two processes do not begin at the same instant.
 */
export const START_MARGIN_MS = 2_000

/** The least time between two requests for the same feed on one link, in ms. */
export const WANT_PAUSE_MS = 1_000

/** The bytes that a link may make a node send again within {@link REWIND_WINDOW_MS}. */
export const REWIND_BYTES_MAX = 64 * MIB

export const REWIND_WINDOW_MS = 10 * 60_000

/**
 * The bytes that are on their way to one link before its socket has to take them.
 *
 * Larger: more memory for each slow peer. Smaller: a fast link waits for its socket.
 */
export const LINK_WINDOW_BYTES_MAX = 256 * KIB

/** The same for all links together; each has an equal share. */
export const WINDOWS_BYTES_MAX = 32 * MIB

/** How long other peers have to fill a hole in a feed whose owner is gone, in ms. */
export const HOLE_WAIT_MS = 10_000

/** To how many random peers a node tells what it has of feeds whose owner is gone. */
export const FEEDS_PEERS = 2

/** Within how many ms it does so: all nodes lose an owner at the same time. */
export const FEEDS_DELAY_MS = 500

/** How often it does so while it keeps any of them, in ms: chance may have left a node out. */
export const FEEDS_REPAIR_MS = 30_000

/** The messages that one step of a subscription takes, so that others get their turn. */
export const STEP_MESSAGES_MAX = 1_000
