/** What the simulator found, each in a few lines. */

import test from 'ava'
import {
  HOLE_WAIT_MS,
  START_MARGIN_MS,
  UNKNOWN_FEEDS_PER_LINK_MAX,
} from '../../src/pubsub/limits.ts'
import { FEEDS_NAMED_MAX } from '../../src/wire/feed-codec.ts'
import { bodiesOf, events, frame, Lab } from './lab.ts'

const STRANGER = 'f'.repeat(32)
const DEAD = '9'.repeat(32)

test('pubsub - a peer that rewinds and reads nothing keeps no deadline in the past', (t) => {
  const lab = new Lab()
  const a = lab.start()
  for (let n = 0; n < 5; n += 1) {
    a.publish('x'.repeat(100_000))
    lab.run()
  }
  a.isStuck = true
  const link = lab.intrude(a, STRANGER, true)
  for (const from of [1, 5, 1, 5, 1]) a.receive(link, frame('WANT', { feed: a.feed, from }))
  lab.nowMs += 2_000
  a.input({ kind: 'deadline' })
  t.true((a.core.deadlineMs() ?? Number.POSITIVE_INFINITY) > lab.nowMs)
})

test('pubsub - requests on a full link get no second frame', (t) => {
  const lab = new Lab()
  const a = lab.start()
  for (let n = 0; n < 30; n += 1) {
    a.publish('x'.repeat(100_000))
    lab.run()
  }
  const link = lab.intrude(a, STRANGER, true)
  lab.run()
  a.isStuck = true
  const frames = a.ways.get(link)?.frames ?? []
  const events = (): number => frames.filter((text) => text.includes('EVENTS')).length
  a.receive(link, frame('WANT', { feed: a.feed, from: 1 }))
  for (let n = 0; n < 5; n += 1) a.receive(link, frame('WANT', { feed: DEAD, from: 1 }))
  a.receive(link, frame('WANT', { feed: a.feed, from: 1 }))
  t.is(events(), 1)
  a.isStuck = false
  a.drain()
  t.is(events(), 2)
})

test('pubsub - a relay that lacks nothing causes no gap', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const link = lab.intrude(b, STRANGER, true)
  b.receive(link, frame('FEEDS', { have: { [DEAD]: 4 } }))
  b.receive(link, frame('GONE', { feed: DEAD, first: 1, ageMs: 0 }))
  lab.run(HOLE_WAIT_MS)
  t.deepEqual(bodiesOf(b, DEAD), [])
})

test('pubsub - a feed does not begin amid an answer whose start was ignored', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const link = lab.intrude(b, STRANGER, true)
  b.receive(link, frame('FEEDS', { have: { [DEAD]: 4 } }))
  const owner = lab.intrude(b, DEAD)
  b.receive(link, events(DEAD, 1, ['one']))
  lab.cut(owner)
  b.receive(link, events(DEAD, 2, ['two']))
  t.deepEqual(bodiesOf(b, DEAD), [])
})

test('pubsub - a subscription that reads late gets gaps in the order of their numbers', (t) => {
  const lab = new Lab()
  const b = lab.start({ logBytes: 8_000 })
  const { take } = b
  b.take = (): void => {}
  const link = lab.intrude(b, STRANGER, true)
  b.receive(link, events(STRANGER, 1, [1]))
  b.receive(link, events(STRANGER, 4, [4]))
  b.receive(link, frame('GONE', { feed: STRANGER, first: 4, ageMs: 0 }))
  for (let seq = 4; seq < 9; seq += 1) b.receive(link, events(STRANGER, seq, ['x'.repeat(500)]))
  take.call(b)
  let next = 1
  for (const delivery of b.got) {
    const first = delivery.kind === 'gap' ? delivery.first : delivery.seq
    t.is(first, next)
    next = 1 + (delivery.kind === 'gap' ? delivery.last : delivery.seq)
  }
  t.is(next, 9)
})

test('pubsub - a request that is on its way for long hides nothing that its sender had published', (t) => {
  const lab = new Lab()
  const a = lab.start()
  const b = lab.start()
  a.publish('one')
  lab.run()
  const link = lab.connect(a, b)
  for (const text of a.ways.get(link)?.frames.splice(0) ?? []) b.receive(link, text)
  lab.nowMs += 5 * START_MARGIN_MS
  lab.run()
  t.deepEqual(bodiesOf(b, a.feed), ['one'])
})

