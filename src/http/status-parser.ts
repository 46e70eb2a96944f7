/**
 * Reads a {@link Status} that came over HTTP from somebody who may be anybody. What it does not
 * name it passes over: a later version of the format may have more.
 */

import type { LinkStatus, LogLine, OwnStatus, PeerStatus, Status } from './status.ts'

/** The outcome of {@link parseStatus}. `problem` is for people: `peers[2].known is no boolean`. */
export type ParsedStatus =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'rejected'; readonly problem: string }

/** Reads a document as `JSON.parse` gives it. Never throws. */
export function parseStatus(document: unknown): ParsedStatus {
  try {
    return { kind: 'status', status: statusIn(new Value(document, 'the document')) }
  } catch (error) {
    if (error instanceof Mismatch) return { kind: 'rejected', problem: error.message }
    throw error
  }
}

/** Something in the document is not as it must be. Never leaves this file. */
class Mismatch extends Error {}

function statusIn(root: Value): Status {
  const format = root.field('format').number()
  if (format !== 1) throw new Mismatch(`its format is ${format}, and only format 1 is known here`)
  return {
    format,
    node: ownIn(root.field('node')),
    complete: root.field('complete').boolean(),
    summary: root.field('summary').string(),
    peers: root.field('peers').list(peerIn),
    log: root.field('log').list(logLineIn),
  }
}

function ownIn(value: Value): OwnStatus {
  return {
    address: value.field('address').string(),
    id: value.field('id').string(),
    mesh: value.field('mesh').string(),
    version: value.field('version').string(),
    runtime: value.field('runtime').string(),
    code: value.field('code').orNull(stringIn),
    startedAt: value.field('startedAt').time(),
  }
}

function peerIn(value: Value): PeerStatus {
  return {
    address: value.field('address').string(),
    known: value.field('known').boolean(),
    state: value.field('state').oneOf(STATES),
    retryInMs: value.field('retryInMs').orNull(numberIn),
    link: value.field('link').orNull(linkIn),
    connectedTo: value.field('connectedTo').orNull((list) => list.list(stringIn)),
    lastEnding: value.field('lastEnding').orNull(logLineIn),
  }
}

const STATES = [
  'connected',
  'attempting',
  'backing-off',
  'gone',
] as const satisfies readonly PeerStatus['state'][]

function linkIn(value: Value): LinkStatus {
  return {
    dialedBy: value.field('dialedBy').oneOf(['us', 'peer']),
    since: value.field('since').time(),
    roundTripMs: value.field('roundTripMs').orNull(numberIn),
    id: value.field('id').orNull(stringIn),
    runtime: value.field('runtime').orNull(stringIn),
    sameCode: value.field('sameCode').orNull((same) => same.boolean()),
  }
}

function logLineIn(value: Value): LogLine {
  return { at: value.field('at').time(), text: value.field('text').string() }
}

function stringIn(value: Value): string {
  return value.string()
}

function numberIn(value: Value): number {
  return value.number()
}

/** A value of the document, with its place in it. Each method gives what it is, or a mismatch. */
class Value {
  readonly #value: unknown
  readonly #place: string

  constructor(value: unknown, place: string) {
    this.#value = value
    this.#place = place
  }

  field(name: string): Value {
    const value = this.#value
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#not('object')
    const entry = Object.entries(value).find(([key]) => key === name)
    return new Value(entry?.[1], `${this.#place}.${name}`.replace(/^the document\./, ''))
  }

  list<T>(read: (value: Value) => T): readonly T[] {
    if (!Array.isArray(this.#value)) throw this.#not('list')
    return this.#value.map((item, index) => read(new Value(item, `${this.#place}[${index}]`)))
  }

  orNull<T>(read: (value: Value) => T): T | null {
    return this.#value === null ? null : read(this)
  }

  string(): string {
    if (typeof this.#value !== 'string') throw this.#not('text')
    return this.#value
  }

  /** ISO 8601, as `Date` reads it. */
  time(): string {
    const text = this.string()
    if (Number.isNaN(Date.parse(text))) throw this.#not('time')
    return text
  }

  /** JSON has no other numbers than finite ones. */
  number(): number {
    if (typeof this.#value !== 'number') throw this.#not('number')
    return this.#value
  }

  boolean(): boolean {
    if (typeof this.#value !== 'boolean') throw this.#not('boolean')
    return this.#value
  }

  oneOf<const T extends string>(words: readonly T[]): T {
    const found = words.find((word) => word === this.#value)
    if (found === undefined) throw this.#not(words.join(' or '))
    return found
  }

  #not(what: string): Mismatch {
    return new Mismatch(`${this.#place} is no ${what}`)
  }
}
