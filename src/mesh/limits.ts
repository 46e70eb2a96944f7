/**
 * Every limit and every interval of the mesh, on one page: meaning, unit, reason, and what breaks
 * when it is smaller or larger. Limits stop what a peer could do to us and are fixed. Timings suit
 * most networks and can be set by the operator (`Timings`). Elsewhere: the bounds of what an
 * operator may set (config/settings.ts), and how much the log holds back (log/).
 */

// --- What a peer may send ------------------------------------------------------------------------

/**
 * Longest address, in bytes. A DNS name has at most 253 (RFC 1035 §2.3.4); that leaves no room for
 * long paths, on purpose. Larger: 1,000 addresses no longer fit a frame. Smaller: legal host names
 * are refused.
 */
export const ADDRESS_BYTES_MAX = 256

/**
 * Most addresses in one HANDSHAKE. One more closes the link. A node with more connections names
 * itself and a sample of the others. Larger: one message costs a peer noticeable time. Smaller:
 * large meshes learn slowly.
 */
export const HANDSHAKE_ADDRESSES_MAX = 1_000

/**
 * Largest frame, in bytes, after which the link is closed (1009) without reading on. Holds a full
 * HANDSHAKE: 1,000 × (256 + 3) bytes is less. Smaller: a legal HANDSHAKE is refused. Larger: 1,200
 * links × this is the memory that strangers can claim.
 */
export const FRAME_BYTES_MAX = 256 * 1024

/**
 * Most fragments of one message, and most chunks that wait to be put together; one more closes the
 * link (1009). A message of tiny fragments costs far more memory than its bytes (ws, advisory of
 * May 2026). Smaller: a frame of `FRAME_BYTES_MAX` that comes in packets of 1,460 bytes, 180 of
 * them, is refused. Larger: each byte that a stranger sends costs us hundreds.
 */
export const FRAGMENTS_MAX = 1_024

/**
 * Addresses per second that one peer may teach us for good. Larger: a liar fills the book sooner.
 */
export const LEARN_PER_SECOND = 10

/**
 * Addresses that one peer may teach us at once: a whole HANDSHAKE. Smaller: joining a large mesh
 * takes minutes.
 */
export const LEARN_BURST = 1_000

/**
 * Most addresses that a node remembers. Beyond it new ones are refused, after those that were never
 * reached have made room. Larger: only memory, about 300 bytes each. Smaller than the mesh: it
 * cannot become complete.
 */
export const BOOK_ADDRESSES_MAX = 4_096

// --- How many at once ----------------------------------------------------------------------------

/**
 * Dials under way at once. Larger: file descriptors and a burst of SYNs. Smaller: hanging dials
 * (each up to `dialTimeoutMs`, or more, `DIAL_PATIENCE_MAX`) hold up the good ones.
 */
export const DIALS_MAX = 32

/**
 * Accepted links, plain peers' included. Beyond it a newcomer is closed with 1013. Room for a mesh
 * of 1,000.
 */
export const ACCEPTED_LINKS_MAX = 1_200

/**
 * Links that plain peers opened without saying HANDSHAKE so far. For one more the oldest of them is
 * closed, so that idlers can neither fill the above nor keep others out. Smaller: honest peers on
 * slow lines are closed before they speak.
 */
export const SILENT_LINKS_MAX = 128

/**
 * Connections that one host may open at once, before it has to wait. Room for a machine full of
 * nodes that starts up.
 */
export const CONNECTS_BURST = 256

/**
 * Connections per second that one host may open after that. Larger: a stranger keeps us busy with
 * handshakes.
 */
export const CONNECTS_PER_SECOND = 32

/** Hosts whose pace is remembered. Beyond it the oldest starts afresh. */
export const CONNECTING_HOSTS_MAX = 4_096

/**
 * Links that one identity may hold with us. Two exist for a moment whenever two nodes dial each
 * other; a third only by an alias. Beyond it the newest is closed.
 */
export const LINKS_PER_PEER_MAX = 4

/**
 * Other spellings of peers' addresses that are remembered. Beyond it the oldest is forgotten, which
 * costs a dial.
 */
export const ALIASES_MAX = 1_024

/**
 * Addresses on one place, which differ in their paths only. Several nodes can be behind one reverse
 * proxy; any WebSocket server that takes every path can be named a thousand times. Larger: one
 * message makes more links to somebody's server.
 */
export const PLACE_ADDRESSES_MAX = 8

/**
 * Of the dials at once, those kept for operators' peers, for plain peers that called, and for
 * verifying. Smaller: whoever names a thousand addresses that never answer holds these up, too.
 * Larger: joining a large mesh takes longer.
 */
export const DIALS_RESERVED = 8

