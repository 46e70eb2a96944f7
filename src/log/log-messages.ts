/**
 * The sentence for each event. Text of a peer is quoted, escaped and cut, so that no peer can write
 * lines of its own. Pure.
 */

import type { Ending } from '../mesh/events.ts'
import { CONNECTIONS_MAX } from '../mesh/limits.ts'
import {
  ABNORMAL_CLOSURE,
  CloseCode,
  NO_STATUS_RECEIVED,
  NORMAL_CLOSURE,
} from '../wire/close-codes.ts'
import type { NodeEvent } from './events.ts'
import type { RateLimitRule } from './log-rate-limit.ts'
import { printable, quoted } from './printable.ts'

/** A line for a log, such as the program prints. */
export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug'
  /** One line, safe to print. Its wording can change in any version. */
  readonly text: string
  /** How it looks on a terminal. @internal */
  readonly tone: Tone
  /** For lines that others can cause often. @internal */
  readonly rateLimit?: RateLimitRule
}

/** `good` and `bad` news, a `problem` to look at, a `detail`, or `plain`. */
export type Tone = 'good' | 'bad' | 'problem' | 'detail' | 'plain'

/** The line for an event. Never throws. */
export function logLineFor(event: NodeEvent): LogLine {
  switch (event.kind) {
    case 'listening':
      return info(`listening on ${event.address}`)
    case 'page':
      return info(`status page: ${event.url}`)
    case 'no-known-peers': {
      const problem = event.isMissing ? 'is missing' : 'names no other node'
      return info(`${printable(event.file)} ${problem}: no peers to dial, waiting for connections`)
    }
    case 'no-answer-yet':
      return info(`no answer from ${event.knownPeers.join(', ')} yet; will keep trying`)
    case 'warning':
      return warning(printable(event.text))
    case 'listen-ip-missing': {
      const problem = `no interface of this machine has ${event.ip}; not listening on it`
      return warning(`${printable(event.setting)}: ${problem}`)
    }
    case 'no-descriptors': {
      const text =
        'no file descriptors left, so no new connections; raise the hard limit (ulimit -n)'
      return warning(text, event.kind)
    }
    case 'connections-full': {
      const text = `${CONNECTIONS_MAX} TCP connections are open, the maximum; those that send nothing are closed (ss -tn lists them)`
      return warning(text, event.kind)
    }
    case 'stopping': {
      const hint = event.secondCtrlC ? '; press Ctrl-C again to exit at once' : ''
      return info(`stopping, disconnecting from ${peerCount(event.connected)}${hint}`)
    }
    case 'peer-joined': {
      const text = `connected to ${event.address} (${peerCount(event.connected)})`
      return { level: 'info', tone: 'good', text, rateLimit: PEER_CHANGES }
    }
    case 'peer-left': {
      const peers = peerCount(event.connected)
      const text = `disconnected from ${event.address} (${peers}), ${describeEnding(event.ending)}`
      return { level: 'info', tone: 'bad', text, rateLimit: PEER_CHANGES }
    }
    case 'dial-failed': {
      const next =
        event.retryInMs === undefined
          ? 'giving up'
          : `trying again in ${(event.retryInMs / 1000).toFixed(1)} s`
      return detail(`cannot connect to ${event.address}: ${quoted(event.reason)}, ${next}`)
    }
    case 'link-refused': {
      const text = `refused connection with ${printable(event.peer)}: ${describeEnding(event.ending)}`
      if (isExpected(event.ending)) return detail(text)
      // A peer that comes again has another port, and a number in its reason may differ.
      const host = event.peer.replace(/:\d+$/, '')
      return warning(text, `link-refused ${host} ${event.ending.code}`)
    }
    case 'self-found':
      return detail(`${event.address} is this node itself`)
    case 'alias-found':
      return detail(`${event.address} is another address of ${event.of}`)
    case 'duplicate-closed':
      return detail(`closed a duplicate connection with ${printable(event.peer)}`)
    case 'message-ignored': {
      const text = `ignored a message of unknown type ${quoted(event.type)} from ${printable(event.peer)}`
      return { ...detail(text), rateLimit: IGNORED_MESSAGES }
    }
    case 'addresses-refused': {
      const { malformed, refusedByPolicy, tooMany } = event
      const counts = `${malformed} malformed, ${refusedByPolicy} not allowed, ${tooMany} over the limit`
      return detail(`refused addresses from ${printable(event.peer)}: ${counts}`)
    }
    case 'other-code': {
      const text = `${event.address} runs different code (digest ${quoted(event.code)})`
      return warning(text, `other-code ${event.address}`)
    }
    default:
      event satisfies never
      throw new Error('unreachable')
  }
}

/**
 * Who ended a link, and why: `closed by peer: 1001 'node stops'`. Codes that stand for the lack of
 * one are left out.
 */
export function describeEnding({ by, code, reason }: Ending): string {
  const who = by === 'network' ? 'connection lost' : `closed by ${by}`
  const facts = [
    ...(code === NO_STATUS_RECEIVED || code === ABNORMAL_CLOSURE ? [] : [String(code)]),
    ...(reason === '' ? [] : [quoted(reason)]),
  ]
  return facts.length === 0 ? who : `${who}: ${facts.join(' ')}`
}

/** A mesh of a thousand nodes can start in a minute; more lines only fill the disk. */
const PEER_CHANGES: RateLimitRule = { key: 'peer changes', linesMax: 1_000 }

/** A peer may send thousands; a few show what it speaks. */
const IGNORED_MESSAGES: RateLimitRule = { key: 'messages ignored', linesMax: 20 }

/** Close codes of refused links that are part of normal operation. */
const EXPECTED_CODES: ReadonlySet<number> = new Set([
  NORMAL_CLOSURE,
  NO_STATUS_RECEIVED,
  CloseCode.GOING_AWAY,
  CloseCode.DUPLICATE,
  CloseCode.SELF,
])

function isExpected({ by, code }: Ending): boolean {
  return by === 'network' || EXPECTED_CODES.has(code)
}

function peerCount(count: number): string {
  return count === 1 ? '1 peer' : `${count} peers`
}

function info(text: string): LogLine {
  return { level: 'info', tone: 'plain', text }
}

function detail(text: string): LogLine {
  return { level: 'debug', tone: 'detail', text }
}

/** @param key for one that others can cause often: a line a window is enough */
function warning(text: string, key?: string): LogLine {
  const line = { level: 'warn', tone: 'problem', text } as const
  return key === undefined ? line : { ...line, rateLimit: { key, linesMax: 1 } }
}
