/**
 * Every limit and every interval of the HTTP side, on one page: meaning, unit, reason, and what
 * breaks when it is smaller or larger. The connections below it are limited in mesh/limits.ts.
 */

// --- What a program may ask ----------------------------------------------------------------------

/**
 * Longest target of a request, in characters; a longer one gets 414. Our own have less than 20.
 * Larger: nothing is gained. Smaller: whoever adds something to defeat a cache is refused.
 */
export const URL_CHARS_MAX = 1_024

/**
 * Requests that one connection may make at once; one more gets 429 and the connection is closed.
 * Smaller: a script that asks in a tight loop is cut off. Larger: each request describes the whole
 * mesh, which takes milliseconds in a large one.
 */
export const REQUESTS_BURST = 200

/** Requests per second on one connection after that. */
export const REQUESTS_PER_SECOND = 100

/**
 * Documents that one connection may wait for at once; one more gets 429 and the connection is
 * closed. Only who sends requests without waiting for the answers has more than one. Larger: 200
 * requests in one packet make 200 documents. Smaller: nothing, browsers and curl have one.
 */
export const WAITING_MAX = 8

/**
 * How long the answer to one request may take to be read, in ms; then its connection is dropped.
 * Larger: a caller that does not read keeps a document of megabytes in our memory for longer.
 * Smaller: callers on slow lines never get a large one.
 */
export const ANSWER_MS_MAX = 10_000

// --- The feed ------------------------------------------------------------------------------------

/**
 * Pages that may listen at once; one more gets 503. Larger: each is sent the whole status at every
 * change. Smaller: an operator with many tabs is refused.
 */
export const EVENT_STREAM_CLIENTS_MAX = 16

/**
 * How often we look for changes while somebody listens, and so the least time between two events,
 * in ms. Larger: what happens is seen later; twice this must stay below a second. Smaller: work,
 * while a large mesh starts.
 */
export const EVENT_STREAM_PACE_MS = 500

/**
 * How often a listener is sent a sign of life, in ms. One that has not read by the next one what it
 * was sent before is dropped. Larger: proxies cut connections that seem idle, many after 30 s.
 * Smaller: packets for nothing.
 */
export const EVENT_STREAM_KEEP_ALIVE_MS = 15_000

/** How soon a page comes back when its connection broke, in ms. Its browser is told. */
export const EVENT_STREAM_RETRY_MS = 1_000

/**
 * How often the peers are asked for their links while somebody listens, in ms. Larger: what changes
 * between others is seen later. Smaller: more messages; peers answer twice a second at most.
 */
export const SURVEY_INTERVAL_MS = 1_000

/**
 * How soon the peers are asked besides, after somebody joined or left, in ms: whoever joined, once
 * it has found the others, and then all who would not answer twice in so short a time. Sooner: the
 * newcomer is not yet connected. Later: its lines seem to be missing.
 */
export const SURVEY_AFTER_CHANGE_MS = [150, 800] as const

/**
 * How long `/peers` waits for what peers tell, in ms, when nobody has looked before. Larger: each
 * question takes longer. Smaller: peers that are far are not heard in time.
 */
export const SURVEY_WAIT_MS = 200

// --- What is told --------------------------------------------------------------------------------

/**
 * Joins and leaves that are remembered. Larger: every status is longer, by some 80 bytes for each.
 * Smaller: what happened a minute ago is gone.
 */
export const RECENT_EVENTS_MAX = 100

/**
 * Characters of addresses in all lists of a status that peers told, together. A list that does not
 * fit is left out. Room for those of 1,000 nodes on one machine, 25 million. Larger: a thousand
 * peers that make up long addresses keep us busy for seconds with one document. Smaller: the page
 * of a large mesh shows fewer lines.
 */
export const TOLD_CHARS_MAX = 48_000_000
