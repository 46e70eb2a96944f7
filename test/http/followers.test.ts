/** GET /topics/PATTERN: following over HTTP. */

import test from 'ava'
import { Followers } from '../../src/http/followers.ts'
import { FOLLOWERS_MAX } from '../../src/http/limits.ts'
import { EventReader } from '../helpers/event-reader.ts'
import { serveFollowers } from '../helpers/followers-server.ts'
import { TestTopics } from '../helpers/test-topics.ts'
import { post, stageFor } from '../helpers/topics-stage.ts'
import { waitUntil } from '../helpers/wait-until.ts'

function dataOf({ events }: EventReader): readonly unknown[] {
  return events.map(({ data }): unknown => JSON.parse(data))
}

function seqsOf(reader: EventReader): readonly number[] {
  return reader.events.map(({ data }) => Number(JSON.parse(data).seq))
}

async function gets(reader: EventReader, count: number): Promise<void> {
  await waitUntil(
    () => reader.events.length >= count,
    () => `${count} events, got ${reader.events.length}`,
  )
}

test('topics - a follower gets what matches from now on, with its sender', async (t) => {
  const { http, topics } = await stageFor(t)
  topics.publish('a.b', 'before')
  const reader = await EventReader.open(t, http.port, '/topics/a.*')
  t.is(reader.response.headers['content-type'], 'text/event-stream')
  t.is(reader.response.headers['x-content-type-options'], 'nosniff')
  topics.publish('a', 'other')
  topics.publish('a.c', { n: 1 }, Uint8Array.of(1, 255))
  await gets(reader, 2)
  const facts = { topic: 'a.c', from: 'ws://localhost:4001', feed: topics.feed, relayed: false }
  t.like(dataOf(reader), [
    { ...facts, body: { n: 1 }, seq: 3 },
    { ...facts, body: { base64: 'Af8=' }, seq: 4 },
  ])
  for (const { data } of reader.events) {
    const keys = ['ageMs', 'body', 'feed', 'from', 'relayed', 'seq', 'topic']
    t.deepEqual(Object.keys(JSON.parse(data)).sort(), keys)
  }
  t.is(reader.events[0]?.name, 'message')
  reader.disconnect()
  await waitUntil(
    () => topics.followers === 0,
    () => 'the end of the cursor',
  )
})

test('topics - a pattern may have its > as it is or encoded, and a history', async (t) => {
  const { http, topics } = await stageFor(t)
  topics.publish('a.b', 'one')
  for (const path of ['>', '%3E', 'a.>', 'a.%3e']) {
    for (const history of ['run', 'kept']) {
      const reader = await EventReader.open(t, http.port, `/topics/${path}?history=${history}`)
      await gets(reader, 1)
      t.like(dataOf(reader), [{ body: 'one' }])
    }
  }
})

for (const target of ['', 'a.>.b', 'a b', '%FF', 'a?history=all', 'a?since=1', 'a?history=run&x']) {
  test(`topics - refuses to follow ${JSON.stringify(target)}`, async (t) => {
    const { http, topics } = await stageFor(t)
    const { status, text } = await http.ask(`/topics/${target.replace(' ', '%20')}`)
    t.is(status, 400)
    t.regex(text, /^[^\n]+; write \/topics\/a\.b, [^\n]+\n$/)
    t.is(topics.followers, 0)
  })
}

test('topics - a follower goes on after its last event, also in the middle of a frame', async (t) => {
  const { http, topics } = await stageFor(t)
  const first = await EventReader.open(t, http.port, '/topics/a')
  topics.publish('a', 1, 2, 3)
  topics.publish('b', 4)
  topics.publish('a', 5, 6)
  await gets(first, 5)
  for (const [index, { id = '' }] of first.events.entries()) {
    const headers = { 'last-event-id': id }
    const next = await EventReader.open(t, http.port, '/topics/a?history=kept', headers)
    await gets(next, 4 - index)
    t.deepEqual(seqsOf(next), [1, 2, 3, 5, 6].slice(index + 1))
    next.disconnect()
  }
  // Before any event there is an id, too.
  const fresh = await EventReader.open(t, http.port, '/topics/a')
  await waitUntil(
    () => fresh.lastId !== '',
    () => 'an id',
  )
  fresh.disconnect()
  topics.publish('a', 7)
  const headers = { 'last-event-id': fresh.lastId }
  const next = await EventReader.open(t, http.port, '/topics/a', headers)
  await gets(next, 1)
  t.deepEqual(seqsOf(next), [7])
})

test('topics - an id of another run, or none of ours, begins with what came in this run', async (t) => {
  const { http, topics } = await stageFor(t)
  topics.publish('a', 1, 2)
  const own = (await EventReader.open(t, http.port, '/topics/a')).lastId
  for (const id of ['ffffffff-1.0', own.slice(1), 'x', '00000000-1', '']) {
    const reader = await EventReader.open(t, http.port, '/topics/a', { 'last-event-id': id })
    await gets(reader, 2)
    t.deepEqual(seqsOf(reader), [1, 2])
    reader.disconnect()
  }
  for (const id of ['00000000-9.0', '00000000-999999999999999.7', '00000000-1.999']) {
    const reader = await EventReader.open(t, http.port, '/topics/a', { 'last-event-id': id })
    topics.publish('a', id)
    await waitUntil(
      () => reader.events.some(({ data }) => JSON.parse(data).body === id),
      () => `the next one after ${id}`,
    )
    reader.disconnect()
  }
})

