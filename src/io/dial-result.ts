/** How a dial ends; a failure has a label for programs and a reason for people. */

import type { WebSocket } from 'ws'
import { systemCodeOf } from '../errors/system-error.ts'
import type { DialFailure } from '../mesh/inputs.ts'
import type { Identity } from '../wire/headers.ts'
import { isOutOfDescriptors } from './descriptors.ts'

export type DialResult =
  | { readonly kind: 'opened'; readonly socket: WebSocket; readonly identity: Identity | undefined }
  | DialFailed

export interface DialFailed {
  readonly kind: 'failed'
  readonly failure: DialFailure
  /** The same for people, with details. */
  readonly reason: string
}

export function dialFailed(failure: DialFailure, reason: string): DialFailed {
  return { kind: 'failed', failure, reason }
}

export const NOT_ADMITTED = dialFailed('not-admitted', 'host has no IP that may be dialed')
export const STOPPED = dialFailed('stopped', 'node stops')
export const TIMED_OUT = dialFailed('timed-out', 'timed out')
export const NO_ANSWER = dialFailed(
  'no-answer',
  'timed out: TCP connected, no answer to the WebSocket upgrade',
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
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return dialFailed('unreachable', 'host unreachable')
    case 'ECONNRESET':
      return dialFailed('reset', 'connection reset')
    case 'ETIMEDOUT':
      return TIMED_OUT
    default:
      return dialFailed('other', error instanceof Error ? error.message : String(error))
  }
}
