/** What is asked for: again when it came too soon, and with the right window at the start. */

import test from 'ava'
import {
  ASKED_FEEDS_MAX,
  HOLES_MAX,
  UNKNOWN_FEEDS_MS,
  WANT_PAUSE_MS,
} from '../../src/pubsub/limits.ts'
import { Wants } from '../../src/pubsub/wants.ts'
import { bodiesOf, Lab, type LabNode } from './lab.ts'

const PEER = 'f'.repeat(32)

function frame(type: string, data: object): string {
  return JSON.stringify({ type, data })
}

function events(from: number, bodies: readonly unknown[], feed = PEER): string {
  return frame('EVENTS', { feed, from, heldMs: 0, runs: [{ topic: 'a', ageMs: 0, json: bodies }] })
}

/** The data of what a node sent on a link, by type. */
function sentOn(node: LabNode, link: number, type: string): readonly Record<string, unknown>[] {
  const frames = node.ways.get(link)?.frames ?? []
  return frames
    .map((text) => JSON.parse(text))
    .flatMap((one) => (one.type === type ? one.data : []))
}

/** A node that has asked its peer for what comes after the first message. */
function asking(): { lab: Lab; node: LabNode; link: number } {
  const lab = new Lab()
  const node = lab.start()
  const link = lab.intrude(node, PEER, true)
  node.receive(link, events(1, [1]))
  node.receive(link, events(3, [3]))
  return { lab, node, link }
}

test('feed requests - what is still missing a second later is asked for again', (t) => {
  const { lab, node, link } = asking()
  lab.nowMs += 100
  // The answer, but more was lost.
  node.receive(link, events(2, [2, 3]))
  node.receive(link, events(6, [6]))
  t.deepEqual(sentOn(node, link, 'WANT'), [{ feed: PEER, from: 2 }])
  lab.nowMs += WANT_PAUSE_MS - 101
  node.input({ kind: 'deadline' })
  t.is(sentOn(node, link, 'WANT').length, 1)
  t.is(node.core.deadlineMs(), lab.nowMs + 1)
  lab.nowMs += 1
  node.input({ kind: 'deadline' })
  t.deepEqual(sentOn(node, link, 'WANT').slice(1), [{ feed: PEER, from: 4 }])
  lab.run(5_000)
  t.is(node.sent.get('WANT'), 2)
})

test('feed requests - what came meanwhile is not asked for again', (t) => {
  const { lab, node, link } = asking()
  node.receive(link, events(4, [4]))
  node.receive(link, events(2, [2, 3, 4]))
  lab.run(5_000)
  t.is(node.sent.get('WANT'), 1)
  t.deepEqual(bodiesOf(node, PEER), [1, 2, 3, 4])
})

test('feed requests - a link that is gone is not asked', (t) => {
  const { lab, node, link } = asking()
  node.receive(link, events(5, [5]))
  lab.cut(link)
  lab.run(5_000)
  t.is(node.sent.get('WANT'), 1)
})

test('feed requests - a peer that asks twice in a second gets what it asked for last', (t) => {
  const lab = new Lab()
  const node = lab.start()
  for (const body of [1, 2, 3]) {
    node.publish(body)
    lab.run()
  }
  const link = lab.intrude(node, PEER, true)
  const want = (from: number): readonly unknown[] => {
    const before = sentOn(node, link, 'EVENTS').length
    node.receive(link, frame('WANT', { feed: node.feed, from }))
    while (node.drain()) {}
    return sentOn(node, link, 'EVENTS')
      .slice(before)
      .map((data) => data['from'])
  }
  t.deepEqual(want(1), [1, 2, 3])
  t.deepEqual(want(1), [1, 2, 3])
  lab.nowMs += 200
  t.deepEqual(want(1), [])
  t.deepEqual(want(2), [])
  const before = sentOn(node, link, 'EVENTS').length
  lab.nowMs += WANT_PAUSE_MS - 200
  node.input({ kind: 'deadline' })
  while (node.drain()) {}
  const later = sentOn(node, link, 'EVENTS').slice(before)
  t.deepEqual(
    later.map(({ from }) => from),
    [2, 3],
  )
})

test('feed requests - the window of a new feed is the uptime, also while the machine slept', (t) => {
  const lab = new Lab()
  const node = lab.start()
  const first = lab.intrude(node, PEER, true)
  lab.nowMs += 5_000
  node.receive(first, frame('FEED', { feed: PEER, first: 1, next: 9 }))
  t.deepEqual(sentOn(node, first, 'WANT'), [{ feed: PEER, withinMs: 7_000 }])
  const other = 'e'.repeat(32)
  const second = lab.intrude(node, other, true)
  node.input({ kind: 'suspended', totalMs: 60_000 })
  node.receive(second, frame('FEED', { feed: other, first: 1, next: 9 }))
  t.deepEqual(sentOn(node, second, 'WANT'), [{ feed: other, withinMs: 67_000 }])
})

test('feed requests - a link makes 64 more feeds known when ten minutes have passed', (t) => {
  const lab = new Lab()
  const node = lab.start()
  const link = lab.intrude(node, PEER, true)
  const feeds = Array.from({ length: 65 }, (_, at) => at.toString(16).padStart(32, 'e'))
  const tell = (some: readonly string[]): void => {
    const have = Object.fromEntries(some.map((feed) => [feed, 2]))
    node.receive(link, frame('FEEDS', { have }))
  }
  tell(feeds.slice(0, 64))
  lab.nowMs += UNKNOWN_FEEDS_MS - 1
  tell(feeds.slice(64))
  t.is(node.sent.get('WANT'), 64)
  lab.nowMs += 1
  tell(feeds.slice(64))
  t.is(node.sent.get('WANT'), 65)
})

test('feed requests - of so many feeds it is remembered that a link was asked', (t) => {
  const wants = new Wants()
  const feeds = Array.from({ length: ASKED_FEEDS_MAX }, (_, at) => String(at))
  for (const feed of feeds) t.true(wants.take(feed, 0, 0))
  t.true(wants.has('0'))
  t.false(wants.take('1', 9, 0))
  t.true(wants.take('one more', 0, 0))
  t.false(wants.has('0'))
  t.deepEqual(wants.takeDue(WANT_PAUSE_MS - 1), [])
  t.deepEqual(wants.takeDue(WANT_PAUSE_MS), [{ feed: '1', missingBelow: 9 }])
})

test('feed requests - holes of 64 feeds are filled at the same time, and no more', (t) => {
  const lab = new Lab()
  const node = lab.start()
  const links = [1, 2].map((n) => lab.intrude(node, String(n).repeat(32), true))
  const other = lab.intrude(node, PEER, true)
  const feeds = Array.from({ length: HOLES_MAX + 1 }, (_, at) => at.toString(16).padStart(32, 'e'))
  for (const [at, feed] of feeds.entries()) {
    const link = links[at % 2] ?? 0
    node.receive(link, frame('FEEDS', { have: { [feed]: 5 } }))
    node.receive(link, frame('GONE', { feed, first: 3, ageMs: 0 }))
  }
  t.is(sentOn(node, other, 'WANT').length, HOLES_MAX)
})