test('pubsub - what is due to be dropped is dropped, however its time is rounded', (t) => {
  for (let n = 1; n < 200; n += 1) {
    const lab = new Lab()
    lab.nowMs += n / 7
    const a = lab.start()
    a.publish(1)
    lab.run()
    lab.nowMs = a.core.deadlineMs() ?? 0
    a.input({ kind: 'deadline' })
    t.is(a.core.deadlineMs(), undefined)
  }
})

test('pubsub - links share a frame only at the same place', (t) => {
  const lab = new Lab()
  const a = lab.start()
  for (let n = 1; n <= 4; n += 1) {
    a.publish(n)
    lab.run()
  }
  const links = [lab.intrude(a, STRANGER, true), lab.intrude(a, DEAD, true)]
  lab.run()
  a.isStuck = true
  for (const [at, link] of links.entries()) {
    const frames = a.ways.get(link)?.frames ?? []
    a.input({ kind: 'link-full', link })
    a.receive(link, frame('WANT', { feed: a.feed, from: 1 + 2 * at }))
    t.is(frames.length, 0)
  }
  a.input({ kind: 'links-drained', links })
  for (const [at, link] of links.entries()) {
    t.regex(a.ways.get(link)?.frames[0] ?? '', new RegExp(`"from":${1 + 2 * at},`))
  }
})

test('pubsub - what was forged in the name of one that has published nothing is taken back', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  const link = lab.intrude(b, STRANGER, true)
  b.receive(link, frame('FEEDS', { have: { [a.feed]: 7 } }))
  b.receive(link, events(a.feed, 1, [1, 2, 3, 4, 5, 6]))
  lab.connect(a, b)
  lab.run(2_000)
  t.deepEqual(bodiesOf(b, a.feed), [1, 2, 3, 4, 5, 6, 'gap 1-6'])
})

test('pubsub - a hole that was forged in the name of one that has published nothing is taken back', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  const link = lab.intrude(b, STRANGER, true)
  b.receive(link, frame('FEEDS', { have: { [a.feed]: 7 } }))
  b.receive(link, frame('GONE', { feed: a.feed, first: 7, ageMs: 0 }))
  lab.connect(a, b)
  lab.run(2_000)
  a.publish('real')
  lab.run()
  t.deepEqual(bodiesOf(b, a.feed), ['gap 1-6', 'gap 1-6', 'real'])
})

test('pubsub - a gap among what is taken back is not given to who had not read it', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const { take } = b
  const link = lab.intrude(b, STRANGER)
  b.receive(link, events(STRANGER, 1, ['real']))
  b.take = (): void => {}
  b.receive(link, events(STRANGER, 2, ['forged', 'forged']))
  b.receive(link, frame('FEED', { feed: STRANGER, first: 9, next: 9 }))
  b.receive(link, frame('GONE', { feed: STRANGER, first: 9, ageMs: 0 }))
  const owner = lab.intrude(b, STRANGER, true)
  b.receive(owner, frame('FEED', { feed: STRANGER, first: 1, next: 2 }))
  b.receive(owner, frame('FEED', { feed: STRANGER, first: 1, next: 2 }))
  take.call(b)
  t.deepEqual(bodiesOf(b, STRANGER), ['real', 'gap 2-8'])
})

test('pubsub - an owner that dropped its first numbers before they were sent leaves a gap', (t) => {
  const lab = new Lab()
  const b = lab.start()
  const owner = lab.intrude(b, STRANGER, true)
  b.receive(owner, frame('GONE', { feed: STRANGER, first: 6, ageMs: 0 }))
  b.receive(owner, events(STRANGER, 6, ['six']))
  b.receive(owner, events(STRANGER, 7, ['seven']))
  t.deepEqual(bodiesOf(b, STRANGER), ['gap 1-5', 'six', 'seven'])
})

test('pubsub - a flood of unknown feeds does not hide that of a peer that was linked', (t) => {
  const lab = new Lab()
  const [a, b, relay] = [lab.start(), lab.start(), lab.start()]
  lab.connect(a, relay)
  lab.cut(lab.connect(a, b))
  a.publish('last words')
  lab.run()
  lab.kill(a)
  const link = lab.connect(relay, b)
  const junk = Array.from({ length: UNKNOWN_FEEDS_PER_LINK_MAX }, (_, n) => [junkFeed(n), 2])
  b.receive(link, frame('FEEDS', { have: Object.fromEntries(junk) }))
  lab.run(2_000)
  t.deepEqual(bodiesOf(b, a.feed), ['last words'])
})

