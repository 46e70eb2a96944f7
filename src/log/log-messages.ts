/**
 * What a node says to people: events become sentences here, and sentences of a log become facts
 * again for tools that watch nodes run. Pure. Whatever a peer wrote is quoted, escaped and cut, so
 * that no peer can write lines of its own.
 */

import { stripVTControlCharacters } from 'node:util'
import type { Ending, MeshEvent } from '../mesh/events.ts'
import { CONNECTIONS_MAX } from '../mesh/limits.ts'
import {
  ABNORMAL_CLOSURE,
  CloseCode,
  NO_STATUS_RECEIVED,
  NORMAL_CLOSURE,
} from '../wire/close-codes.ts'
import type { LogEntry } from './log.ts'
import { printable, quoted } from './printable.ts'

/** What happens around the core, from the start of a node to its end. */
export type ShellEvent =
  /** The node can be dialed. */
  | { readonly kind: 'listening'; readonly address: string }
  /** Where people can see the mesh. */
  | { readonly kind: 'page'; readonly url: string }
  /** known-peers.json is missing or names no other node: the node waits to be dialed. */
  | { readonly kind: 'alone'; readonly file: string; readonly isMissing: boolean }
  /** None of the known peers answers, for now. */
  | { readonly kind: 'no-peer-yet'; readonly knownPeers: readonly string[] }
  /** Something that the operator should look at, such as a misspelt key in `.env`. */
  | { readonly kind: 'warning'; readonly text: string }
  /** The machine lacks an IP that the operator wants to listen on. */
  | { readonly kind: 'passed-over'; readonly ip: string; readonly setting: string }
  /** There is no file descriptor left. */
  | { readonly kind: 'no-descriptors' }
  /** There is no place for another connection. */
  | { readonly kind: 'crowded' }
  /** The node was asked to end, and says goodbye to its peers. */
  | { readonly kind: 'stopping'; readonly connected: number; readonly hearsCtrlC: boolean }

