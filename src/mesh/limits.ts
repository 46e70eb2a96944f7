/**
 * Every limit and every interval of the mesh: meaning, unit, reason, and what breaks when it is
 * larger or smaller. Limits stop what a peer could do to a node, and are fixed; what an operator or
 * a program may set is in timings.ts.
 */

// --- What a peer may send ------------------------------------------------------------------------

/**
 * Longest address, in bytes. A DNS name has at most 253 (RFC 1035 §2.3.4); long paths do not fit,
 * on purpose. Larger: 1,000 addresses no longer fit a frame. Smaller: legal names are refused.
 */
export const ADDRESS_BYTES_MAX = 256

/**
 * Most addresses in one HANDSHAKE; one more closes the link. A node with more connections names
 * itself and a sample of the others. Larger: one message costs a peer noticeable time. Smaller:
 * large meshes learn slowly.
 */
export const HANDSHAKE_ADDRESSES_MAX = 1_000

/**
 * Largest frame, in bytes; a larger one closes the link (1009) unread. Holds a full HANDSHAKE:
 * 1,000 × (256 + 3) bytes is less. Smaller: a legal HANDSHAKE is refused. Larger: 1,200 links ×
 * this is the memory that strangers can claim.
 */
export const FRAME_BYTES_MAX = 256 * 1024

/** Addresses per second that one peer may make us remember. Larger: it fills the book. */
export const LEARN_PER_SECOND = 10

/**
 * Addresses that one peer may make us remember at once: a whole HANDSHAKE. Smaller: joining a large
 * mesh takes minutes.
 */
export const LEARN_BURST = 1_000

/**
 * Most addresses in the address book. Beyond it new ones are refused, unless one that was never
 * reached makes room. Larger: only memory, about 300 bytes each. Smaller than the mesh: the mesh
 * cannot become complete.
 */
export const BOOK_ADDRESSES_MAX = 4_096

/**
 * Addresses in the book that were never reached and that the peers of one host named. One HANDSHAKE
 * fits. Larger: fewer hosts fill the book. Smaller: joining a large mesh by one peer takes minutes.
 */
export const TAUGHT_ADDRESSES_MAX = 1_024

/**
 * Addresses that count of one answer of a source, such as a name in DNS. One live node is enough to
 * find all others. Larger: whoever answers makes us dial more hosts. Smaller: of many dead ones,
 * those that are live are found later.
 */
export const SOURCE_ADDRESSES_MAX = 256

/**
 * Peers that are remembered as having named one address. Larger: memory for each address. Smaller
 * than 2: who names an address first decides alone when it is dialed.
 */
export const TEACHERS_MAX = 4

/**
 * Addresses that a peer may make us read at once, connected ones left out; a message without any
 * counts as one. Beyond it the link is closed. Smaller: a plain peer that sends many messages is
 * refused. Larger: a few links that send without pause take all of our time.
 */
export const READ_BURST = 20_000

/** Addresses per second that a peer may make us read after that. */
export const READ_PER_SECOND = 200

// --- Links and connections -----------------------------------------------------------------------

/**
 * Accepted links, plain peers' included; one more takes the place of the one that has shown the
 * least (links/eviction.ts). Room for a mesh of 1,000.
 */
export const ACCEPTED_LINKS_MAX = 1_200

/**
 * Of those, kept for links whose address no dial has verified. Larger: a mesh of 1,000 on one host
 * loses links to newcomers of others. Smaller: who holds all others keeps newcomers out, which
 * replace each other before they are verified.
 */
export const UNVERIFIED_LINKS_MIN = 128

/**
 * Links of plain peers without HANDSHAKE; one more closes the oldest of the host with most of them,
 * so that idle connections never keep peers out. Smaller: honest peers on slow lines are closed
 * before they send.
 */
export const LINKS_WITHOUT_HANDSHAKE_MAX = 128

/**
 * Links of one identity; one more takes the place of the oldest of the host with most of them. Two
 * exist for a moment when two nodes dial each other, a third only by an alias.
 */
export const LINKS_PER_PEER_MAX = 4

/**
 * Addresses that the links of one host, other than this machine, claim, that no dial has verified,
 * and that we name to peers. As many as peers may dial of one host at once, so that a host full of
 * nodes that starts is found as fast. Larger: a stranger makes our HANDSHAKE longer. Smaller: such
 * a host is found more slowly.
 */
export const NAMED_CLAIMS_PER_HOST_MAX = 256