/**
 * Dials of addresses that peers named under way at once, at the most; fewer where they time out
 * because we are busy (dial-pace.ts).
 */
export const DIALS_LEARNED_MAX = DIALS_MAX - DIALS_RESERVED

/**
 * How late we notice that a dial has timed out, from which on we count as busy, in ms. Larger:
 * nodes that all start on one machine give each other up. Smaller: a collection of garbage is
 * enough.
 */
export const DIAL_LATE_MS = 20

/**
 * How many times `dialTimeoutMs` a dial may take, at the most, where we are busy and somebody is
 * there. Larger: who is busy waits longer for those that never answer. Smaller: as above.
 */
export const DIAL_PATIENCE_MAX = 4

/**
 * Of those, the ones that plain peers that called do not get either, since anybody can call.
 * Smaller: whoever calls and names addresses that never answer holds up the operator's. Larger: a
 * crowd of plain peers waits longer.
 */
export const DIALS_UNCALLED = 4

/**
 * Addresses that a peer may give us to read at once, those that we are connected to left out; a
 * message without any counts as one. Beyond it the link is closed. Smaller: a chatty plain peer in
 * a large mesh is sent away. Larger: a few links that send without pause keep us from everything
 * else.
 */
export const READ_BURST = 20_000

/** Addresses per second that a peer may give us to read after that. */
export const READ_PER_SECOND = 200

/**
 * How long an address that turned out to be our own is taken for it without another look, in ms.
 * Longer: whoever answers in our name on somebody's address keeps us from it for longer. Smaller:
 * we dial ourselves more often.
 */
export const OWN_SPELLING_MS = 10 * 60 * 1000

/**
 * Least pause between two dials of one address because its node called on us, in ms. A plain peer
 * that dials us expects to be dialed back at once, backoff or not. Smaller: a caller could make us
 * hammer an address that is not its own.
 */
export const CALL_BACK_MS_MIN = 1_000

/**
 * How long we leave it at least to a node that we just learned of to dial us, when tie-break.ts
 * says that it goes first, in ms; longer where dials take longer, and while nodes join. Larger: who
 * is dialed by nobody waits longer for its peers. Smaller than a dial, three round trips and the
 * time in the queue: nodes that start together dial each other twice.
 */
export const TIE_BREAK_MS_MIN = 250

/**
 * How long nobody must have joined until we count the mesh as complete, at the most, in ms, and how
 * long we wait in all while nodes join. Larger: strangers who come without end keep us longer from
 * those whom nobody else told of us. Smaller: as above.
 */
export const TIE_BREAK_QUIESCENCE_MS_MAX = 5_000

/**
 * Where dials take long, we wait for the time of so many, each as long as nearly all are. Larger:
 * as above. Smaller: 200 nodes that start on one machine dial each other twice, since each has a
 * hundred to dial, 24 at once.
 */
export const TIE_BREAK_DIALS = 6

/** The same, at the most, in ms. */
export const TIE_BREAK_MS_MAX = 60_000

/** Known peers of which we remember whom they named when we came: up to 256 kB each. */
export const INTRODUCERS_MAX = 8

/**
 * While nodes join, one claim is looked into each so many ms, instead of each `verifyMs`. Larger:
 * strangers who come without end let a impostor stand in somebody's place for longer. Smaller:
 * nodes that start together verify each other while they have better things to do.
 */
export const VERIFY_PATIENCE_MS = 10_000

/**
 * How much sooner than after `redialMinMs` a known peer that we never reached is dialed again, at
 * first: so many times. Nodes that are started together are not ready together. Smaller: they wait
 * for each other. Larger: dials for nothing.
 */
export const EAGERNESS = 16

/**
 * The shortest pause after a link is lost, as a part of `redialMinMs`: 0.25 s by default. A process
 * that was killed and is started again takes that long, and then dials whom it knows itself.
 * Larger: a link that breaks between two who live on comes back later. Smaller: whoever comes back
 * at once finds everybody at its door while it knocks at theirs.
 */
export const LOSS_PAUSE_MIN = 0.25

// --- Sockets -------------------------------------------------------------------------------------

/**
 * Most accepted TCP connections, on all interfaces together: links, requests that are no links or
 * not yet, and links that are being closed. Beyond it a newcomer is dropped unseen. Larger:
 * strangers who say nothing use up file descriptors and memory. Smaller than `ACCEPTED_LINKS_MAX`
 * and some: who dials a full node is not even told that it is full.
 */
export const CONNECTIONS_MAX = ACCEPTED_LINKS_MAX + 256

/** The longest time that a timer of any runtime can wait, in ms: 25 days. */
export const TIMER_MS_MAX = 2 ** 31 - 1