/** The entry for an event. Never throws. */
export function logEntryFor(event: MeshEvent | ShellEvent): LogEntry {
  switch (event.kind) {
    case 'listening':
      return info(`listening on ${event.address}`)
    case 'page':
      return info(`see the mesh at ${event.url}`)
    case 'alone': {
      const problem = event.isMissing ? 'is missing' : 'names no other node'
      return info(`${printable(event.file)} ${problem}: no peers to dial, waiting to be dialed`)
    }
    case 'no-peer-yet': {
      const peers = event.knownPeers.join(', ')
      return info(`alone so far: nobody answers on ${peers}; trying on`)
    }
    case 'warning':
      return warning(printable(event.text))
    case 'passed-over': {
      const problem = `has ${event.ip}, which no interface of this machine has`
      return warning(printable(`${event.setting} ${problem}; not listening there`))
    }
    case 'no-descriptors': {
      const text =
        'no file descriptors left, so no new connections; raise the hard limit (ulimit -n)'
      return { ...warning(text), cause: event.kind }
    }
    case 'crowded': {
      const text = `${CONNECTIONS_MAX} connections are open, so newcomers are dropped; see who holds them (ss -tn)`
      return { ...warning(text), cause: event.kind }
    }
    case 'stopping': {
      const hint = event.hearsCtrlC ? '; Ctrl-C once more ends at once' : ''
      return info(`stopping, closing ${event.connected} connections${hint}`)
    }
    case 'peer-joined': {
      const text = `${event.address} joined, connected to ${event.connected}`
      return { level: 'info', tone: 'good', text, ...COMING_OR_GOING }
    }
    case 'peer-left': {
      const ending = describeEnding(event.ending)
      const text = `${event.address} left (${ending}), connected to ${event.connected}`
      return { level: 'info', tone: 'bad', text, ...COMING_OR_GOING }
    }
    case 'dial-failed': {
      const next =
        event.retryInMs === undefined
          ? 'giving up'
          : `trying again in ${(event.retryInMs / 1000).toFixed(1)} s`
      return detail(`cannot connect to ${event.address}: ${quoted(event.reason)}, ${next}`)
    }
    case 'link-refused': {
      const text = `no link with ${printable(event.peer)} (${describeEnding(event.ending)})`
      if (isExpected(event.ending)) return detail(text)
      // A peer that comes again has another port, and a number in its reason may differ.
      const host = event.peer.replace(/:\d+$/, '')
      return { ...warning(text), cause: `link-refused ${host} ${event.ending.code}` }
    }
    case 'self-found':
      return detail(`${event.address} is this very node`)
    case 'alias-found':
      return detail(`${event.address} is another name of ${event.of}`)
    case 'duplicate-closed':
      return detail(`closed one of two links with ${printable(event.peer)}`)
    case 'message-ignored':
      return detail(
        `ignored a message of unknown type ${quoted(event.type)} from ${printable(event.peer)}`,
      )
    case 'addresses-refused': {
      const { malformed, refusedByPolicy, tooMany } = event
      const counts = `${malformed} malformed, ${refusedByPolicy} not to be dialed, ${tooMany} too many`
      return detail(`refused addresses from ${printable(event.peer)}: ${counts}`)
    }
    case 'other-code':
      return {
        ...warning(`${event.address} runs other code than this node: ${quoted(event.code)}`),
        cause: `other-code ${event.address}`,
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

/**
 * How many peers a node is connected to after this line of its output, or undefined when the line
 * does not say. Takes lines plain or coloured, with or without a prefix such as `node-2 | ` and the
 * time.
 */
export function connectedCountIn(line: string): number | undefined {
  const count = CONNECTED_LINE.exec(plain(line))?.[1]
  return count === undefined ? undefined : Number(count)
}

/**
 * Whether this line of a node's output says that it can be dialed. Takes the same lines as
 * {@link connectedCountIn}.
 */
export function isListeningLine(line: string): boolean {
  return listeningAddressIn(line) !== undefined
}

/** Where the node can be dialed that says so in this line of its output. */
export function listeningAddressIn(line: string): string | undefined {
  return LISTENING_LINE.exec(plain(line))?.[1]
}

/** Where people can see the mesh, if this line of a node's output says so. */
export function pageUrlIn(line: string): string | undefined {
  return PAGE_LINE.exec(plain(line))?.[1]
}

/**
 * A mesh of a thousand nodes can start in a minute; who comes and goes faster than that wants to
 * fill the disk.
 */
const COMING_OR_GOING = { cause: 'coming or going', linesMax: 1_000 } as const

/** LastCloseReasons of links that never counted which are part of normal life. */
const EXPECTED_CODES: ReadonlySet<number> = new Set([
  NORMAL_CLOSURE,
  NO_STATUS_RECEIVED,
  CloseCode.GOING_AWAY,
  CloseCode.DUPLICATE,
  CloseCode.SELF,
])

/** Anchored at both ends: what stands in quotes in the middle is a peer's and proves nothing. */
const LINE_START = /^(?:\S+ +[|│] )?(?:\d\d:\d\d:\d\d )?/.source
const LISTENING_LINE = new RegExp(`${LINE_START}listening on (wss?://\\S+)$`)
const PAGE_LINE = new RegExp(`${LINE_START}see the mesh at (https?://\\S+)$`)
const CONNECTED_LINE = new RegExp(
  `${LINE_START}wss?://\\S+ (?:joined|left \\(.*\\)), connected to (\\d+)(?:, and \\d+ more like it before)?$`,
)

function isExpected({ by, code }: Ending): boolean {
  return by === 'network' || EXPECTED_CODES.has(code)
}

function plain(line: string): string {
  return stripVTControlCharacters(line).trimEnd()
}

function info(text: string): LogEntry {
  return { level: 'info', tone: 'plain', text }
}

function detail(text: string): LogEntry {
  return { level: 'debug', tone: 'detail', text }
}

function warning(text: string): LogEntry {
  return { level: 'warn', tone: 'problem', text }
}