/**
 * Links that we dialed because peers named their addresses, or are plain and dialed us; those to
 * this machine and to peers with the secret do not count. One more takes the place of one of the
 * host with most, in the younger half of them (links/eviction.ts). Half the book: a stranger that
 * answers on as many addresses as it likes leaves room for others. Larger: it takes more of our
 * descriptors. Smaller than the mesh: a node that dials all others stays incomplete.
 */
export const TAUGHT_LINKS_MAX = BOOK_ADDRESSES_MAX / 2

/**
 * Pause between two dials of a known name that leads to several IPs, in ms. Larger: nodes that each
 * reached another peer by it stay apart for longer. Smaller: more links that are closed at once.
 */
export const SHARED_NAME_REDIAL_MS = 30_000

/** Aliases of peers' addresses; one more drops the oldest, which costs a dial. */
export const ALIASES_MAX = 1_024

/**
 * Addresses on one host and port, which differ in their paths. Several nodes can share a reverse
 * proxy; but a WebSocket server that takes every path can be named a thousand times. Larger: one
 * message makes more connections to a third party.
 */
export const PLACE_ADDRESSES_MAX = 8

/**
 * Most accepted TCP connections on all interfaces: links, other requests, and links that are being
 * closed. One more takes the place of the one that has shown the least. Larger: idle strangers use
 * up file descriptors and memory. Smaller than `ACCEPTED_LINKS_MAX` plus a margin: a dialer of a
 * full node gets no reason.
 */
export const CONNECTIONS_MAX = ACCEPTED_LINKS_MAX + 256

// --- Dials ---------------------------------------------------------------------------------------

/**
 * Open dials. Larger: file descriptors and a burst of SYNs. Smaller: dials that hang (each up to
 * `dialTimeoutMs`, or `DIAL_TIMEOUT_FACTOR_MAX` times that) hold up the others.
 */
export const DIALS_MAX = 32

/**
 * Of those, kept for known peers, for verification, and for classes of addresses that have fewer
 * than `DIALS_OF_CLASS_MIN` open dials. Smaller: a peer that names a thousand dead addresses holds
 * these up, too. Larger: joining a large mesh takes longer.
 */
export const DIALS_RESERVED = 8

/** Most open dials of learned addresses; fewer while dials time out because we are busy. */
export const DIALS_LEARNED_MAX = DIALS_MAX - DIALS_RESERVED

/**
 * Open dials that each class of learned addresses (reached before, plain peers that dialed us,
 * never reached) may have while `DIALS_LEARNED_MAX` are open. Smaller: dead addresses of one class
 * hold up the others. Half of `DIALS_RESERVED` or more: while one class has `DIALS_LEARNED_MAX`
 * open, the other two leave no place for known peers.
 */
export const DIALS_OF_CLASS_MIN = 3

/**
 * Addresses of one class that wait for a dial, beyond which those that left the book meanwhile are
 * dropped. Larger: memory. Smaller: each new one looks for them among all.
 */
export const QUEUE_ADDRESSES_MAX = 2 * BOOK_ADDRESSES_MAX

/**
 * Dials of one host, other than this machine, that peers may cause at once: of addresses that were
 * never reached, and of plain peers that dialed us. Larger: strangers scan a host through us.
 * Smaller: 200 nodes of one host that start at once are dialed late.
 */
export const HOST_DIALS_BURST = 256

/** Such dials per second after that. Smaller: a thousand nodes of one host take minutes. */
export const HOST_DIALS_PER_SECOND = 8

/** Such dials, of any host, that the peers of one host may cause at once: a whole HANDSHAKE. */
export const TEACHER_DIALS_BURST = 1_024

/** Such dials per second after that. Larger: a stranger scans a network through us. */
export const TEACHER_DIALS_PER_SECOND = 16

/** Hosts whose dials are counted, either way; one more drops the oldest, which starts afresh. */
export const DIAL_BUDGET_HOSTS_MAX = 4_096

/** Least pause between two reports that dials wait for these budgets, in ms. */
export const DIALS_LIMITED_PAUSE_MS = 60_000

/**
 * A dial timeout that is noticed this late means that we are busy, in ms. Larger: dials between
 * nodes that start together on one machine time out. Smaller: a garbage collection is enough.
 */
export const DIAL_LATE_MS = 20

/**
 * How many times `dialTimeoutMs` a dial may take when TCP has connected and we are busy. Larger: a
 * busy node waits longer for peers that never answer. Smaller: dials between busy nodes time out.
 */
export const DIAL_TIMEOUT_FACTOR_MAX = 4

// --- Ourselves, and simultaneous dials -----------------------------------------------------------

