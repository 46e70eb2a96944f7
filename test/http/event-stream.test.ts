import { createServer } from 'node:http'
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
import { handlerFor, nodeAt, type TestHandler } from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** An event stream of `state.value`, in a server of its own. */
async function streamFor(t: ExecutionContext, options: Partial<EventStreamOptions> = {}) {
  const port = await freePort(t)
  const state = { value: 'a', checks: 0, documents: 0, active: [] as boolean[] }
  const stream = new EventStream({
    fingerprint: () => {
      state.checks += 1
      return state.value
    },
    document: () => {
      state.documents += 1
      return JSON.stringify(state.value)
    },
    onActive: (isActive) => state.active.push(isActive),
    paceMs: 10,
    ...options,
  })
  const server = createServer((_request, response) => stream.open(response))
  t.teardown(() => {
    stream.close()
    server.close()
    server.closeAllConnections()
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { stream, state, port }
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

test('event stream - sends the whole status at once, and again after a change', async (t) => {
  let checks = 0
  const http: TestHandler = await handlerFor(t, {
    overview: () => {
      checks += 1
      return http.overview
    },
  })
  const reader = await EventReader.open(t, http.port)
  t.is(reader.response.statusCode, 200)
  t.is(reader.response.headers['content-type'], 'text/event-stream')
  t.is(reader.response.headers['x-content-type-options'], 'nosniff')
  await gets(reader, 1)
  t.is(reader.retryMs, 1_000)
  t.like(JSON.parse(reader.events[0]?.data ?? ''), { format: 1, peers: [] })
  const checksAtFirst = checks
  await waitUntil(
    () => checks > checksAtFirst,
    () => 'a check for changes',
  )
  const checksBefore = checks
  http.overview = { ...http.overview, nodes: [nodeAt(4002)] }
  await waitUntil(
    () => checks > checksBefore,
    () => 'a check that sees the change',
  )
  await gets(reader, 2)
  t.is(reader.events[1]?.name, 'status')
  t.like(JSON.parse(reader.events[1]?.data ?? ''), { summary: 'all 2 nodes connected' })
})

test('event stream - sends nothing without a change, and never faster than its pace', async (t) => {
  const { state, port } = await streamFor(t)
  const reader = await EventReader.open(t, port)
  await gets(reader, 1)
  const checksBefore = state.checks
  await waitUntil(
    () => state.checks > checksBefore + 5,
    () => 'some checks for changes',
  )
  t.deepEqual(dataOf(reader), ['"a"'])
  for (const value of 'bcdef') state.value = value
  await gets(reader, 2)
  t.deepEqual(dataOf(reader), ['"a"', '"f"'])
})

test('event stream - makes one document for all clients', async (t) => {
  const { state, port } = await streamFor(t)
  const readers = await Promise.all([1, 2, 3].map(() => EventReader.open(t, port)))
  for (const reader of readers) await gets(reader, 1)
  const documentsBefore = state.documents
  state.value = 'b'
  for (const reader of readers) await gets(reader, 2)
  t.is(state.documents, documentsBefore + 1)
})

test('event stream - reports the first client and the end of the last one', async (t) => {
  const { state, port } = await streamFor(t)
  const first = await EventReader.open(t, port)
  const second = await EventReader.open(t, port)
  await gets(second, 1)
  t.deepEqual(state.active, [true])
  first.disconnect()
  second.disconnect()
  await waitUntil(
    () => state.active.length === 2,
    () => 'the report of the end',
  )
  t.deepEqual(state.active, [true, false])
  const checksBefore = state.checks
  const third = await EventReader.open(t, port)
  await gets(third, 1)
  t.deepEqual(state.active, [true, false, true])
  t.true(state.checks <= checksBefore + 2, 'no checks without clients')
})

test('event stream - sends comments that keep the connection open', async (t) => {
  const { port } = await streamFor(t, { keepAliveMs: 20 })
  const reader = await EventReader.open(t, port)
  await waitUntil(
    () => reader.comments.length > 2,
    () => 'comments',
  )
  t.is(reader.events.length, 1)
})

test('event stream - drops only a client that does not read, after one document', async (t) => {
  const long = 'x'.repeat(16 * 1024 * 1024)
  // Long enough for the other client to read all of it on a busy machine.
  const { state, port } = await streamFor(t, { keepAliveMs: 7_000 })
  const stalled = await RawCall.open(t, port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await waitUntil(
    () => stalled.received.includes('data: "a"'),
    () => 'the first event',
  )
  stalled.socket.pause()
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
  reader.disconnect()
  await waitUntil(
    () => state.active.at(-1) === false,
    () => 'the end of the client that does not read',
  )
  stalled.socket.resume()
  await waitUntil(
    () => stalled.isClosed,
    () => 'the end of the connection',
  )
  t.true(stalled.received.length < 1.5 * long.length)
})

test('event stream - a slow client misses some events and gets the latest', async (t) => {
  const long = 'x'.repeat(16 * 1024 * 1024)
  const { state, port } = await streamFor(t)
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

test('event stream - refuses one client more than the limit, with Retry-After', async (t) => {
  const http = await handlerFor(t)
  const readers = await Promise.all(
    Array.from({ length: EVENT_STREAM_CLIENTS_MAX }, () => EventReader.open(t, http.port)),
  )
  for (const reader of readers) t.is(reader.response.statusCode, 200)
  const { status, headers } = await http.ask('/events')
  t.is(status, 503)
  t.truthy(headers['retry-after'])
  readers[0]?.disconnect()
  await waitUntil(
    async () => {
      const next = await EventReader.open(t, http.port)
      if (next.response.statusCode === 503) next.disconnect()
      return next.response.statusCode === 200
    },
    () => 'a place for another client',
  )
  t.is((await http.ask('/health')).status, 200)
})

test('event stream - ends with its server, and takes no client after its end', async (t) => {
  let surveys = 0
  const survey = (): void => {
    surveys += 1
  }
  const http = await handlerFor(t, { survey })
  const reader = await EventReader.open(t, http.port)
  http.handler.close()
  await waitUntil(
    () => reader.isClosed,
    () => 'the end of the stream',
  )
  const untilTheEnd = surveys
  t.true(untilTheEnd >= 1)
  t.is((await http.ask('/events')).status, 503)
  http.server.close()
  const other = await handlerFor(t)
  const second = await EventReader.open(t, other.port)
  other.server.close()
  await waitUntil(
    () => second.isClosed,
    () => 'the end of a connection',
  )
  t.is(surveys, untilTheEnd, 'no client is left to survey for')
})

test('event stream - its pace shows a change within a second and keeps proxies open', (t) => {
  t.true(2 * EVENT_STREAM_PACE_MS <= 1_000)
  t.true(2 * EVENT_STREAM_KEEP_ALIVE_MS <= 30_000)
})
