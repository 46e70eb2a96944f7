/** Decoding what peers send about feeds. */

import test from 'ava'
import { decodePubSub } from '../../src/wire/feed-codec.ts'
import type { PubSubMessage } from '../../src/wire/feed-messages.ts'
import { NESTING_MAX } from '../../src/wire/nesting.ts'
import { MS_MAX } from '../../src/wire/validators.ts'

const FEED = 'a'.repeat(32)
const RUN = { topic: 'a.b', ageMs: 0, json: [1, null, 'x'] }
const EVENTS = { feed: FEED, from: 1, heldMs: 0, runs: [RUN] }

/** A value nested so deep. */
function nested(depth: number): unknown {
  let value: unknown = 'x'
  for (let n = 0; n < depth; n += 1) value = n % 2 === 0 ? [value] : { key: value }
  return value
}

const VALID: readonly (readonly [PubSubMessage['type'], object])[] = [
  ['FEED', { feed: FEED, first: 1, next: 1 }],
  ['WANT', { feed: FEED, from: 1 }],
  ['WANT', { feed: FEED, withinMs: 0 }],
  ['EVENTS', EVENTS],
  ['EVENTS', { ...EVENTS, runs: [{ topic: 'a', ageMs: 0, base64: ['AQI='] }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, json: [1, nested(NESTING_MAX)] }] }],
  ['GONE', { feed: FEED, first: 0, ageMs: 0 }],
  ['FEEDS', { have: { [FEED]: 1 } }],
  ['WANT', { feed: FEED, withinMs: MS_MAX }],
  ['EVENTS', { ...EVENTS, heldMs: MS_MAX, runs: [{ ...RUN, ageMs: MS_MAX }] }],
  ['GONE', { feed: FEED, first: 1, ageMs: MS_MAX }],
]

const WRONG: readonly (readonly [PubSubMessage['type'], unknown])[] = [
  ['FEED', undefined],
  ['FEED', { feed: 'A'.repeat(32), first: 1, next: 1 }],
  ['FEED', { feed: FEED, first: 2, next: 1 }],
  ['FEED', { feed: FEED, first: 0, next: 1 }],
  ['WANT', { feed: FEED }],
  ['WANT', { feed: FEED, from: 0 }],
  ['WANT', { feed: FEED, withinMs: -1 }],
  ['EVENTS', { ...EVENTS, runs: [] }],
  ['EVENTS', { ...EVENTS, runs: [RUN, 1] }],
  ['EVENTS', { ...EVENTS, from: 1.5 }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, json: [] }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, base64: ['AQI='] }] }],
  ['EVENTS', { ...EVENTS, runs: [{ topic: 'a', ageMs: 0, base64: [1] }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, topic: 'a..b' }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, topic: 'a.*' }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, topic: 'a\u001b[2J' }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, topic: 'x'.repeat(256) }] }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, json: [1, nested(NESTING_MAX + 1)] }] }],
  ['GONE', { feed: FEED, first: -1, ageMs: 0 }],
  ['FEEDS', { have: [] }],
  ['FEEDS', { have: { [FEED]: 0 } }],
  ['FEEDS', { have: { other: 1 } }],
  ['WANT', { feed: FEED, withinMs: MS_MAX + 1 }],
  ['EVENTS', { ...EVENTS, heldMs: MS_MAX + 1 }],
  ['EVENTS', { ...EVENTS, runs: [{ ...RUN, ageMs: MS_MAX + 1 }] }],
  ['GONE', { feed: FEED, first: 1, ageMs: MS_MAX + 1 }],
]

test('feed codec - messages about feeds that are as they should be are read', (t) => {
  for (const [type, data] of VALID) t.is(typeof decodePubSub(type, data), 'object', type)
})

test('feed codec - the sum of the longest times is that of a date', (t) => {
  t.notThrows(() => new Date(Date.now() - 2 * MS_MAX).toISOString())
})

test('feed codec - the topics of others are topics, and all else that is wrong is said in one line', (t) => {
  for (const [type, data] of WRONG) {
    const problem = decodePubSub(type, data)
    t.is(typeof problem, 'string', `${type} ${JSON.stringify(data)}`)
  }
})