/**
 * Pause between two dials of our own address while another node answers there, in ms. Larger: a
 * node is complete later once that is mended. Smaller: more dials of a stranger.
 */
export const OWN_ADDRESS_CHECK_MS = 30_000

/**
 * How long an address counts as our own after a dial of it reached ourselves, in ms: a known peer
 * for each of these times in turn, then for the last; a learned address for the last. A name or a
 * service IP leads elsewhere as soon as another node is up. Larger: that node is found later.
 * Smaller: we dial ourselves more often.
 */
export const OWN_ALIAS_PAUSES_MS = [1_000, 2_000, 5_000, 10_000, 30_000] as const

/** The longest of them. */
export const OWN_ALIAS_MS_MAX = 30_000

/**
 * Least pause between two dials of one address because a plain peer there dialed us, in ms: it
 * expects to be dialed back at once, during backoff too. Smaller: a dialer could make us flood an
 * address that is not its own.
 */
export const DIAL_BACK_PAUSE_MS_MIN = 1_000

/**
 * Least time that the dial of another node is awaited (tie-break.ts), in ms; longer where dials
 * take longer, and while nodes join. Larger: nodes that are not dialed wait longer. Smaller than a
 * dial, three round trips and the time in the queue: nodes that start together dial each other.
 */
export const TIE_BREAK_MS_MIN = 250

/**
 * Longest pause without a join after which the mesh counts as quiescent, and longest wait while
 * nodes join, in ms. Larger: strangers that join without end keep us longer from nodes that only we
 * were told of. Smaller: nodes that start together dial each other.
 */
export const TIE_BREAK_QUIESCENCE_MS_MAX = 5_000

/**
 * Where dials take long, the wait is as long as this many dials. Larger: a longer wait. Smaller:
 * 200 nodes that start on one machine dial each other, since each has a hundred to dial, 24 at
 * once.
 */
export const TIE_BREAK_DIALS = 6

/** The longest such wait, in ms. */
export const TIE_BREAK_MS_MAX = 60_000

/** Introducers whose first HANDSHAKE is remembered, up to 256 kB each. */
export const INTRODUCERS_MAX = 8

/**
 * Least pause between two dials of an address that several links claim, in ms. Larger: a peer whose
 * id was copied stays apart for longer. Smaller: a stranger that opens links with the id of a node
 * makes us dial that node more often.
 */
export const CONTEST_PAUSE_MS_MIN = 2_000

/**
 * Longest pause between two verifications while nodes join, in ms. Larger: strangers that join
 * without end protect an impostor for longer. Smaller: nodes that start together verify each other
 * while they are busy.
 */
export const VERIFY_PAUSE_MS_MAX = 10_000

/**
 * The first redial pause of a known peer that was never reached is this many times shorter than
 * `redialMinMs`. Nodes that start together are not ready together. Smaller: they wait for each
 * other. Larger: useless dials.
 */
export const FIRST_REDIAL_DIVISOR = 16

/**
 * Shortest pause after a link is lost, as a part of `redialMinMs`: 0.25 s by default. A process
 * that is restarted takes that long, and then dials by itself. Larger: a link that breaks between
 * two live nodes comes back later. Smaller: a restarted node and its peers dial each other.
 */
export const LOSS_PAUSE_FRACTION_MIN = 0.25

/**
 * Peers count as lost together when their links end within this time, in ms: more than from one
 * ping of silent links to the next. Larger: peers that were lost alone are left to themselves.
 * Smaller: the silent peers of one partition do not count as lost together.
 */
export const LOST_TOGETHER_MS = 20_000

/**
 * Shortest pause after a lost peer refused a dial, as a part of `redialMinMs` for each other peer
 * that was lost together with it: 0.2 s by default. A process that is started again dials by
 * itself; many that are started at once on one machine take 0.1 s of CPU each. Larger: a peer that
 * does not dial us comes back later. Smaller: more dials that are refused.
 */
export const RETURN_PAUSE_FRACTION = 0.2

/** The longest such pause, in parts of `redialMinMs`: 10 s by default. */
export const RETURN_PAUSE_FACTOR_MAX = 10

/**
 * Failed dials after which a learned address that was never reached is dropped. Smaller: a slow
 * starter is lost.
 */
export const FAILURES_BEFORE_DROPPING = 5

/** Time without success after which a learned address that was reached is dropped, in ms. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000

/**
 * Addresses that the operator made the node forget and that peers may not name again, each for
 * `FORGET_AFTER_MS`; one more drops the oldest. Larger: only memory. Smaller: of many that are
 * forgotten at once, those that peers still name come back.
 */
