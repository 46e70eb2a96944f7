/** `subscribe`, with the HTTP side of a node in this process. */

import test, { type ExecutionContext } from 'ava'
import { EventColumns } from '../../src/cli/topics/event-lines.ts'
import { type SubscribeOptions, subscribe } from '../../src/cli/topics/subscribe.ts'
import { FOLLOWERS_MAX } from '../../src/http/limits.ts'
import { parseMeshId } from '../../src/wire/headers.ts'
import { identityAt } from '../helpers/core.ts'
import { EventReader } from '../helpers/event-reader.ts'
import { freePort } from '../helpers/free-port.ts'
import { handlerFor } from '../helpers/http-handler.ts'
import { configOfFolder } from '../helpers/node-config.ts'
import { StatusServer } from '../helpers/status-server.ts'
import type { TestTopics } from '../helpers/test-topics.ts'
import { TextScreen } from '../helpers/text-screen.ts'
import { nodeFor, PROGRAM, refusal } from '../helpers/topics-node.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A subscription that ends with the test. */
function follow(
  t: ExecutionContext,
  options: Pick<SubscribeOptions, 'config'> & Partial<SubscribeOptions>,
) {
  const stdout = new TextScreen({ isTTY: options.stdout?.isTTY === true })
  const warnings: string[] = []
  const controller = new AbortController()
  t.teardown(() => controller.abort())
  const done = subscribe({
    program: PROGRAM,
    pattern: '>',
    history: false,
    stdout,
    env: {},
    warn: (line) => warnings.push(line),
    signal: controller.signal,
    retryMs: 20,
    ...options,
    ...(options.stdout && { stdout }),
  })
  done.catch(() => {})
  const lines = (): readonly string[] => stdout.text.split('\n').slice(0, -1)
  const prints = (count: number): Promise<void> =>
    waitUntil(
      () => lines().length >= count,
      () => `${count} lines, got\n${stdout.text}${warnings.join('\n')}`,
    )
  return { stdout, warnings, controller, done, lines, prints }
}

async function untilFollowed(topics: TestTopics): Promise<void> {
  await waitUntil(
    () => topics.followers === 1,
    () => 'a follower',
  )
}

test('subscribe - prints one JSON object a line in a pipe, until the signal', async (t) => {
  const { topics, config } = await nodeFor(t)
  const { controller, done, lines, prints, warnings } = follow(t, { config, pattern: 'a.>' })
  await untilFollowed(topics)
  topics.publish('b', 'other')
  topics.publish('a.b', { n: 1 }, '\u001b[31m\u202e')
  topics.publish('a.c', Uint8Array.of(1))
  await prints(3)
  const [first, second, third] = lines().map((line): unknown => JSON.parse(line))
  const facts = { kind: 'message', from: 'ws://localhost:4001', feed: topics.feed, relayed: false }
  t.like(first, { ...facts, topic: 'a.b', body: { n: 1 }, seq: 2 })
  t.like(second, { ...facts, body: '\u001b[31m\u202e', seq: 3 })
  for (const hidden of ['\u001b', '\u202e']) t.false(lines().join().includes(hidden))
  t.like(third, { ...facts, body: { base64: 'AQ==' }, seq: 4 })
  controller.abort()
  t.is(await done, 0)
  t.deepEqual(warnings, [])
})

test('subscribe - prints columns on a terminal, that nobody else can control', async (t) => {
  const { topics, config } = await nodeFor(t)
  const { lines, prints } = follow(t, {
    config,
    stdout: new TextScreen({ isTTY: true }),
    env: { NO_COLOR: '1' },
  })
  await untilFollowed(topics)
  topics.publish('a.long.topic', 'one\u001b[2J')
  topics.publish('b', [1, { two: 'ü' }])
  await prints(2)
  const shown = lines().map((line) => line.replace(/^\d\d:\d\d:\d\d/, 'TIME'))
  t.deepEqual(shown, [
    'TIME  a.long.topic  ws://localhost:4001  one\\x1b[2J',
    'TIME  b             ws://localhost:4001  [1,{"two":"ü"}]',
  ])
})

test('subscribe - shows no control characters of a gap, which any program may have sent', (t) => {
  const data = JSON.stringify({ feed: 'f', first: '\u001b[2J', last: '1\n2' })
  const event = { id: undefined, name: 'gap', data }
  const text = new EventColumns().line(event, { coloured: false, now: new Date(0) })
  t.notRegex(text, /\p{Cc}/u)
})

test('subscribe - shows a gap at its place', async (t) => {
  const { topics, config } = await nodeFor(t)
  const pipe = follow(t, { config })
  await untilFollowed(topics)
  const screen = follow(t, {
    config,
    stdout: new TextScreen({ isTTY: true }),
    env: { NO_COLOR: '1' },
  })
  await waitUntil(
    () => topics.followers === 2,
    () => 'another follower',
  )
  const peer = 'c'.repeat(32)
  topics.input({ kind: 'link-ready', link: 1, peer, verified: true })
  const data = { feed: peer, first: 5, next: 9 }
  topics.input({ kind: 'message-received', link: 1, message: { type: 'FEED', data }, text: '' })
  const gone = { feed: peer, first: 5, ageMs: 0 }
  topics.input({
    kind: 'message-received',
    link: 1,
    message: { type: 'GONE', data: gone },
    text: '',
  })
  await pipe.prints(1)
  t.deepEqual(JSON.parse(pipe.lines()[0] ?? ''), {
    kind: 'gap',
    from: null,
    feed: peer,
    first: 1,
    last: 4,
  })
  await screen.prints(1)
  t.regex(screen.lines()[0] ?? '', /^\S+ {2}gap {2}cccccccc {2}1 to 4 will not come$/)
})

