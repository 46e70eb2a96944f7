/** Why a dial failed: the answers of the peer, or the errors of the network, and their texts. */

import type { IncomingMessage } from 'node:http'
import { AUTH_HEADER } from '../auth/proof.ts'
import { NO_TLS, systemCodeOf, textOf, tlsProblemOf } from '../errors/system-error.ts'
import type { SecretProblem } from '../log/events.ts'
import type { DialFailure } from '../mesh/inputs.ts'
import { TLS_OFFER } from '../tls/first-byte.ts'
import { isOutOfDescriptors } from './descriptors.ts'
import { CERTIFICATE_CHALLENGE } from './refusals.ts'

export interface DialFailed {
  readonly kind: 'failed'
  readonly failure: DialFailure
  /** The same for people, with details. */
  readonly reason: string
  /** What is wrong with the secret, or with TLS, if that is the cause. */
  readonly secret?: SecretProblem
}

export function dialFailed(failure: DialFailure, reason: string): DialFailed {
  return { kind: 'failed', failure, reason }
}

/** The failure behind an answer that is no upgrade. */
export function dialFailedByAnswer(
  { headers, statusCode }: IncomingMessage,
  hasSecret: boolean,
): DialFailed {
  if (statusCode === 400 && headers.upgrade === TLS_OFFER) return ENCRYPTS
  const challenge = statusCode === 401 ? headers['www-authenticate'] : undefined
  if (challenge === CERTIFICATE_CHALLENGE) return UNCERTIFIED
  const needsProof = challenge === AUTH_HEADER
  // A node that has a secret offers a proof: then the other one understands none of this version.
  if (needsProof) return hasSecret ? SECRET_DIFFERS : SECRET_MISSING_HERE
  return dialFailed('not-mesh', `not a mesh node: HTTP ${statusCode ?? ''}`.trimEnd())
}

export const SECRET_DIFFERS: DialFailed = {
  ...dialFailed('other', 'has another secret'),
  secret: 'differs',
}
const SECRET_MISSING_HERE: DialFailed = {
  ...dialFailed('other', 'has a secret, and this node has none'),
  secret: 'missing-here',
}
export const SECRET_MISSING_THERE: DialFailed = {
  ...dialFailed('other', 'has no secret, and this node has one'),
  secret: 'missing-there',
}

const ENCRYPTS: DialFailed = {
  ...dialFailed('not-mesh', 'speaks TLS: dial it with wss://'),
  secret: 'encrypts',
}

const UNCERTIFIED: DialFailed = {
  ...dialFailed('other', 'takes only certificates that its TLS_CA has signed'),
  secret: 'uncertified-here',
}

export const NOT_AUTHORIZED = dialFailed(
  'other',
  'has a certificate that no authority has signed, and no proof of the secret',
)

export const NOT_ADMITTED = dialFailed('not-admitted', 'host has no IP that may be dialed')
/** Its proof was of a secret that this node has replaced meanwhile. */
export const OUTDATED = dialFailed('other', 'the secret was replaced meanwhile')
export const STOPPED = dialFailed('stopped', 'node stops')
export const TIMED_OUT = dialFailed('timed-out', 'timed out')
export const NAME_TIMED_OUT = dialFailed('name-not-found', 'name lookup timed out')
export const NO_ANSWER = dialFailed(
  'no-answer',
  'timed out: TCP connected, no answer to the WebSocket upgrade',
)

export const RESET_UNREAD = dialFailed(
  'reset',
  'connection reset; if the node encrypts, dial it with wss://',
)

/** The failure behind an error of the network. */
export function dialFailedBy(error: unknown): DialFailed {
  if (isOutOfDescriptors(error)) return dialFailed('no-descriptors', 'no file descriptors left')
  switch (systemCodeOf(error)) {
    case 'ECONNREFUSED':
      return dialFailed('refused', 'connection refused')
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return dialFailed('name-not-found', 'host name not found')
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return dialFailed('unreachable', 'host unreachable')
    case 'ECONNRESET':
      return dialFailed('reset', 'connection reset')
    case 'ETIMEDOUT':
      return TIMED_OUT
    default: {
      const tlsProblem = tlsProblemOf(error)
      const failure = tlsProblem === NO_TLS ? 'not-mesh' : 'other'
      return dialFailed(failure, tlsProblem ?? textOf(error))
    }
  }
}
