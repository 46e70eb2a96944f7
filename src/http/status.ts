/**
 * The status of a node: what `/peers` serves, what each event of `/events` carries and what
 * `status --json` prints. Defined once, for the types, for the reader and for docs/PROTOCOL.md.
 */

import { RUNTIME_CHARS_MAX } from '../mesh/limits.ts'
import { RECENT_EVENTS_MAX } from './limits.ts'
import {
  boolean,
  type Infer,
  json,
  list,
  Mismatch,
  nullOr,
  number,
  object,
  oneOf,
  text,
  time,
  withDefault,
} from './shape.ts'

/**
 * The shape of a status. Its text is printable, its times are in UTC, and its durations are in
 * milliseconds. A function, because a node that only serves its status does not need it.
 */
export function statusShape() {
  // A Mesh-Id, another at each start of a node.
  const id = text({ pattern: '^[0-9a-f]{32}$' })
  // Which side closed a link, `network` when it broke, and the close code.
  const close = object({ by: oneOf(['us', 'peer', 'network']), code: number({ type: 'integer' }) })
  const lastEnding = object({
    at: time(),
    text: text(),
    // One of the two; nodes of older versions have neither.
    close: withDefault(nullOr(close), null),
    dial: withDefault(
      nullOr(
        object({
          failure: text({ description: 'refused, timed-out, no-answer, …' }),
          reason: text({ description: 'the same in words' }),
        }),
      ),
      null,
    ),
  })
  const logEntry = object({
    at: time(),
    text: text(),
    // Nodes of older versions have neither.
    change: withDefault(nullOr(oneOf(['joined', 'left'])), null),
    address: withDefault(nullOr(text()), null),
    close: withDefault(nullOr(close), null),
  })
  const milliseconds = (description: string) =>
    nullOr(number({ type: 'integer', minimum: 0, description }))
  const data = json({ description: 'what the node tells of itself' })
  const link = object({
    dialedBy: oneOf(['us', 'peer']),
    since: time(),
    roundTripMs: milliseconds('null until one was measured'),
    silent: withDefault(
      boolean({ description: 'whether a ping is unanswered, and nothing else has come, for 5 s' }),
      false,
    ),
    // Null for a plain peer, which sends none.
    id: nullOr(id),
    runtime: nullOr(text({ maxLength: RUNTIME_CHARS_MAX })),
    sameCode: nullOr(
      boolean({
        description: 'whether its code is that of this node; null when one of the two is unknown',
      }),
    ),
    // Nodes without it do not know messages.
    messages: withDefault(boolean({ description: 'whether the peer carries messages' }), false),
    lag: withDefault(
      number({
        type: 'integer',
        minimum: 0,
        description: 'messages of this node that the peer has not been sent',
      }),
      0,
    ),
    data: withDefault(data, {}),
    // Nodes of older versions have neither.
    encrypted: withDefault(boolean(), false),
    key: withDefault(
      nullOr(
        text({
          pattern: '^[0-9a-f]{8}$',
          description: 'the fingerprint of the secret that it has proven; null for none',
        }),
      ),
      null,
    ),
  })
  const peer = object({
    address: text(),
    known: boolean({ description: 'whether known-peers.json or KNOWN_PEERS has it' }),
    state: oneOf(['connected', 'attempting', 'backing-off', 'gone'], {
      description: 'gone: it left or never answered, and is not counted any more',
    }),
    retryInMs: milliseconds('when backing off: time until the next dial; else null'),
    link: nullOr(link),
    connectedTo: nullOr(
      list(text(), {
        description: 'the addresses that it reports as connected; null when it reports none',
      }),
    ),
    // How the last link or dial ended: `closed by peer: 1001 'node stops'`.
    lastEnding: nullOr(lastEnding),
  })
  const keyUse = object({
    key: text({ pattern: '^[0-9a-f]{8}$' }),
    links: number({ type: 'integer', minimum: 0 }),
  })
  const source = object({
    source: text({
      description: 'a known peer that leads to others: dns:NAME:PORT, srv:NAME, lan',
    }),
    asked: number({ type: 'integer', minimum: 0, description: 'how often it has answered' }),
    answeredAt: nullOr(time()),
    found: number({ type: 'integer', minimum: 0, description: 'addresses in the last answer' }),
    // Such as `no such name in DNS`.
    problem: nullOr(text()),
  })
  return object({
    // What is added to the format does not change its number.
    format: oneOf([1]),
    node: object({
      address: text(),
      id,
      mesh: text(),
      version: text(),
      runtime: text(),
      // SHA-256 of the running code; null when it cannot be read.
      code: nullOr(text({ pattern: '^[0-9a-f]{64}$' })),
      startedAt: time(),
      data: withDefault(data, {}),
      // Null when it does not encrypt.
      certificate: withDefault(
        nullOr(object({ sha256: text({ pattern: '^[0-9a-f]{64}$' }), expiresAt: time() })),
        null,
      ),
    }),
    complete: boolean({ description: 'whether all members of the mesh are connected' }),
    summary: text({ description: 'the same in words' }),
    keys: withDefault(
      nullOr(
        list(keyUse, {
          description:
            'the fingerprints of the secrets, the one that proves first, with the links that each has made; null without a secret',
        }),
      ),
      null,
    ),
    unproven: withDefault(
      nullOr(
        number({
          type: 'integer',
          minimum: 0,
          description:
            'with SECRET_MODE=accept, which protects nothing, the links that have not proven the secret',
        }),
      ),
      null,
    ),
    // In the order of their addresses.
    peers: list(peer),
    // Nodes of older versions have none.
    sources: withDefault(list(source), []),
    log: list(logEntry, {
      maxItems: RECENT_EVENTS_MAX,
      description: 'the latest joins and leaves, oldest first',
    }),
  })
}

/** One node's view of the mesh. */
export type Status = Infer<ReturnType<typeof statusShape>>

/** The node whose view it is. */
export type OwnStatus = Status['node']

export type PeerStatus = Status['peers'][number]

export type SourceStatus = Status['sources'][number]

export type LinkStatus = NonNullable<PeerStatus['link']>

/** `problem` is for people: `peers[2].known is not a boolean`. */
export type ParsedStatus =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'rejected'; readonly problem: string }

/** Reads a document as `JSON.parse` gives it, of any origin. Never throws. */
export function parseStatus(document: unknown): ParsedStatus {
  try {
    const { format } = object({ format: number() }).read(document)
    if (format !== 1) {
      return { kind: 'rejected', problem: `its format is ${format}; this program reads format 1` }
    }
    return { kind: 'status', status: statusShape().read(document) }
  } catch (error) {
    if (error instanceof Mismatch) return { kind: 'rejected', problem: error.message }
    throw error
  }
}
