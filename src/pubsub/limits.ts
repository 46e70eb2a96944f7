/**
 * The limits of messages, each with its unit and its reason. Larger and Smaller say what gets worse
 * in which direction.
 */

export { NESTING_MAX } from '../wire/nesting.ts'
export { TOPIC_BYTES_MAX } from '../wire/topic.ts'

const KIB = 1024
const MIB = 1024 * KIB

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
export const JOINED_BYTES_MAX = 64 * KIB

/**
 * The bytes that the log keeps of all feeds.
 *
 * Larger: more memory. Smaller: who was away for a minute meets a gap sooner.
 */
export const LOG_BYTES_MAX = 64 * MIB

/**
 * How long the log keeps an item, in ms.
 *
 * Larger: memory is held after a burst. Smaller: an outage that people mend meanwhile is a gap.
 */
export const LOG_AGE_MS_MAX = 10 * 60_000

/**
 * The part of the log that one feed may take.
 *
 * Larger: a loud node evicts the items of quiet ones. Smaller: a mesh with one publisher uses less
 * of the log.
 */
export const FEED_SHARE_MAX = 1 / 4

/**
 * What an entry of the log takes in memory beyond its text, in bytes. Measured with short items.
 *
 * Larger: the log keeps less than it may. Smaller: many short items take more memory than it may.
 */
export const ENTRY_BYTES = 384

/**
 * The bytes that a program publishes in one turn of the event loop before they go to the log, which
 * has bounds.
 *
 * Larger: a loop that never ends its turn takes more memory. Smaller: it sends more often.
 */
export const TURN_BYTES_MAX = MIB

/**
 * What comes in one turn of the event loop is kept decoded until subscriptions have read it, up to
 * so many bytes of text.
 *
 * Larger: frames of many tiny items take many times their size in memory. Smaller: more is decoded
 * twice.
 */
export const FRESH_BYTES_MAX = 4 * MIB

/**
 * The feeds that are remembered: as many as addresses in the address book.
 *
 * Larger: more memory that peers can fill. Smaller: a feed is forgotten while a peer still has its
 * items, which then come twice.
 */
export const FEEDS_MAX = 4_096

/**
 * The feeds that one link may make known to a node, other than those of peers that were linked.
 *
 * Larger: a hostile peer displaces more feeds. Smaller: after many owners died together, a node
 * needs more peers to learn of all.
 */
export const UNKNOWN_FEEDS_PER_LINK_MAX = 64

/** The time in which it may do so, in ms. Larger: as smaller numbers above. Smaller: as larger. */
export const UNKNOWN_FEEDS_MS = 10 * 60_000

/**
 * The feeds for which it is remembered that a link was asked, and of which a link has a place: as
 * many as a peer can name at once.
 *
 * Larger: more memory that peers can fill. Smaller: after many owners died together, a peer is
 * asked for their items in more rounds.
 */
export const ASKED_FEEDS_MAX = 1_000

/**
 * The feeds without owner in which a hole may be filled at the same time.
 *
 * Larger: a hostile peer causes more requests. Smaller: after many owners died together, holes are
 * filled later.
 */
export const HOLES_MAX = 64

/**
 * How much older than its own start the items are, in ms, that a node wants of a feed that is new
 * to it: clocks of two processes do not begin at the same instant.
 *
 * Larger: programs get what is older than themselves. Smaller: time on the wire hides an item.
 */
export const START_MARGIN_MS = 2_000

/**
 * The least time between two requests for the same feed on one link, in ms, and between two times
 * that a link makes a node send again.
 *
 * Larger: what is missing comes later. Smaller: each frame that is too high causes a request.
 */
export const WANT_PAUSE_MS = 1_000

/**
 * How long a peer may take to ask for the feed of a node, in ms: one that never does wants nothing.
 *
 * Larger: a node that stops waits longer for such a peer. Smaller: what was published just before
 * the stop is not waited for on slow lines.
 */
export const ASK_MS_MAX = 5_000

/**
 * The bytes that a link may make a node send again within {@link REWIND_WINDOW_MS}: a whole log.
 *
 * Larger: a hostile peer takes more of our line. Smaller: a link that breaks often catches up late.
 */
export const REWIND_BYTES_MAX = 64 * MIB

/** In ms. Larger: as smaller bytes above. Smaller: as larger ones. */
export const REWIND_WINDOW_MS = 10 * 60_000

/**
 * The bytes that wait for the sockets of all links: each link has one frame, and where links are
 * many, fewer items are joined in one.
 *
 * Larger: more memory when all peers are slow; beyond `HELD_BYTES_MAX` links are closed. Smaller:
 * more frames in a large mesh.
 */
export const WAITING_BYTES_MAX = 24 * MIB

/**
 * How long other peers have to fill a hole in a feed whose owner is gone, in ms.
 *
 * Larger: a peer that is frozen delays the rest of that feed. Smaller: a slow peer had it, and it
 * is a gap.
 */
export const HOLE_WAIT_MS = 10_000

/**
 * To how many random peers a node tells what it has of feeds whose owner is gone.
 *
 * Larger: more frames in a large mesh. Smaller: with one, the chain ends at the first that has all.
 */
export const FEEDS_PEERS = 2

/**
 * Within how many ms it does so: all nodes lose an owner at the same time.
 *
 * Larger: the others get it later. Smaller: all tell at once.
 */
export const FEEDS_DELAY_MS = 500

/**
 * After how many ms it does so once more: of 60 nodes of which half lacked an item, chance left out
 * some in two of five cases. By then nearly all have it, and who lacks it finds one of them.
 *
 * Larger: such a node waits longer. Smaller: it may be asked before it was told.
 */
export const FEEDS_AGAIN_MS = 2_000

/**
 * How often it does so while it keeps any of them, in ms: a frame can be lost with its link.
 *
 * Larger: such a node waits longer. Smaller: more frames for ten minutes after each death.
 */
export const FEEDS_REPAIR_MS = 30_000

/**
 * The part of what the log keeps of one feed that may wait for a link or a subscription before it
 * counts as behind: 4 MiB by default.
 *
 * Larger: its gap follows at once. Smaller: each burst is told.
 */
export const LAG_SHARE_MAX = 1 / 4

/** How often that is looked at, in ms. Larger: it is told later. Smaller: short bursts are told. */
export const LAG_LOOK_MS = 1_000

/**
 * The messages that one step of a subscription takes.
 *
 * Larger: others wait for their turn. Smaller: more steps, which cost more than messages.
 */
export const STEP_MESSAGES_MAX = 1_000

/**
 * The bytes of the log that one step of a subscription reads, also when no topic matches. The entry
 * that exceeds it is the last one.
 *
 * Larger: a subscription that is far behind stops the process for longer. Smaller: it needs longer
 * to catch up.
 */
export const STEP_BYTES_MAX = 512 * KIB
