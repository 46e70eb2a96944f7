/**
 * The limits of requests, each with its unit and its reason. Larger and Smaller say what gets worse
 * in which direction.
 */

const KIB = 1024
const MIB = 1024 * KIB

/**
 * The requests to one peer that may be open, and those of one peer that are carried out or whose
 * answers wait to be sent.
 *
 * Larger: a responder that hangs holds more memory. Smaller: programs that ask much at once have to
 * wait by themselves.
 */
export const OPEN_MAX = 1_000

/**
 * The bytes of the topics and bodies of these where they are asked. Where they are carried out:
 * the characters of their frames, with {@link CONTAINER_CHARS} and {@link PART_CHARS}, and of the
 * answers that are kept for this peer.
 *
 * Larger: as above. Smaller: fewer large requests at once.
 */
export const OPEN_BYTES_MAX = 4 * MIB

/**
 * The same characters for all peers.
 *
 * Larger: many peers together fill the memory. Smaller: in a large mesh, peers that ask much at
 * once are refused.
 */
export const ALL_CHARS_MAX = 64 * MIB

/**
 * The CANCELs for one peer that wait while its socket takes nothing; of more, the oldest are not
 * sent.
 *
 * Larger: they come before the requests that wait, and fill the window of the next link. Smaller:
 * the peer carries out more that nobody waits for.
 */
export const CANCELS_MAX = 512

/**
 * How long a request waits for its answer unless it says otherwise, in ms.
 *
 * Larger: a responder that hangs is noticed later. Smaller: slow responders answer in vain.
 */
export const TIMEOUT_MS = 10_000

/** The longest that it may wait, in ms, 25 days: no timer of any runtime is longer. */
export const TIMEOUT_MS_MAX = 2 ** 31 - 1

/**
 * How long a lost link is waited for, in ms.
 *
 * Larger: who asked a dead process learns it later. Smaller: a link that breaks, or that gives way
 * to another one, costs requests.
 */
export const LINK_WAIT_MS = 2_000

/**
 * How long an answer is kept after it was sent, in ms: it may have been lost with its link.
 *
 * Larger: more memory. Smaller: such an answer is lost.
 */
export const ANSWER_KEPT_MS = 2_000

/**
 * How long it is remembered which requests came, after their link was lost, in ms. A request that
 * is as old is not carried out when it comes in a series that is new.
 *
 * Larger: more memory. Smaller: a request that was lost with its link fails although it did not
 * run.
 */
export const SERIES_KEPT_MS = 60_000

/** The most series without a link of which that is remembered. Larger and Smaller: as above. */
export const SERIES_KEPT_MAX = 4_096

/**
 * The characters of requests and answers that a socket is given before it has taken any of them.
 *
 * Larger: HANDSHAKE and pings wait behind more. Smaller: a fast line is not used.
 */
export const WINDOW_CHARS = 128 * KIB

/** How many process runs that said goodbye are remembered. Smaller: others are waited for. */
export const GOODBYES_MAX = 4_096

/** What an answer that is kept takes in memory besides its text, in characters. An estimate. */
export const KEPT_CHARS = 256

/**
 * What each array or object in the body of a request counts besides its text, in characters: while
 * its responder works, `{}` takes 56 bytes.
 *
 * Larger: fewer requests with structured bodies at once. Smaller: 64 MiB of text take 1 GiB.
 */
export const CONTAINER_CHARS = 64

/** The same for each element and property: a number of one digit takes 8 bytes. */
export const PART_CHARS = 8