export const FORGOTTEN_ADDRESSES_MAX = 1_024

// --- Liveness ------------------------------------------------------------------------------------

/**
 * For how long at most a link may stay silent for longer because our own process was starved, as a
 * part of `silentAfterMs`: 15 s by default. Larger: a starved node keeps dead links for longer.
 * Smaller: nodes that share a busy machine give each other up.
 */
export const LATE_SILENCE_FRACTION_MAX = 1 / 3

/**
 * For how long a link is young, as a multiple of `pingAfterMs`: one minute by default. Larger: NATs
 * forget young connections for longer. Smaller: many nodes that start together on one machine spend
 * it on pings.
 */
export const YOUNG_FACTOR = 4

/**
 * Silence after which a young link is pinged, as a multiple of `pingAfterMs`: 30 s by default.
 * Larger: less time for the answer. Smaller: the same as for `YOUNG_FACTOR`.
 */
export const YOUNG_PING_FACTOR = 2

/**
 * How often links are checked while one has not answered a ping for `pingAfterMs`, in ms. Larger:
 * it is not seen that our own process is starved. Smaller: more wake-ups until a dead link is given
 * up.
 */
export const UNANSWERED_CHECK_MS = 1_000

// --- What nodes tell of themselves ---------------------------------------------------------------

export { NODE_DATA_BYTES_MAX } from '../wire/node-data.ts'

/**
 * Least pause between two times that a node sends its data to all, in ms; what changes meanwhile
 * goes with the next. Larger: changes are shown late. Smaller: a program that counts something in
 * it sends to all peers without pause.
 */
export const NODE_DATA_PAUSE_MS = 1_000

/**
 * How many addresses a peer's data counts as, of those that it may make us read. That leaves two a
 * second, and 200 at once. Larger: a peer that was frozen loses its link. Smaller: a peer makes
 * programs handle more changes.
 */
export const NODE_DATA_READ_COST = 100

/**
 * How long a new link of a node may take to tell the data that an older link has told, in ms; then
 * it tells none. Larger: what a stranger told who copied its id is shown for longer. Smaller: on
 * slow lines the data of a peer vanishes for a moment.
 */
export const NODE_DATA_WAIT_MS = 5_000

// --- The survey, and what is shown ---------------------------------------------------------------

/**
 * Least pause between two replies to one peer that asks for our links, in ms; requests that come
 * sooner are ignored. Larger: changes are shown late. Smaller: a peer can make us send more.
 */
export const LINKS_PAUSE_MS = 500

/**
 * Least pause between an answer and our next request on a link, in ms; counted from the answer,
 * since a request may wait on a busy machine. Smaller than `LINKS_PAUSE_MS`: the peer ignores it,
 * and we wait for `LINKS_TIMEOUT_MS`. Larger: every other survey asks no peer.
 */
export const LINKS_ASK_PAUSE_MS = 600

/** Time to answer before a peer is asked anew, in ms. Larger: a lost answer is missed longer. */
export const LINKS_TIMEOUT_MS = 5_000

/**
 * How long the answer of a peer is shown, in ms. More than the pause between two surveys, and than
 * `LINKS_TIMEOUT_MS`. Larger: outdated links are shown.
 */
export const LINKS_SHOWN_MS = 10_000

/**
 * Unknown addresses that are kept of one answer, since they may become known. Larger: memory that a
 * malicious peer can claim, 256 bytes each and link.
 */
export const LINKS_STRANGE_MAX = 64

/** Longest name of a peer's runtime, in characters; the rest is cut. `Node.js 22.23.2` has 15. */
export const RUNTIME_CHARS_MAX = 64

/** How long a round trip is shown before it is measured anew, in ms. Smaller: more pings. */
export const ROUND_TRIP_SHOWN_MS = 10_000

/**
 * Time without an answer to a ping, and with nothing else received, after which a link is shown as
 * silent, in ms. Smaller: peers that are only busy are shown as silent. Larger: one that hangs is
 * shown as healthy for longer.
 */
export const SILENT_SHOWN_MS = 5_000

/** IPs whose scope is remembered; one more drops the oldest, which is read again. */
export const SCOPES_MAX = 1_024

/** Addresses of which the last close reason is remembered; one more drops the oldest. */
export const LAST_CLOSE_REASONS_MAX = 1_024

/** How long an address that was forgotten is shown as gone, in ms. */
export const GONE_SHOWN_MS = 10 * 60 * 1000