test('subscribe - with --history begins with what the node keeps', async (t) => {
  const { topics, config } = await nodeFor(t)
  topics.publish('a', 1, 2)
  const { lines, prints } = follow(t, { config, history: true })
  await prints(2)
  t.like(JSON.parse(lines()[0] ?? ''), { body: 1, seq: 1 })
})

test('subscribe - connects again when the connection breaks, and misses nothing', async (t) => {
  const { http, topics, config } = await nodeFor(t)
  const { lines, prints, warnings } = follow(t, { config })
  await untilFollowed(topics)
  topics.publish('a', 1, 2)
  await prints(2)
  http.server.close()
  await waitUntil(
    () => warnings.length === 1,
    () => 'a word on it',
  )
  topics.publish('a', 3)
  await handlerFor(t, { topics: topics.facts() }, http.port)
  topics.publish('a', 4)
  await prints(4)
  t.deepEqual(
    lines().map((line) => JSON.parse(line).seq),
    [1, 2, 3, 4],
  )
  t.deepEqual(warnings, [
    'the connection to the node ended; waiting until it is back',
    'connected again',
  ])
})

test('subscribe - says that the node was restarted, and goes on with what it got since', async (t) => {
  const otherId = parseMeshId('f'.repeat(32))
  if (otherId === undefined) return t.fail()
  const first = await nodeFor(t)
  const { lines, prints, warnings } = follow(t, { config: first.config })
  await untilFollowed(first.topics)
  first.topics.publish('a', 'before')
  await prints(1)
  first.http.handler.close()
  first.http.server.close()
  const identity = identityAt(first.http.port, { id: otherId })
  const { topics } = await nodeFor(t, first.http.port, { identity })
  topics.publish('a', 'since')
  await prints(2)
  t.deepEqual(
    lines().map((line) => JSON.parse(line).body),
    ['before', 'since'],
  )
  t.regex(warnings.at(-1) ?? '', /^the node was restarted: .* missing/)
})

test('subscribe - what is wrong from the start is an error in one line', async (t) => {
  const { http, topics, config } = await nodeFor(t)
  const other = await configOfFolder(t, { port: await freePort(t) })
  const gone = await refusal(t, follow(t, { config: other }).done, 'TOPICS_NODE_NOT_RUNNING', 1)
  t.regex(gone, /^cannot follow '>': the node is not running: .*; start it with \.\/fullmesh/)
  const pattern = await refusal(
    t,
    follow(t, { config, pattern: 'a.>.b' }).done,
    'CLI_TOPIC_INVALID',
    2,
  )
  t.regex(pattern, /^'a\.>\.b' is not a pattern; write /)
  await Promise.all(
    Array.from({ length: FOLLOWERS_MAX }, () => EventReader.open(t, http.port, '/topics/a')),
  )
  t.is(topics.followers, FOLLOWERS_MAX)
  t.regex(await refusal(t, follow(t, { config }).done, 'TOPICS_REFUSED', 1), /64 followers already/)
})

test('subscribe - another program on the port is an error, also one that answers', async (t) => {
  const { http, topics, config } = await nodeFor(t)
  const { done } = follow(t, { config })
  await untilFollowed(topics)
  http.server.close()
  const server = await StatusServer.start(t, '', http.port)
  server.onRequest = (response) =>
    response.writeHead(200, { 'Content-Type': 'text/html' }).write('x')
  t.regex(await refusal(t, done, 'TOPICS_REFUSED', 1), /^cannot follow '>': .* is not a node$/)
})

test('subscribe - reads no faster than its output is read', async (t) => {
  const { topics, config } = await nodeFor(t)
  class SlowScreen extends TextScreen {
    next: (() => void) | undefined
    written = 0
    override _write(chunk: unknown, _encoding: string, done: () => void): void {
      this.written += String(chunk).length
      this.next = done
    }
  }
  const stdout = new SlowScreen()
  const controller = new AbortController()
  t.teardown(() => controller.abort())
  const done = subscribe({
    config,
    program: PROGRAM,
    pattern: '>',
    history: false,
    stdout,
    env: {},
    warn: () => {},
    signal: controller.signal,
  })
  await untilFollowed(topics)
  for (let n = 0; n < 300; n += 1) topics.publish('a', 'x'.repeat(100_000))
  await waitUntil(
    () => stdout.written > 0,
    () => 'a line',
  )
  for (let n = 0; n < 20; n += 1) await new Promise((resolve) => setImmediate(resolve))
  t.true(stdout.written + stdout.writableLength < 1_000_000)
  controller.abort()
  t.is(await done, 0)
})
