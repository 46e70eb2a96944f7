/**
 * Every limit and interval of the HTTP side: meaning, unit, reason, and what breaks when it is
 * smaller or larger. The limits of connections are in io/limits.ts.
 */

/**
 * Longest request target, in characters; a longer one gets 414. A request to a peer has up to 1,568
 * of them: 765 for a topic of 255 bytes and 768 for an address of 256, when each byte is
 * percent-encoded. Larger: no benefit. Smaller: such requests are refused.
 */
export const URL_CHARS_MAX = 2_048

/**
 * Longest body of a request, in bytes; a longer one gets 413. One address in JSON has less than a
 * quarter of it. Larger: no benefit. Smaller: addresses that are escaped are refused.
 */
export const BODY_BYTES_MAX = 2_048

/**
 * Bytes of a body that is too long, which are read before it is refused. Larger: whoever
 * sends one takes more of our time. Smaller: a client that looks for an answer only when it has
 * sent all gets a reset instead.
 */
export const DRAINED_BYTES_MAX = 1024 * 1024

/**
 * Bodies of messages and of requests to peers that are read at once; others wait. Larger: each
 * takes up to 128 KiB of memory. Smaller: slow clients, of which each has {@link ANSWER_MS_MAX},
 * hold up quick ones.
 */
export const BODIES_MAX = 128

/**
 * Requests to peers over HTTP that wait for their answers; beyond, 429. More than connections, of
 * which each has one unless its client does not wait for answers. Larger: such a client takes more
 * memory. Smaller: clients on many connections are refused.
 */
export const QUESTIONS_MAX = 2_048

/**
 * Bytes of the bodies of requests to peers that wait for their answers; beyond, 429. Larger: they
 * take more memory, up to three times as much. Smaller: clients that ask much at once are refused.
 */
export const QUESTIONS_BYTES_MAX = 32 * 1024 * 1024

/**
 * Pieces of a body that are kept before they are joined: each takes some 400 bytes, and a client
 * can send single bytes. Larger: bodies take more memory. Smaller: they are copied more often.
 */
export const BODY_PIECES_MAX = 64

/**
 * Followers of topics at once; one more gets 503. Larger: each takes up to 1 MiB of memory while it
 * does not read. Smaller: programs that each follow a topic are refused.
 */
export const FOLLOWERS_MAX = 64

/**
 * Entries of the log that all followers together are sent in a turn of the event loop. Larger:
 * those that are behind delay the links of the node. Smaller: they catch up later.
 */
export const FOLLOWERS_STEPS_MAX = 1_024

/**
 * The characters in these, of which the last entry may be beyond. A large message is made and
 * copied again for each follower. Larger and Smaller: as above.
 */
export const FOLLOWERS_CHARS_MAX = 2 * 1024 * 1024

/**
 * Requests that one connection may make at once; one more gets 429 and the connection is closed.
 * Smaller: a script that sends requests in a loop without pauses is refused. Larger: each request
 * describes the whole mesh, which takes milliseconds in a large one.
 */
export const REQUESTS_BURST = 200

/** Requests per second on one connection after that. */
export const REQUESTS_PER_SECOND = 100

/**
 * Documents that one connection may wait for at once; one more gets 429 and the connection is
 * closed. Only clients that pipeline have more than one. Larger: 200 requests in one packet make
 * 200 documents. Smaller: no benefit, browsers and curl have one.
 */
export const WAITING_MAX = 8

/**
 * Time to read one response, in ms; then its connection is dropped. Larger: a client that does not
 * read keeps a document of megabytes in our memory for longer. Smaller: clients on slow lines never
 * get a large one.
 */
export const ANSWER_MS_MAX = 10_000

/**
 * Clients of /events at once; one more gets 503. Larger: each is sent the whole status at every
 * change. Smaller: an operator with many tabs is refused.
 */
export const EVENT_STREAM_CLIENTS_MAX = 16

/**
 * Time between two checks for changes while there are clients, and so the least time between two
 * events, in ms. Larger: changes are seen later; twice this must stay below a second. Smaller: more
 * work while a large mesh starts.
 */
export const EVENT_STREAM_PACE_MS = 500

/**
 * Time between two comments that keep a connection open, in ms. A client that reads nothing from
 * one to the next is dropped. Larger: proxies cut connections that seem idle, many after 30 s.
 * Smaller: needless packets.
 */
export const EVENT_STREAM_KEEP_ALIVE_MS = 15_000

/** Time until a browser connects again after its connection broke, in ms. Sent to it as `retry`. */
export const EVENT_STREAM_RETRY_MS = 1_000

/**
 * Time between two surveys while /events has clients, in ms. Larger: changes between other nodes
 * are seen later. Smaller: more messages; peers answer twice a second at most.
 */
export const SURVEY_INTERVAL_MS = 1_000

/**
 * Times of further surveys after a join or a leave, in ms: the first when a new peer has found the
 * others, the second for peers that do not answer twice in so short a time. Smaller: the new peer
 * is not yet connected. Larger: its lines seem to be missing.
 */
export const SURVEY_AFTER_CHANGE_MS = [150, 800] as const

/**
 * Time that `/peers` waits for answers to its survey, in ms, when /events has no clients. Larger:
 * each request takes longer. Smaller: answers of distant peers come too late.
 */
export const SURVEY_WAIT_MS = 200

/**
 * Joins and leaves in a status. Larger: every status is longer, by some 80 bytes for each. Smaller:
 * what happened a minute ago is missing.
 */
export const RECENT_EVENTS_MAX = 100

/**
 * Characters in all address lists of a status that peers sent, together. A list that exceeds it is
 * left out. 1,000 nodes on one machine need 25 million. Larger: a thousand peers that send long
 * addresses cost seconds for one document. Smaller: the page of a large mesh shows fewer lines.
 */
export const REPORTED_CHARS_MAX = 48_000_000
