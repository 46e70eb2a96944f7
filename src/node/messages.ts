/** The messages of a node for programs: publish and subscribe. */

import { type EncodedItem, encodeItem } from '../pubsub/item.ts'
import { ITEM_BYTES_MAX } from '../pubsub/limits.ts'
import type { Form } from '../pubsub/subscription.ts'
import type { Json, Run } from '../wire/feed-messages.ts'
import { NESTING_MAX } from '../wire/nesting.ts'
import { isTopic } from '../wire/topic.ts'

/** What a node published. */
export interface Message {
  readonly kind: 'message'
  readonly topic: string
  /** As it was published. Subscriptions of one process share it: do not change it. */
  readonly body: Json | Uint8Array
  /** The address of the sender; undefined when this node was never connected to it. */
  readonly from: string | undefined
  /** The process run that published it: 32 hex digits. */
  readonly feed: string
  /** Its number in that feed: 1, 2, 3 … over all topics. */
  readonly seq: number
  /** Since it was published, in ms, without the time on the wire. */
  readonly ageMs: number
  /** Whether another node than the sender passed it on, after the sender was gone. */
  readonly relayed: boolean
}

/**
 * What can be published: bytes, and values of JSON. With the objects that an `interface` describes,
 * which have no index signature, so that they are no {@link Json} for TypeScript.
 */
export type Publishable<Body> = Body extends Json | Uint8Array
  ? Body
  : Body extends (...words: never[]) => unknown
    ? never
    : Body extends object
      ? { readonly [Key in keyof Body]: Publishable<Exclude<Body[Key], undefined>> | undefined }
      : never

/** Messages of one sender that will never come. */
export interface Gap {
  readonly kind: 'gap'
  readonly from: string | undefined
  readonly feed: string
  /** The numbers that are missing, both included. */
  readonly first: number
  readonly last: number
}

/** The topic that was checked last: a program publishes many messages in one. */
let checkedTopic: string | undefined

/**
 * The item that a program publishes.
 *
 * @throws {TypeError} when the topic is none, or JSON cannot hold the body
 * @throws {RangeError} when both are larger than 131,072 bytes as JSON or base64, or the body has
 * more than 256 arrays and objects within each other
 */
export function encode(topic: string, body: unknown): EncodedItem {
  if (typeof topic !== 'string' || (topic !== checkedTopic && !isTopic(topic))) {
    const got = JSON.stringify(topic)
    throw new TypeError(`a topic is a.b.c of 1 to 255 bytes without spaces, * and >, got ${got}`)
  }
  checkedTopic = topic
  const isBytes = body instanceof Uint8Array
  const text = isBytes ? `"${Buffer.from(body).toString('base64')}"` : jsonOf(body)
  const item = encodeItem(topic, isBytes ? 'bytes' : 'json', text)
  if (item.bytes <= ITEM_BYTES_MAX) return item
  const size = `${item.bytes} bytes with its topic`
  throw new RangeError(`a message has at most ${ITEM_BYTES_MAX} bytes, this one has ${size}`)
}

function jsonOf(body: unknown): string {
  // Undefined for what JSON has no text for, whatever its type says.
  const text: string | undefined = stringified(body)
  if (text !== undefined) return text
  throw new TypeError(`a body is JSON or a Uint8Array, got ${typeof body}`)
}

function stringified(body: unknown): string | undefined {
  try {
    const text = JSON.stringify(body)
    assertKept(body)
    return text
  } catch (error) {
    // The runtime has no stack left.
    if (!(error instanceof RangeError)) throw error
  }
  throw new RangeError(`a body has at most ${NESTING_MAX} arrays and objects within each other`)
}

/** What JSON has no form for: it would be null, or an object that is empty or not what it was. */
function assertKept(value: unknown, left = NESTING_MAX): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new TypeError(`the numbers in a body are finite, as in JSON, got ${value}`)
  }
  if (typeof value !== 'object' || value === null) return
  if (left === 0) throw new RangeError('nested too deeply')
  // It is written as that gives it.
  if ('toJSON' in value && typeof value.toJSON === 'function') return
  const isEmptied = EMPTIED.some((type) => value instanceof type)
  if (isEmptied || ArrayBuffer.isView(value)) {
    const got = value.constructor.name
    throw new TypeError(`a body is JSON or a Uint8Array, and has no ${got} in it, got one`)
  }
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value)
  for (const part of parts) assertKept(part, left - 1)
}

/** Whose contents JSON leaves out. */
const EMPTIED = [ArrayBuffer, Map, Set] as const

/** Messages and gaps as programs get them. */
export function publicForm(addressOf: (feed: string) => string | undefined): Form<Message | Gap> {
  return {
    message({ feed, relayed }, { bodies, topic }, at, seq, ageMs) {
      const body = bodyAt(bodies, at)
      return { kind: 'message', topic, body, from: addressOf(feed), feed, seq, ageMs, relayed }
    },
    gap: (gap) => ({ kind: 'gap', from: addressOf(gap.feed), ...gap }),
  }
}

function bodyAt(bodies: Run['bodies'], at: number): Json | Uint8Array {
  // Whoever counts as far as the run is long meets no undefined.
  if (bodies.kind === 'json') return bodies.values[at] ?? null
  return new Uint8Array(Buffer.from(bodies.base64[at] ?? '', 'base64'))
}
