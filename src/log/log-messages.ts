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
import type { LagEvent, NodeEvent } from './events.ts'
import type { RateLimitRule } from './log-rate-limit.ts'
import { printable, quoted } from './printable.ts'
import { dataFailureText } from './write-failure.ts'

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

/** Each kind is named again, so that TypeScript relates a line of the table to its event. */
type EventOf<Kind extends NodeEvent['kind']> = {
  readonly [Each in Kind]: { readonly kind: Each } & Extract<NodeEvent, { readonly kind: Each }>
}[Kind]

/** The line for an event. Never throws. */
export function logLineFor<Kind extends NodeEvent['kind']>(event: EventOf<Kind>): LogLine {
  return LINES[event.kind](event)
}

const LINES: { readonly [Kind in NodeEvent['kind']]: (event: EventOf<Kind>) => LogLine } = {
  listening: ({ address }) => info(`listening on ${address}`),
  page: ({ url }) => info(`status page: ${url}`),
  'no-known-peers': ({ file, isMissing }) => {
    const problem = isMissing ? 'is missing' : 'names no other node'
    return info(`${printable(file)} ${problem}: no peers to dial, waiting for connections`)
  },
  'no-answer-yet': ({ knownPeers }) =>
    info(`no answer from ${knownPeers.join(', ')} yet; will keep trying`),
  'source-answered': ({ source, found, problem }) =>
    info(
      problem === undefined
        ? `${source} names ${found === 1 ? '1 address' : `${found} addresses`}`
        : `${source}: ${printable(problem)}; will ask again`,
    ),
  warning: ({ text }) => warning(printable(text)),
  'address-missing': ({ kind, text }) => warning(printable(text), kind),
  'known-peers-read': ({ added, forgotten, kept }) => {
    const stays = kept === 0 ? '' : `, ${kept} not forgotten while connected`
    return info(`read the known peers again: ${added} added, ${forgotten} forgotten${stays}`)
  },
  'address-changed': ({ from, to }) =>
    info(`the address of this machine was ${from} and is ${to}; starting again as another node`),
  'listen-ip-missing': ({ ip, setting }) =>
    warning(`${printable(setting)}: no interface of this machine has ${ip}; not listening on it`),
  'secret-used': ({ keys, mode, certificates }) => {
    const others = keys.length === 1 ? '' : `, and ${keys.slice(1).join(', ')} still counts`
    const secret = `the secret is key ${keys[0]}${others}`
    if (mode === 'require') return info(`${secret}; ${ENCRYPTION[certificates]}`)
    const fix = 'set it to require when all nodes have the secret'
    return warning(
      `${secret}; SECRET_MODE=accept connects others, too, and protects nothing: ${fix}`,
    )
  },
  'secret-problem': ({ peer, problem, mayBeProxy }) => {
    const fix = mayBeProxy ? '; or a proxy encrypts in front of it: set TLS_PIN=none' : ''
    return warning(`not connected to ${printable(peer)}: ${SECRET_PROBLEMS[problem]}${fix}`)
  },
  'no-descriptors': ({ kind }) =>
    warning(
      'no file descriptors left, so no new connections; raise the hard limit (ulimit -n)',
      kind,
    ),
  'connections-full': ({ kind }) =>
    warning(
      `${CONNECTIONS_MAX} TCP connections are open, the maximum; those that send nothing are closed (ss -tn lists them)`,
      kind,
    ),
  'handler-failed': ({ kind, pattern, reason, retryInMs }) => {
    const next = retryInMs === null ? 'not called again with it' : `again in ${retryInMs / 1000} s`
    return warning(`the handler of ${quoted(pattern)} threw ${quoted(reason)}; ${next}`, kind)
  },
  'data-damaged': ({ kind, path, bytes, isCut }) => {
    const what = bytes === 0 ? 'its content' : `${bytes} bytes in it`
    const text = isCut
      ? `cut ${bytes} bytes at the end of ${printable(path)}, which a crash had left incomplete`
      : `${printable(path)} is damaged: ${what} cannot be read`
    return warning(text, `${kind} ${path}`)
  },
  'data-unreadable': ({ kind, path, reason }) =>
    warning(
      `${printable(path)} cannot be read (${printable(reason)}); subscriptions with a name wait until it can`,
      `${kind} ${path}`,
    ),
  'data-failed': ({ folder, reason }) => ({
    level: 'error',
    tone: 'bad',
    text: printable(dataFailureText(folder, reason)),
  }),
  'place-failed': ({ kind, path, reason }) =>
    warning(
      `${printable(path)} cannot be written (${printable(reason)}), so messages come again after a restart; free the disk, or let the user that runs the node write it`,
      `${kind} ${path}`,
    ),
  'peer-lag': ({ kind, peer, ...lag }) =>
    ofKind(lagLine(lag, `${kind} ${peer}`, printable(peer)), kind),
  'subscription-lag': ({ pattern, ...lag }) =>
    lagLine(lag, `subscription-lag ${pattern}`, `the subscription ${quoted(pattern)}`),
  stopping: ({ connected, secondCtrlC }) => {
    const hint = secondCtrlC ? '; press Ctrl-C again to exit at once' : ''
    return info(`stopping, disconnecting from ${peerCount(connected)}${hint}`)
  },
  'peer-joined': ({ address, connected }) =>
    peerChange('good', `connected to ${address} (${peerCount(connected)})`),
  'peer-left': ({ address, connected, ending }) =>
    peerChange(
      'bad',
      `disconnected from ${address} (${peerCount(connected)}), ${describeEnding(ending)}`,
    ),
  'peer-data': ({ address, data }) => ({
    ...detail(`${address} tells of itself ${quoted(JSON.stringify(data))}`),
    rateLimit: { key: 'peer data', linesMax: 1_000 },
  }),
  'dial-failed': ({ address, reason, retryInMs }) => {
    const next =
      retryInMs === undefined ? 'giving up' : `trying again in ${(retryInMs / 1000).toFixed(1)} s`
    return detail(`cannot connect to ${address}: ${quoted(reason)}, ${next}`)
  },
  'link-refused': ({ kind, peer, ending }) => {
    const text = `refused connection with ${printable(peer)}: ${describeEnding(ending)}`
    if (isExpected(ending)) return detail(text)
    // A peer that comes again has another port, and a number in its reason may differ.
    return ofKind(warning(text, `${kind} ${peer.replace(/:\d+$/, '')} ${ending.code}`), kind)
  },
  'known-peer-added': ({ address }) => info(`added the known peer ${address}`),
  'peer-forgotten': ({ address }) => info(`forgot ${address}; it is not dialed any more`),
  'own-address-taken': ({ kind, address, foundBy, suggested }) =>
    warning(
      `${foundBy ?? 'this node'} reached another node on ${address}, which this node announces; ` +
        setAddress(suggested, 'one that leads here'),
      kind,
    ),
  'own-address-refused': ({ address, by, isPeerLocal, suggested }) =>
    warning(
      isPeerLocal
        ? `${by} dials only its own machine, not ${address}, and refuses this node; set ADDRESS on it`
        : `${by} refuses this node, because other hosts cannot dial the address ${address} that it announces; ` +
            setAddress(suggested, 'one that they can dial'),
      ADDRESS_MISSING,
    ),
  'own-address-unanswered': ({ address, reason, suggested }) => {
    const fix = suggested === undefined ? '' : `, or set ADDRESS=${suggested}`
    return warning(
      `cannot dial ${address}, the ADDRESS of this node: ${quoted(reason)}; peers must be able to${fix}`,
    )
  },
  'own-address-reached': ({ address, by }) =>
    info(`${address}, the ADDRESS of this node, can be dialed: ${by} reached it`),
  'self-found': ({ address }) => detail(`${address} is this node itself`),
  'alias-found': ({ address, of }) => detail(`${address} is another address of ${of}`),
  'duplicate-closed': ({ peer }) => detail(`closed a duplicate connection with ${printable(peer)}`),
  'message-ignored': ({ peer, type }) => ({
    ...detail(`ignored a message of unknown type ${quoted(type)} from ${printable(peer)}`),
    rateLimit: IGNORED_MESSAGES,
  }),
  'addresses-refused': ({ peer, malformed, refusedByPolicy, tooMany }) => {
    const counts = `${malformed} malformed, ${refusedByPolicy} not allowed, ${tooMany} over the limit`
    return detail(`refused addresses from ${printable(peer)}: ${counts}`)
  },
  'dials-limited': ({ kind, teacher, host, waiting }) =>
    warning(
      `dialing slowly what peers name: ${waiting} addresses of ${quoted(host)} from ${quoted(teacher)}, and others`,
      kind,
    ),
  // A scanner must not hide the one request that an operator looks for.
  'request-refused': ({ kind, reason }) =>
    warning(`refused an HTTP request: ${printable(reason)}`, kind, 10),
  'other-code': ({ kind, address, code }) =>
    ofKind(
      warning(`${address} runs different code (digest ${quoted(code)})`, `${kind} ${address}`),
      kind,
    ),
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

/** By what proves certificates. */
const ENCRYPTION = {
  secret: 'connections are encrypted, and the secret proves their certificates',
  authorities: 'authorities of the system prove the certificates of peers, and it does not',
  ca: 'connections are encrypted, and peers need a certificate of TLS_CA as well',
  none: 'this node does not encrypt',
} as const

const SECRET_PROBLEMS = {
  differs: 'it has another secret; copy the file secret of one node to the other',
  'missing-here': 'it has a secret, and this node has none; copy its file secret to this node',
  'missing-there':
    'it has no secret, and this node has one; copy the file secret of this node to it',
  encrypts: 'it speaks TLS; write its address with wss:// instead of ws://',
  'uncertified-here':
    'it takes only certificates that its TLS_CA has signed; set TLS_CA, TLS_CERT and TLS_KEY here',
  'uncertified-there':
    'it has shown no valid certificate that TLS_CA has signed; set TLS_CA, TLS_CERT and TLS_KEY there',
} as const

/** A peer may send thousands; a few show what it speaks. */
const IGNORED_MESSAGES: RateLimitRule = { key: 'messages ignored', linesMax: 20 }

/** Of the lines that say so, by the files at the start or by a peer, the first is enough. */
const ADDRESS_MISSING = 'address-missing'

function setAddress(suggested: string | undefined, otherwise: string): string {
  return suggested === undefined ? `set ADDRESS to ${otherwise}` : `set ADDRESS=${suggested}`
}

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

/** A mesh of a thousand nodes can start in a minute; more lines only fill the disk. */
function peerChange(tone: 'good' | 'bad', text: string): LogLine {
  return { level: 'info', tone, text, rateLimit: { key: 'peer changes', linesMax: 1_000 } }
}

function detail(text: string): LogLine {
  return { level: 'debug', tone: 'detail', text }
}

function lagLine(
  { state, items, bytes }: Pick<LagEvent, 'bytes' | 'items' | 'state'>,
  key: string,
  who: string,
): LogLine {
  switch (state) {
    case 'behind': {
      const mib = (bytes / 1024 ** 2).toFixed(1)
      return warning(`${who} is slow: ${items} messages wait for it (${mib} MiB)`, key)
    }
    case 'gap':
      return warning(`${who} was too slow: messages are lost to it`, `${key} gap`)
    case 'caught-up':
      return { ...info(`${who} has caught up`), rateLimit: { key: `${key} end`, linesMax: 1 } }
    default:
      return state satisfies never
  }
}

/** @param key for one that others can cause often */
function warning(text: string, key?: string, linesMax = 1): LogLine {
  const line = { level: 'warn', tone: 'problem', text } as const
  return key === undefined ? line : { ...line, rateLimit: { key, linesMax } }
}

/** Of a line whose key others choose: they can make up any number of keys. */
function ofKind(line: LogLine, kind: string): LogLine {
  return line.rateLimit === undefined ? line : { ...line, rateLimit: { ...line.rateLimit, kind } }
}