test('pubsub - asked again by age, a sender skips nothing that has become too old', (t) => {
  const lab = new Lab()
  const a = lab.start()
  for (let n = 1; n <= 3; n += 1) {
    a.publish('x'.repeat(100_000))
    lab.run()
  }
  const link = lab.intrude(a, STRANGER, true)
  a.isStuck = true
  a.receive(link, frame('WANT', { feed: a.feed, withinMs: 1_000 }))
  lab.nowMs += 2_000
  a.receive(link, frame('WANT', { feed: a.feed, withinMs: 1_000 }))
  a.isStuck = false
  lab.run(5_000)
  t.is(a.sent.get('EVENTS'), 3)
})

function junkFeed(n: number): string {
  return n.toString(16).padStart(32, 'e')
}

test('pubsub - what was on its way when a link began to speak is no beginning', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  const impostor = lab.intrude(b, a.feed)
  const link = lab.connect(a, b, false)
  b.receive(link, events(a.feed, 1, ['one']))
  lab.cut(impostor)
  b.receive(link, events(a.feed, 2, ['two']))
  t.deepEqual(bodiesOf(b, a.feed), [])
  for (const text of ['one', 'two', 'three']) a.publish(text)
  lab.run(2_000)
  t.deepEqual(bodiesOf(b, a.feed), ['one', 'two', 'three'])
})

test('pubsub - what was dropped, taken back and dropped again before it was read is one gap', (t) => {
  const lab = new Lab()
  const b = lab.start({ logBytes: 3_000 })
  const { take } = b
  const link = lab.intrude(b, STRANGER)
  const forged = Array.from({ length: 20 }, () => 'forged')
  b.receive(link, events(STRANGER, 1, forged))
  b.take = (): void => {}
  const owner = lab.intrude(b, STRANGER, true)
  for (const _reply of [1, 2]) {
    b.receive(owner, frame('FEED', { feed: STRANGER, first: 1, next: 2 }))
  }
  const real = 'x'.repeat(900)
  for (let seq = 1; seq <= 5; seq += 1) b.receive(owner, events(STRANGER, seq, [real]))
  take.call(b)
  t.deepEqual(bodiesOf(b, STRANGER), [...forged, 'gap 1-20', real])
})

test('pubsub - a link that is verified late says again where its feed ends', (t) => {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  for (const n of [1, 2, 3]) {
    a.publish(n)
    lab.run()
  }
  const stranger = lab.intrude(b, STRANGER, true)
  b.receive(stranger, frame('FEEDS', { have: { [a.feed]: 9 } }))
  b.receive(stranger, events(a.feed, 1, [1, 2]))
  b.receive(stranger, frame('GONE', { feed: a.feed, first: 9, ageMs: 0 }))
  lab.run(HOLE_WAIT_MS)
  const link = lab.connect(a, b, false)
  lab.run(2_000)
  lab.verify(link)
  lab.run(2_000)
  a.publish(4)
  lab.run()
  t.deepEqual(bodiesOf(b, a.feed), [1, 2, 'gap 3-8', 'gap 4-8', 4])
})

test('pubsub - a flood of unknown feeds does not keep a node from naming that of a peer', (t) => {
  const lab = new Lab()
  const [a, b, late] = [lab.start(), lab.start(), lab.start()]
  lab.connect(a, b)
  a.publish('last words')
  lab.run()
  lab.kill(a)
  for (let n = 0; n <= FEEDS_NAMED_MAX; ) {
    const link = lab.intrude(b, junkFeed(1_000_000 + n), true)
    for (let named = 0; named < UNKNOWN_FEEDS_PER_LINK_MAX; named += 1, n += 1) {
      b.receive(link, frame('FEEDS', { have: { [junkFeed(n)]: 2 } }))
      b.receive(link, events(junkFeed(n), 1, [n]))
    }
    lab.cut(link)
  }
  lab.connect(b, late)
  lab.run(2_000)
  t.deepEqual(bodiesOf(late, a.feed), ['last words'])
})
