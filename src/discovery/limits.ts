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