test('topics - whoever comes back too late gets a gap, and then the rest', async (t) => {
  const { http, topics } = await stageFor(t, {}, { logBytes: 100_000 })
  const first = await EventReader.open(t, http.port, '/topics/a')
  topics.publish('a', 'x')
  await gets(first, 1)
  first.disconnect()
  for (let n = 0; n < 10; n += 1) topics.publish('a', 'x'.repeat(10_000))
  const kept = await EventReader.open(t, http.port, '/topics/a?history=kept')
  await gets(kept, 1)
  const [from = 0] = seqsOf(kept)
  t.true(from > 2)
  const headers = { 'last-event-id': first.lastId }
  const again = await EventReader.open(t, http.port, '/topics/a', headers)
  await gets(again, 12 - from + 1)
  const [gap, ...rest] = again.events
  t.is(gap?.name, 'gap')
  const expected = { from: 'ws://localhost:4001', feed: topics.feed, first: 1, last: from - 1 }
  t.deepEqual(JSON.parse(gap?.data ?? ''), expected)
  t.deepEqual(
    rest.map(({ data }) => Number(JSON.parse(data).seq)),
    Array.from({ length: 12 - from }, (_, n) => from + n),
  )
})

test('topics - one that does not read lags, gets a gap, and delays no other', async (t) => {
  const { http, topics } = await stageFor(t, {}, { logBytes: 4 * 1024 * 1024 })
  const slow = await EventReader.open(t, http.port, '/topics/>')
  slow.response.pause()
  const quick = await EventReader.open(t, http.port, '/topics/>')
  const rss = process.memoryUsage.rss()
  const count = 400
  for (let seq = 1; seq <= count; seq += 1) {
    topics.publish('a', 'x'.repeat(100_000))
    // Of one feed it keeps ten of these.
    if (seq % 8 === 0) await gets(quick, seq)
  }
  t.deepEqual(
    seqsOf(quick),
    Array.from({ length: count }, (_, n) => n + 1),
  )
  t.true(process.memoryUsage.rss() < rss + 150 * 1024 * 1024)
  slow.response.resume()
  await waitUntil(
    () => slow.events.some(({ data }) => JSON.parse(data).seq === count),
    () => 'the last one',
  )
  // Each number came once and in order, or is in a gap.
  let next = 1
  for (const { name, data } of slow.events) {
    const { first, last, seq } = JSON.parse(data)
    t.is(name === 'gap' ? first : seq, next)
    next = Number(name === 'gap' ? last : seq) + 1
  }
  t.true(slow.events.some(({ name }) => name === 'gap'))
})

test('topics - one that is far behind gets all, in turns', async (t) => {
  const { http, topics } = await stageFor(t)
  for (let n = 0; n < 500; n += 1) topics.publish('a', n, n)
  const reader = await EventReader.open(t, http.port, '/topics/a?history=run')
  await gets(reader, 1_000)
  t.deepEqual(
    seqsOf(reader),
    Array.from({ length: 1_000 }, (_, n) => n + 1),
  )
})

test('topics - a follower is told its place while nothing matches', async (t) => {
  const topics = new TestTopics(1)
  const followers = new Followers({ ...topics.facts(), run: topics.feed, keepAliveMs: 20 })
  topics.onNews = () => followers.wake()
  const port = await serveFollowers(t, followers)
  const reader = await EventReader.open(t, port, '/')
  topics.publish('b', 1)
  topics.publish('b', 2)
  await waitUntil(
    () => reader.lastId === '00000000-2.0',
    () => `a place, got ${reader.lastId}`,
  )
  t.is(reader.events.length, 0)
  followers.close()
  await waitUntil(
    () => reader.isClosed,
    () => 'the end of the stream',
  )
})

test('topics - refuses one follower more than the limit, with Retry-After', async (t) => {
  const { http, topics } = await stageFor(t)
  const readers = await Promise.all(
    Array.from({ length: FOLLOWERS_MAX }, () => EventReader.open(t, http.port, '/topics/a')),
  )
  t.is(topics.followers, FOLLOWERS_MAX)
  const { status, headers } = await http.ask('/topics/a')
  t.is(status, 503)
  t.truthy(headers['retry-after'])
  t.is((await post(http, '/topics/a', 'x')).status, 201)
  for (const reader of readers) await gets(reader, 1)
  readers[0]?.disconnect()
  await waitUntil(
    () => topics.followers < FOLLOWERS_MAX,
    () => 'a place',
  )
  t.is((await EventReader.open(t, http.port, '/topics/a')).response.statusCode, 200)
})
