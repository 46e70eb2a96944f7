/** Limits of discovery. Each says what breaks when it is smaller or larger. */

/** Sources of a node. More is a mistake: one name leads to all nodes. */
export const SOURCES_MAX = 16

/**
 * Pauses before the first questions to a source, in ms: at the start, and 1, 2, 5 and 10 s after
 * it. Containers that start together are in DNS only once they run. Longer: they find each other
 * later. Shorter: a thousand nodes that start at once load the DNS server.
 */
export const FIRST_PAUSES_MS: readonly number[] = [0, 1_000, 1_000, 3_000, 5_000]

/**
 * Mean pause after that, in ms. DNS servers keep an answer for as long, also that there is none.
 * Longer: a node that was alone finds the others later. Shorter: load on the DNS server.
 */
export const PAUSE_MS = 30_000

/** By how much a pause departs from the mean at most, so that nodes do not ask all at once. */
export const PAUSE_JITTER = 0.2

/**
 * How long an answer may take, in ms; then it is asked again after the next pause. As long as most
 * systems wait for a DNS server. Larger: `check` takes longer. Smaller: slow servers never answer.
 */
export const ANSWER_MS_MAX = 5_000

/** Characters of an error that the status shows. Longer: only a longer line. */
export const PROBLEM_CHARS_MAX = 200

// --- The LAN -------------------------------------------------------------------------------------

/** Where nodes announce themselves: a group of local scope (RFC 2365 §6.1), which no other has. */
export const LAN_GROUP = '239.255.77.77'

/** The UDP port of it. */
export const LAN_PORT = 47_747

/** How far a packet goes: to no router. Larger: strangers on other networks read it. */
export const LAN_TTL = 1

/** Bytes of a packet that is read. The longest address and name make 341. */
export const LAN_PACKET_BYTES_MAX = 512

/**
 * Packets that are read at once, and a second after that; beyond it none is read until the next
 * announcement of this node. A mesh of 1,000 nodes sends 33 a second. Smaller: nodes of a large
 * mesh that starts are found later. Larger: a flood takes more of our time, 30 µs each.
 */
export const LAN_PACKETS_BURST = 256
export const LAN_PACKETS_PER_SECOND = 64

/**
 * How long an announced address counts, in ms: of four announcements one has to arrive. Larger: the
 * addresses of nodes that are gone are dialed for longer. Smaller: a Wi-Fi that loses packets loses
 * nodes, too.
 */
export const LAN_NAMED_MS = 120_000

/**
 * Addresses that count of one host. One node is enough to find the others of its host. Larger: a
 * stranger names others away. Smaller: nodes of one host are found later.
 */
export const LAN_HOST_ADDRESSES_MAX = 64

/**
 * Interfaces that a node announces itself on. Linux joins a group on 20 (igmp_max_memberships).
 * Smaller: machines with many networks miss some.
 */
export const LAN_INTERFACES_MAX = 16
