import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { EventStream, type EventStreamOptions } from '../../src/http/event-stream.ts'
import {
  EVENT_STREAM_CLIENTS_MAX,
  EVENT_STREAM_KEEP_ALIVE_MS,
  EVENT_STREAM_PACE_MS,
} from '../../src/http/limits.ts'
import { RawCall } from '../helpers/caller.ts'
import { EventReader } from '../helpers/event-reader.ts'
import { freePort } from '../helpers/free-port.ts'
import { nodeAt, siteFor, type TestSite } from '../helpers/site.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A feed of whatever `state.value` is, with a server around it and nothing else. */
async function feedFor(t: ExecutionContext, options: Partial<EventStreamOptions> = {}) {
  const port = await freePort(t)
  const state = { value: 'a', looks: 0, documents: 0, watched: [] as boolean[] }
  const feed = new EventStream({
    fingerprint: () => {
      state.looks += 1
      return state.value
    },
    document: () => {
      state.documents += 1
      return JSON.stringify(state.value)
    },
    onWatchers: (isWatched) => state.watched.push(isWatched),
    paceMs: 10,
    ...options,
  })
  const server = createServer((_request, response) => feed.open(response))
  t.teardown(() => {
    feed.close()
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { feed, state, port }
}

function dataOf({ events }: EventReader): readonly string[] {
  return events.map(({ data }) => data)
}

async function gets(reader: EventReader, count: number): Promise<void> {
  await waitUntil(
    () => reader.events.length >= count,
    () => `${count} events, got ${dataOf(reader)}`,
  )
}

test('feed - sends the whole status at once, and again when something changed', async (t) => {
  let looks = 0
  const site: TestSite = await siteFor(t, {
    overview: () => {
      looks += 1
      return site.overview
    },
  })
  const reader = await EventReader.open(t, site.port)
  t.is(reader.response.statusCode, 200)
  t.is(reader.response.headers['content-type'], 'text/event-stream')
  t.is(reader.response.headers['x-content-type-options'], 'nosniff')
  await gets(reader, 1)
  t.is(reader.retryMs, 1_000)
  t.like(JSON.parse(reader.events[0]?.data ?? ''), { format: 1, peers: [] })
  const looksAtFirst = looks
  await waitUntil(
    () => looks > looksAtFirst,
    () => 'a look',
  )
  const looksBefore = looks
  site.overview = { ...site.overview, nodes: [nodeAt(4002)] }
  // Timers of one process go off in the order of their times, however busy the machine is.
  await delay(2 * EVENT_STREAM_PACE_MS)
  t.true(looks > looksBefore, 'it was looked at')
  await gets(reader, 2)
  t.is(reader.events[1]?.name, 'status')
  t.like(JSON.parse(reader.events[1]?.data ?? ''), { summary: '2 of 2 connected, complete' })
})

test('feed - sends nothing while nothing changes, and never faster than its pace', async (t) => {
  const { state, port } = await feedFor(t)
  const reader = await EventReader.open(t, port)
  await gets(reader, 1)
  const looksBefore = state.looks
  await waitUntil(
    () => state.looks > looksBefore + 5,
    () => 'some looks',
  )
  t.deepEqual(dataOf(reader), ['"a"'])
  for (const value of 'bcdef') state.value = value
  await gets(reader, 2)
  t.deepEqual(dataOf(reader), ['"a"', '"f"'])
})

test('feed - makes one document for all who listen', async (t) => {
  const { state, port } = await feedFor(t)
  const readers = await Promise.all([1, 2, 3].map(() => EventReader.open(t, port)))
  for (const reader of readers) await gets(reader, 1)
  const documentsBefore = state.documents
  state.value = 'b'
  for (const reader of readers) await gets(reader, 2)
  t.is(state.documents, documentsBefore + 1)
})

test('feed - says when somebody begins to listen and when the last one went', async (t) => {
  const { state, port } = await feedFor(t)
  const first = await EventReader.open(t, port)
  const second = await EventReader.open(t, port)
  await gets(second, 1)
  t.deepEqual(state.watched, [true])
  first.hangUp()
  second.hangUp()
  await waitUntil(
    () => state.watched.length === 2,
    () => 'an end of the watch',
  )
  t.deepEqual(state.watched, [true, false])
  const looksBefore = state.looks
  const third = await EventReader.open(t, port)
  await gets(third, 1)
  t.deepEqual(state.watched, [true, false, true])
  t.true(state.looks <= looksBefore + 2, 'nobody looked meanwhile')
})

test('feed - sends signs of life', async (t) => {
  const { port } = await feedFor(t, { keepAliveMs: 20 })
  const reader = await EventReader.open(t, port)
  await waitUntil(
    () => reader.comments.length > 2,
    () => 'comments',
  )
  t.is(reader.events.length, 1)
})

test('feed - drops who does not read, after one document, and nobody else', async (t) => {
  const long = 'x'.repeat(16 * 1024 * 1024)
  // Long enough for the other one to read all of it on a busy machine.
  const { state, port } = await feedFor(t, { keepAliveMs: 7_000 })
  const deaf = await RawCall.open(t, port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await waitUntil(
    () => deaf.received.includes('data: "a"'),
    () => 'the first event',
  )
  deaf.socket.pause()
  const reader = await EventReader.open(t, port)
  await gets(reader, 1)
  state.value = long
  await gets(reader, 2)
  for (const value of 'bcd') {
    state.value = value
    await waitUntil(
      () => dataOf(reader).at(-1) === `"${value}"`,
      () => value,
    )
  }
  reader.hangUp()
  await waitUntil(
    () => state.watched.at(-1) === false,
    () => 'the end of who does not read',
  )
  deaf.socket.resume()
  await waitUntil(
    () => deaf.isClosed,
    () => 'the end of the connection',
  )
  t.true(deaf.received.length < 1.5 * long.length)
})

test('feed - who is slow misses some events and gets the latest', async (t) => {
  const long = 'x'.repeat(16 * 1024 * 1024)
  const { state, port } = await feedFor(t)
  const slow = await EventReader.open(t, port)
  await gets(slow, 1)
  slow.response.pause()
  const quick = await EventReader.open(t, port)
  await gets(quick, 1)
  for (const value of [long, 'b', 'c']) {
    state.value = value
    await waitUntil(
      () => dataOf(quick).at(-1) === `"${value}"`,
      () => value.slice(0, 9),
    )
  }
  slow.response.resume()
  await gets(slow, 3)
  t.deepEqual(
    dataOf(slow).map((data) => data.length),
    [3, long.length + 2, 3],
  )
  t.is(slow.events[2]?.data, '"c"')
})

test('feed - as many listeners as there may be, one more is told to come later', async (t) => {
  const site = await siteFor(t)
  const readers = await Promise.all(
    Array.from({ length: EVENT_STREAM_CLIENTS_MAX }, () => EventReader.open(t, site.port)),
  )
  for (const reader of readers) t.is(reader.response.statusCode, 200)
  const { status, headers } = await site.ask('/events')
  t.is(status, 503)
  t.truthy(headers['retry-after'])
  readers[0]?.hangUp()
  await waitUntil(
    async () => {
      const next = await EventReader.open(t, site.port)
      if (next.response.statusCode === 503) next.hangUp()
      return next.response.statusCode === 200
    },
    () => 'a place for another one',
  )
  t.is((await site.ask('/health')).status, 200)
})

test('feed - ends with its server, and takes in nobody after its own end', async (t) => {
  let looks = 0
  const look = (): void => {
    looks += 1
  }
  const site = await siteFor(t, { look })
  const reader = await EventReader.open(t, site.port)
  site.site.close()
  await waitUntil(
    () => reader.isClosed,
    () => 'the end of the feed',
  )
  t.is(looks, 1)
  t.is((await site.ask('/events')).status, 503)
  site.server.close()
  const other = await siteFor(t)
  const second = await EventReader.open(t, other.port)
  other.server.close()
  await waitUntil(
    () => second.isClosed,
    () => 'the end of a connection',
  )
  t.pass()
})

test('feed - a change is seen within a second, and proxies see a sign of life in time', (t) => {
  t.true(2 * EVENT_STREAM_PACE_MS <= 1_000)
  t.true(2 * EVENT_STREAM_KEEP_ALIVE_MS <= 30_000)
})