/**
 * How long a connection over which something was asked by HTTP may stay open for the next request,
 * in ms. Larger: programs that are done hold places that others need. Smaller: a program that asks
 * now and then connects each time.
 */
export const IDLE_MS = 5_000

/**
 * Connections that are no links, up to which one stays open for the next request; with more, each
 * is closed once it was answered. Larger: programs that ask again and again hold the places of
 * peers, all of `CONNECTIONS_MAX` when there are enough of them. Smaller: programs that ask now and
 * then connect each time.
 */
export const KEPT_OPEN_MAX = 128

/**
 * Silence on an accepted connection after which the kernel asks for a sign of life, in ms (TCP
 * keep-alive). A plain peer that only dials is never pinged; this is how we find out that it is
 * gone, with Linux' nine questions some 12 minutes later. Larger: it is found out later. Smaller:
 * packets on links that are well.
 */
export const KEEP_ALIVE_MS = 60_000

/**
 * Most IPs of one name that a dial tries. Larger: each gets less of `dialTimeoutMs`. Smaller: hosts
 * of many IPs are missed.
 */
export const DIAL_IPS_MAX = 4

/**
 * How long a peer may take to answer a close frame before its socket is dropped, in ms. Larger: a
 * node takes longer than a second to stop. Smaller: peers on slow links never read why.
 */
export const CLOSE_TIMEOUT_MS = 500

/**
 * Unsent bytes on one link from which on its peer counts as not reading. Larger: memory, once for
 * each link.
 */
export const BACKLOG_BYTES_MAX = 1024 * 1024

/**
 * How often such a link is looked at, in ms. Larger: a peer that reads in between is less often
 * seen to. Smaller: only work.
 */
export const BACKLOG_CHECK_MS = 1_000

/**
 * Looks in a row that may find too much unsent, so 10 s; one more closes the link. Counted instead
 * of timed, so that a process that was frozen does not blame its peers. Smaller: a peer that is
 * busy for a moment is closed. Larger: memory.
 */
export const BACKLOG_CHECKS_MAX = 10

/**
 * A timer this late means that the process was frozen, in ms. Then sockets are read before the
 * timer counts. Smaller: a busy event loop looks like a freeze, which costs nothing. Larger: after
 * a freeze peers seem silent that are not.
 */
export const FREEZE_MS = 1_000

// --- To be seen ---------------------------------------------------------------------------------

/**
 * Least pause between two answers to one peer that asks for our links, in ms; what it asks sooner
 * is ignored. Larger: people see late what changed. Smaller: a peer can make us send more.
 */
export const LINKS_PAUSE_MS = 500

/**
 * Least pause between an answer on a link and our next question there, in ms. Not from the question
 * on: that may have waited on a busy machine, and the next one, if it does not, comes too soon.
 * Smaller than `LINKS_PAUSE_MS`: the peer ignores it, and we wait for its answer until
 * `LINKS_TIMEOUT_MS`. Larger: every other survey asks nobody.
 */
export const LINKS_ASK_PAUSE_MS = 600

/**
 * How long a peer may take to tell us its links before it is asked anew, in ms. Larger: one answer
 * that got lost leaves a gap in the picture for longer.
 */
export const LINKS_TIMEOUT_MS = 5_000

/**
 * How old what a peer tells of its links may be and still be shown, in ms. More than the pause
 * between two surveys, and than `LINKS_TIMEOUT_MS`. Larger: people see what is no longer true.
 */
export const LINKS_SHOWN_MS = 10_000

/**
 * Of the addresses that a peer tells in its links, how many that are strange to us are remembered,
 * since we may get to know them. Larger: memory that a liar can claim, 256 bytes each and link.
 */
export const LINKS_STRANGE_MAX = 64

/** Longest name of a runtime that a peer tells, in characters; what is longer is cut. */
export const RUNTIME_CHARS_MAX = 64

/**
 * How old a round-trip time may be before it is measured anew while somebody looks, in ms. Smaller:
 * more pings.
 */
export const ROUND_TRIP_SHOWN_MS = 10_000

/** Addresses of which is remembered how the last link or attempt ended. Beyond it the oldest go. */
export const LAST_CLOSE_REASONS_MAX = 1_024

/**
 * How long an address that we look for no more is still told to people, as gone, in ms. Larger:
 * they see nodes that are long forgotten.
 */
export const GONE_SHOWN_MS = 10 * 60 * 1000

// --- Forgetting ----------------------------------------------------------------------------------

/**
 * Failed dials after which a learned address that was never reached is forgotten. Smaller: a slow
 * starter is lost.
 */
export const FAILURES_BEFORE_FORGETTING = 5

/** Time without success after which a learned address that once was reached is forgotten, in ms. */
export const FORGET_AFTER_MS = 24 * 60 * 60 * 1000
