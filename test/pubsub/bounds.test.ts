/** What is kept, for how long, and what a reader that is too late gets. */

import test from 'ava'
import type { Gap } from '../../src/pubsub/entries.ts'
import { encodeItem } from '../../src/pubsub/item.ts'
import {
  FEEDS_MAX,
  HOLE_WAIT_MS,
  LOG_AGE_MS_MAX,
  STEP_MESSAGES_MAX,
} from '../../src/pubsub/limits.ts'
import { Log } from '../../src/pubsub/log.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import { bodiesOf, Lab } from './lab.ts'

const STRANGER = 'f'.repeat(32)

function events(feed: string, from: number, bodies: readonly unknown[]): string {
  const runs = [{ topic: 'a', ageMs: 0, json: bodies }]
  return JSON.stringify({ type: 'EVENTS', data: { feed, from, heldMs: 0, runs } })
}

test('pubsub - what came before takes no memory when it comes again', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const link = lab.intrude(b, STRANGER, true)
  b.receive(link, events(STRANGER, 1, [1, 2]))
  const { logBytes } = b.core
  b.receive(link, events(STRANGER, 1, [1, 2]))
  t.is(b.core.logBytes, logBytes)
})

test('pubsub - a subscription that reads too late gets a gap, and then what is kept', (t) => {
  const lab = new Lab()
  const a = lab.start({ logBytes: 8_000 })
  const { take } = a
  a.take = (): void => {}
  for (let n = 1; n <= 10; n += 1) {
    a.publish('x'.repeat(1_000))
    lab.run()
  }
  take.call(a)
  t.is(bodiesOf(a, a.feed)[0], 'gap 1-9')
  t.is(a.got.length, 2)
})

test('pubsub - a subscription whose place is gone takes what comes next from its first item on', (t) => {
  const core = new PubSub({ feed: STRANGER, takesRelayed: false, nowMs: 0, random: () => 0.5 })
  const all = parsePattern('>')
  if (all === undefined) return t.fail()
  const form = {
    message: (_chunk: unknown, _run: unknown, _at: number, seq: number) => seq,
    gap: ({ first, last }: Gap) => -(last - first + 1),
  }
  const subscription = core.subscribe(all, form, 'none')
  const half = STEP_MESSAGES_MAX / 2
  const publish = (atMs: number): void => {
    for (let n = 0; n < 3 * half; n += 1) core.publish(encodeItem('a', 'json', '1'))
    core.handle({ kind: 'turn-ended' }, atMs)
  }
  publish(0)
  t.is(subscription.take(0).length, STEP_MESSAGES_MAX)
  core.handle({ kind: 'deadline' }, LOG_AGE_MS_MAX)
  t.deepEqual(subscription.take(LOG_AGE_MS_MAX), [-half])
  publish(LOG_AGE_MS_MAX)
  t.is(subscription.take(LOG_AGE_MS_MAX)[0], 3 * half + 1)
})

test('pubsub - a subscription begins where another one was, entry by entry', (t) => {
  const core = new PubSub({ feed: STRANGER, takesRelayed: false, nowMs: 0, random: () => 0.5 })
  const all = parsePattern('>')
  if (all === undefined) return t.fail()
  const form = {
    message: (_chunk: unknown, _run: unknown, _at: number, seq: number): number | string => seq,
    gap: ({ first, last }: Gap): number | string => `gap ${first}-${last}`,
  }
  for (let n = 0; n < 3; n += 1) {
    core.publish(encodeItem('a', 'json', '1'))
    core.publish(encodeItem('a', 'json', '2'))
    core.handle({ kind: 'turn-ended' }, n)
  }
  const first = core.subscribe(all, form, 'kept')
  t.deepEqual(first.take(3, 1), [1, 2])
  t.deepEqual(first.place, { position: 1, taken: 0 })
  t.deepEqual(core.subscribe(all, form, first.place).take(3), [3, 4, 5, 6])
  t.deepEqual(core.subscribe(all, form, { position: 1, taken: 1 }).take(3), [4, 5, 6])
  // The first entry is gone, and only who had not read it misses anything.
  core.handle({ kind: 'deadline' }, LOG_AGE_MS_MAX)
  t.deepEqual(core.subscribe(all, form, first.place).take(LOG_AGE_MS_MAX), [3, 4, 5, 6])
  const late = core.subscribe(all, form, { position: 0, taken: 1 })
  t.deepEqual(late.take(LOG_AGE_MS_MAX), ['gap 1-2', 3, 4, 5, 6])
})

test('pubsub - what is older than ten minutes is not kept', (t) => {
  const lab = new Lab()
  const a = lab.start()
  a.publish(1)
  lab.run()
  lab.nowMs += LOG_AGE_MS_MAX - 1
  a.input({ kind: 'deadline' })
  t.true(a.core.logBytes > 0)
  lab.nowMs += 1
  a.input({ kind: 'deadline' })
  t.is(a.core.logBytes, 0)
})

test('pubsub - no more feeds are remembered than the limit', (t) => {
  const log = new Log(
    { bytes: 1e6, ageMs: 1e6, feedBytes: 1e6 },
    () => {},
    () => true,
    () => {},
  )
  for (let n = 0; n <= FEEDS_MAX; n += 1) log.open(String(n), 1)
  t.is([...log.feeds()].length, FEEDS_MAX)
})

test('pubsub - a hole in a feed without owner is a gap only after every peer had its time', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const [one, other] = [lab.intrude(b, 'e'.repeat(32), true), lab.intrude(b, STRANGER, true)]
  const dead = '9'.repeat(32)
  b.receive(one, JSON.stringify({ type: 'FEEDS', data: { have: { [dead]: 4 } } }))
  b.receive(one, events(dead, 1, [1]))
  b.input({ kind: 'deadline' })
  lab.nowMs += 1_001
  b.receive(one, JSON.stringify({ type: 'FEEDS', data: { have: { [dead]: 4 } } }))
  b.receive(one, JSON.stringify({ type: 'GONE', data: { feed: dead, first: 3, ageMs: 0 } }))
  t.deepEqual(bodiesOf(b, dead), [1])
  t.true(b.ways.get(other)?.frames.some((text) => text.includes('WANT')) ?? false)
  lab.nowMs += HOLE_WAIT_MS - 1
  b.input({ kind: 'deadline' })
  t.deepEqual(bodiesOf(b, dead), [1])
  lab.nowMs += 1
  b.input({ kind: 'deadline' })
  t.deepEqual(bodiesOf(b, dead), [1, 'gap 2-2'])
})

test('pubsub - who tells less than what is here is told more', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const link = lab.intrude(b, STRANGER, true)
  const dead = '9'.repeat(32)
  b.receive(link, JSON.stringify({ type: 'FEEDS', data: { have: { [dead]: 3 } } }))
  b.receive(link, events(dead, 1, [1, 2]))
  const told = b.sent.get('FEEDS') ?? 0
  b.receive(link, JSON.stringify({ type: 'FEEDS', data: { have: { [dead]: 2 } } }))
  t.is(b.sent.get('FEEDS'), told + 1)
})
