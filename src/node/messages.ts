/** The messages of a node for programs: publish and subscribe. */

import { type Body, type EncodedItem, encodeItem } from '../pubsub/item.ts'
import { ITEM_BYTES_MAX } from '../pubsub/limits.ts'
import type { Delivery } from '../pubsub/subscription.ts'
import { isTopic } from '../pubsub/topic.ts'
import type { Json } from '../wire/feed-messages.ts'

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

/** Messages of one sender that will never come. */
export interface Gap {
  readonly kind: 'gap'
  readonly from: string | undefined
  readonly feed: string
  /** The numbers that are missing, both included. */
  readonly first: number
  readonly last: number
}

/**
 * The item that a program publishes.
 *
 * @throws {TypeError} when the topic is none or the body is not JSON
 * @throws {RangeError} when both are larger than 131,072 bytes as JSON or base64
 */
export function encode(topic: string, body: Json | Uint8Array): EncodedItem {
  if (!isTopic(topic)) {
    const got = JSON.stringify(topic)
    throw new TypeError(`a topic is a.b.c of 1 to 255 bytes without spaces, * and >, got ${got}`)
  }
  const isBytes = body instanceof Uint8Array
  const text = isBytes ? `"${Buffer.from(body).toString('base64')}"` : jsonOf(body)
  const item = encodeItem(topic, isBytes ? 'bytes' : 'json', text)
  if (item.bytes <= ITEM_BYTES_MAX) return item
  const size = `${item.bytes} bytes with its topic`
  throw new RangeError(`a message has at most ${ITEM_BYTES_MAX} bytes, this one has ${size}`)
}

function jsonOf(body: unknown): string {
  // Undefined for what JSON has no text for, whatever its type says.
  const text: string | undefined = JSON.stringify(body)
  if (text !== undefined) return text
  throw new TypeError(`a body is JSON or a Uint8Array, got ${typeof body}`)
}

/** What a subscription gave, for programs. */
export function publicForm(
  delivery: Delivery,
  addressOf: (feed: string) => string | undefined,
): Message | Gap {
  const from = addressOf(delivery.feed)
  if (delivery.kind === 'gap') return { ...delivery, from }
  return { ...delivery, from, body: bodyOf(delivery.body) }
}

function bodyOf(body: Body): Json | Uint8Array {
  if (body.kind === 'json') return body.value
  return new Uint8Array(Buffer.from(body.base64, 'base64'))
}
