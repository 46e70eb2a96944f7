/**
 * How long a mesh may take to be complete after the last fault, and to be at rest, derived from
 * the constants:
 *
 *     a dead link is detected                         silentAfterMs after TCP's last retransmission
 *     its node dials again                            redialMaxMs, twice if other dials are first
 *     the dial waits behind dials that hang           dialTimeoutMs for each
 *                                                     DIALS_LEARNED_MAX dead addresses
 *     addresses never reached are forgotten           FAILURES_BEFORE_DROPPING times the same,
 *                                                     and their backoff
 *     anti-entropy repeats what was missed            roundsOf × the longest pause of anti-entropy
 *     a plain peer dials what it learns               the dial timeout of the plain peer
 *     claims are verified, twice                      VERIFY_PAUSE_MS_MAX for each,
 *                                                     the duplicate rule
 *
 * Only the rest waits until the addresses that a hostile peer named are dialed as often as their
 * budgets admit, and forgotten: budgetMs.
 */

import { antiEntropyDelayMs, redialDelayMs } from '../../src/mesh/address/backoff.ts'
import {
  BOOK_ADDRESSES_MAX,
  DIALS_LEARNED_MAX,
  FAILURES_BEFORE_DROPPING,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  TAUGHT_ADDRESSES_MAX,
  TEACHER_DIALS_BURST,
  TEACHER_DIALS_PER_SECOND,
  TIE_BREAK_QUIESCENCE_MS_MAX,
  VERIFY_PAUSE_MS_MAX,
} from '../../src/mesh/limits.ts'
import { duplicateBoundMs } from './pairs.ts'
import type { Plan } from './plan.ts'

/**
 * Rounds of anti-entropy that each node of ours may need. In a mesh of N, N - 2 nodes can name a
 * pair to each other, each of them to one node a round: a round misses a pair with a probability of
 * about e^-2. After 20, one pair in 10^17 is left.
 */
const ROUNDS = 20

/**
 * The same where there are plain peers. They have no anti-entropy and never redial. So one that
 * could not reach another peer does so once a node of ours tells that very peer, and where it lacks
 * one of ours, perhaps only the others can tell: a round of all misses it with a probability of
 * e^-((ours - 1) / peers). A hostile peer is one of the peers.
 */
function roundsOf({ nodes, hostile }: Plan): number {
  const ours = nodes.filter(({ kind }) => kind === 'ours').length
  if (ours === nodes.length) return ROUNDS
  const peers = nodes.length - 1 + (hostile === undefined ? 0 : 1)
  return Math.max(ROUNDS, Math.ceil((2 * ROUNDS * peers) / Math.max(1, ours - 1)))
}

const PLAIN_DIAL_TIMEOUT_MS = 30_000
const RETRANSMIT_MS = 3_000

/** What a hostile peer has named of addresses that refuse. */
export interface Named {
  /** When for the last time. */
  readonly lastMs: number
  /** How many of the host of which it named most. */
  readonly mostOfHost: number
}

/** The bound of the rest, in ms from the end of a plan on. See {@link completeBoundMs}. */
export function restBoundMs(plan: Plan, deadAddresses: number, named: Named | undefined): number {
  const completeMs = completeBoundMs(plan, deadAddresses)
  // The own machine is exempt from the budgets.
  if (named === undefined || plan.where === 'loopback') return completeMs
  return completeMs + Math.max(0, named.lastMs + budgetMs(named) - plan.quiescentMs)
}

/**
 * How long the dials of named addresses wait for their budgets, in ms. A teacher fills its share,
 * and each address is dialed until it is forgotten. Where more addresses of one host wait than its
 * budget admits, one that fails is forgotten at once; so there only those of the burst are dialed
 * again, and each address takes the share less time than on a host of its own.
 */
function budgetMs({ mostOfHost }: Named): number {
  const ofTeacher = TAUGHT_ADDRESSES_MAX * FAILURES_BEFORE_DROPPING - TEACHER_DIALS_BURST
  const again = FAILURES_BEFORE_DROPPING - 1
  const ofHost = mostOfHost + HOST_DIALS_BURST * again - HOST_DIALS_BURST
  return 1_000 * Math.max(ofTeacher / TEACHER_DIALS_PER_SECOND, ofHost / HOST_DIALS_PER_SECOND)
}

function namesTooMany({ hostile }: Plan): boolean {
  return hostile?.attacks.includes('too many addresses') === true
}

/**
 * The bound for a complete mesh, in ms from the end of a plan on. `deadAddresses` were named by a
 * hostile peer.
 */
export function completeBoundMs(plan: Plan, deadAddresses: number): number {
  const { nodes, timings, latency } = plan
  // A full book of addresses that refuse.
  const bookAddresses = namesTooMany(plan) ? BOOK_ADDRESSES_MAX : 0
  const refusalsMs = Math.ceil(bookAddresses / DIALS_LEARNED_MAX) * 2 * latency.maxMs
  const queueMs =
    refusalsMs + timings.dialTimeoutMs * (1 + Math.ceil(deadAddresses / DIALS_LEARNED_MAX))
  const forgetMs = Array.from({ length: FAILURES_BEFORE_DROPPING }, (_none, failures) =>
    redialDelayMs(failures + 1, 1, timings),
  ).reduce((sum, delayMs) => sum + delayMs + queueMs, 0)
  const antiEntropyMs = roundsOf(plan) * antiEntropyDelayMs(nodes.length, 1, timings)
  const claimsMs = nodes.length * VERIFY_PAUSE_MS_MAX + timings.redialMaxMs + timings.dialTimeoutMs
  return (
    RETRANSMIT_MS +
    timings.silentAfterMs +
    2 * timings.redialMaxMs +
    queueMs +
    forgetMs +
    antiEntropyMs +
    PLAIN_DIAL_TIMEOUT_MS +
    2 * claimsMs +
    duplicateBoundMs(timings)
  )
}

/** Whether a plan has no faults, and all of its nodes are ours. */
export function isFaultFree({ faults, hostile, nodes }: Plan): boolean {
  return faults.length === 0 && hostile === undefined && nodes.every(({ kind }) => kind === 'ours')
}

/**
 * Without faults no node waits for anti-entropy: it takes one redial pause of the nodes that dialed
 * before their peer listened, and a few dials.
 */
export function faultFreeBoundMs({ timings, latency, nodes }: Plan): number {
  const dialMs = 10 * latency.maxMs
  return timings.redialMaxMs + TIE_BREAK_QUIESCENCE_MS_MAX + nodes.length * dialMs
}
