/** Decoders of the messages about feeds: a table by type. What is wrong with one is a text. */

import { countItems, type Json, type PubSubMessage, type Run } from './feed-messages.ts'
import { isTooDeep } from './nesting.ts'
import { isTopic } from './topic.ts'

type Data = Readonly<Record<string, unknown>>

/** The most items in one frame of 256 KiB, whatever is in it. */
const ITEMS_MAX = 65_536

/** The most feeds in one FEEDS. */
export const FEEDS_NAMED_MAX = 1_000

/**
 * The longest age or time, in ms: a century, more than a clock that begins in 1970 can be wrong.
 * Larger: a sum of two is no `Date` any more.
 */
export const MS_MAX = 36_525 * 86_400_000

const FEED_DECODERS = {
  FEED: (data: Data) => {
    const { feed, first, next } = data
    if (!isFeed(feed) || !isNumber(first) || !isNumber(next) || first > next || first < 1) {
      return 'FEED data has no feed, first and next'
    }
    return { type: 'FEED', data: { feed, first, next } } as const
  },
  WANT: (data: Data) => {
    const { feed, from, withinMs } = data
    if (isFeed(feed) && isNumber(from) && from >= 1) {
      return { type: 'WANT', data: { feed, from } } as const
    }
    if (isFeed(feed) && isMs(withinMs)) return { type: 'WANT', data: { feed, withinMs } } as const
    return 'WANT data has no feed, and from or withinMs'
  },
  EVENTS: (data: Data) => {
    const { feed, from, heldMs, runs: list } = data
    if (!isFeed(feed) || !isNumber(from) || from < 1 || !isMs(heldMs) || !Array.isArray(list)) {
      return 'EVENTS data has no feed, from, heldMs and runs'
    }
    const runs = list.map(runIn).filter((run) => run !== undefined)
    if (runs.length === 0 || runs.length < list.length) {
      return 'EVENTS runs hold something that is not a run'
    }
    if (!isNumber(from + countItems(runs))) return `EVENTS from ${from} count too far`
    return { type: 'EVENTS', data: { feed, from, heldMs, runs } } as const
  },
  GONE: (data: Data) => {
    const { feed, first, ageMs } = data
    if (!isFeed(feed) || !isNumber(first) || !isMs(ageMs)) {
      return 'GONE data has no feed, first and ageMs'
    }
    return { type: 'GONE', data: { feed, first, ageMs } } as const
  },
  FEEDS: (data: Data) => {
    const { have } = data
    if (!isData(have)) return 'FEEDS data has no have'
    const entries = Object.entries(have)
    if (entries.length > FEEDS_NAMED_MAX) return `FEEDS of more than ${FEEDS_NAMED_MAX} feeds`
    const numbers: Record<string, number> = {}
    for (const [feed, next] of entries) {
      if (!isFeed(feed) || !isNumber(next) || next < 1) return 'FEEDS have holds no number'
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
  if (!isData(data)) return `${type} data is not an object`
  return FEED_DECODERS[type](data)
}

/** The runs of a frame that was decoded or encoded before. */
export function eventsIn(text: string): readonly Run[] {
  const frame: unknown = JSON.parse(text)
  const message = isData(frame) ? decodePubSub('EVENTS', frame['data']) : undefined
  return typeof message === 'object' && message.type === 'EVENTS' ? message.data.runs : []
}

function runIn(value: unknown): Run | undefined {
  if (!isData(value)) return undefined
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

export function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isFeed(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}

export function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

export function isMs(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MS_MAX
}
