/**
 * How long a mesh may take to be complete and at rest after the last fault, derived from the
 * constants:
 *
 *     a link that died unseen is found out            silentAfterMs after TCP's last retransmission
 *     whoever lost it dials again                     redialMaxMs, twice if strangers are first
 *     the dial waits behind those that hang           dialTimeoutMs for each
 *                                                     DIALS_LEARNED_MAX dead addresses
 *     addresses never reached are forgotten           FAILURES_BEFORE_FORGETTING times the same,
 *                                                     and their backoff
 *     what was missed is told again                   REPAIRS × the longest pause between repairs
 *     what it makes a plain peer dial                 the plain peer's own dial timeout
 *     claims are looked into, and once again          VERIFY_PAUSE_MS_MAX for each,
 *                                                     the duplicate rule
 */

import { antiEntropyDelayMs, redialDelayMs } from '../../src/mesh/address/backoff.ts'
import {
  BOOK_ADDRESSES_MAX,
  DIALS_LEARNED_MAX,
  FAILURES_BEFORE_FORGETTING,
  TIE_BREAK_QUIESCENCE_MS_MAX,
  VERIFY_PAUSE_MS_MAX,
} from '../../src/mesh/limits.ts'
import { duplicateBoundMs } from './pairs.ts'
import type { Plan } from './plan.ts'

/**
 * Repairs that each node may need. In a mesh of N, N - 2 nodes can tell a pair that missed each
 * other, each of them one node a round: a round passes a pair by with a probability of about e^-2.
 * With 20, one pair in 10^17 is left.
 */
const REPAIRS = 20

const PLAIN_DIAL_TIMEOUT_MS = 30_000
const RETRANSMIT_MS = 3_000

/** The bound for a plan, in ms from its end on. `deadAddresses` were named by a hostile peer. */
export function restBoundMs(plan: Plan, deadAddresses: number): number {
  const { nodes, timings, latency, hostile } = plan
  // A whole book of addresses that refuse.
  const drowned = hostile?.mischiefs.includes('drowns') === true ? BOOK_ADDRESSES_MAX : 0
  const refusalsMs = Math.ceil(drowned / DIALS_LEARNED_MAX) * 2 * latency.maxMs
  const queueMs =
    refusalsMs + timings.dialTimeoutMs * (1 + Math.ceil(deadAddresses / DIALS_LEARNED_MAX))
  const forgetMs = Array.from({ length: FAILURES_BEFORE_FORGETTING }, (_none, failures) =>
    redialDelayMs(failures + 1, 1, timings),
  ).reduce((sum, delayMs) => sum + delayMs + queueMs, 0)
  const antiEntropyMs = REPAIRS * antiEntropyDelayMs(nodes.length, 1, timings)
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

/** Whether nothing goes wrong in a plan, and all of its nodes are ours. */
export function isFairWeather({ faults, hostile, nodes }: Plan): boolean {
  return faults.length === 0 && hostile === undefined && nodes.every(({ kind }) => kind === 'ours')
}

/**
 * Then nobody waits for a repair: it takes one pause of those who dialed before their peer was
 * there, and a few dials.
 */
export function fairWeatherBoundMs({ timings, latency, nodes }: Plan): number {
  const dialMs = 10 * latency.maxMs
  return timings.redialMaxMs + TIE_BREAK_QUIESCENCE_MS_MAX + nodes.length * dialMs
}
