/** Decoders of the messages about feeds: a table by type. What is wrong with one is a text. */

import { countItems, type Json, type PubSubMessage, type Run } from './feed-messages.ts'
import { isTooDeep } from './nesting.ts'
import { isTopic } from './topic.ts'
import { type Data, isId, isMs, isRecord, isWholeNumber } from './validators.ts'

/** The most items in one run. Only of items of one or two bytes, more would fit into a frame. */
const ITEMS_MAX = 65_536

/** The most feeds in one FEEDS. */
export const FEEDS_NAMED_MAX = 1_000

const FEED_DECODERS = {
  FEED: (data: Data) => {
    const { feed, first, next } = data
    if (!isId(feed) || !isWholeNumber(first) || !isWholeNumber(next) || first > next || first < 1) {
      return 'FEED data has no feed, first and next'
    }
    return { type: 'FEED', data: { feed, first, next } } as const
  },
  WANT: (data: Data) => {
    const { feed, from, withinMs } = data
    if (isId(feed) && isWholeNumber(from) && from >= 1) {
      return { type: 'WANT', data: { feed, from } } as const
    }
    if (isId(feed) && isMs(withinMs)) return { type: 'WANT', data: { feed, withinMs } } as const
    return 'WANT data has no feed, and from or withinMs'
  },
  EVENTS: (data: Data) => {
    const { feed, from, heldMs, runs: list } = data
    if (!isId(feed) || !isWholeNumber(from) || from < 1 || !isMs(heldMs) || !Array.isArray(list)) {
      return 'EVENTS data has no feed, from, heldMs and runs'
    }
    const runs = list.map(runIn).filter((run) => run !== undefined)
    if (runs.length === 0 || runs.length < list.length) {
      return 'EVENTS runs hold something that is not a run'
    }
    if (!isWholeNumber(from + countItems(runs))) return `EVENTS from ${from} count too far`
    return { type: 'EVENTS', data: { feed, from, heldMs, runs } } as const
  },
  GONE: (data: Data) => {
    const { feed, first, ageMs } = data
    if (!isId(feed) || !isWholeNumber(first) || !isMs(ageMs)) {
      return 'GONE data has no feed, first and ageMs'
    }
    return { type: 'GONE', data: { feed, first, ageMs } } as const
  },
  FEEDS: (data: Data) => {
    const { have } = data
    if (!isRecord(have)) return 'FEEDS data has no have'
    const entries = Object.entries(have)
    if (entries.length > FEEDS_NAMED_MAX) return `FEEDS of more than ${FEEDS_NAMED_MAX} feeds`
    const numbers: Record<string, number> = {}
    for (const [feed, next] of entries) {
      if (!isId(feed) || !isWholeNumber(next) || next < 1) return 'FEEDS have holds no number'
      numbers[feed] = next
    }
    return { type: 'FEEDS', data: { have: numbers } } as const
  },
} satisfies Record<PubSubMessage['type'], (data: Data) => PubSubMessage | string>

export function isPubSubType(type: string): type is PubSubMessage['type'] {
  return Object.hasOwn(FEED_DECODERS, type)
}

/** The message with this data, or what is wrong with it. */
export function decodePubSub(type: PubSubMessage['type'], data: unknown): PubSubMessage | string {
  if (!isRecord(data)) return `${type} data is not an object`
  return FEED_DECODERS[type](data)
}

/** The runs of a frame that was decoded or encoded before. */
export function eventsIn(text: string): readonly Run[] {
  const frame: unknown = JSON.parse(text)
  const message = isRecord(frame) ? decodePubSub('EVENTS', frame['data']) : undefined
  return typeof message === 'object' && message.type === 'EVENTS' ? message.data.runs : []
}

function runIn(value: unknown): Run | undefined {
  if (!isRecord(value)) return undefined
  const { topic, ageMs, json, base64 } = value
  if (typeof topic !== 'string' || !isTopic(topic) || !isMs(ageMs)) return undefined
  if (isList(json) && base64 === undefined) {
    if (json.some((body) => isTooDeep(body))) return undefined
    // All that JSON.parse gives is JSON.
    return { topic, ageMs, bodies: { kind: 'json', values: json as readonly Json[] } }
  }
  if (!isList(base64) || json !== undefined) return undefined
  const texts = base64.filter((text) => typeof text === 'string')
  if (texts.length !== base64.length) return undefined
  return { topic, ageMs, bodies: { kind: 'bytes', base64: texts } }
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= ITEMS_MAX
}
