/** `publish`, with the HTTP side of a node in this process. */

import { createServer } from 'node:http'
import test from 'ava'
import { publish } from '../../src/cli/topics/publish.ts'
import { freePort } from '../helpers/free-port.ts'
import { configOfFolder } from '../helpers/node-config.ts'
import { StatusServer } from '../helpers/status-server.ts'
import { nodeFor, PROGRAM, refusal } from '../helpers/topics-node.ts'

async function* inputOf(...chunks: readonly (string | Uint8Array)[]) {
  yield* chunks
}

test('publish - sends a text to a topic, whatever is in both', async (t) => {
  const { topics, config } = await nodeFor(t)
  const stdin = inputOf()
  for (const [topic, text] of [
    ['a.b', 'hello'],
    ['grüße/%.?#', 'zwei\nZeilen'],
    ['x', ''],
  ] as const) {
    t.is(await publish({ config, program: PROGRAM, topic, text, stdin }), 0)
  }
  t.deepEqual(topics.published(), [
    ['a.b', 'hello'],
    ['grüße/%.?#', 'zwei\nZeilen'],
    ['x', ''],
  ])
})

test('publish - sends each line of the input, in order, wherever chunks end', async (t) => {
  const { topics, config } = await nodeFor(t)
  const bytes = Buffer.from('eins\nzwei\r\n\ndrei: ü\nohne Ende')
  const pieces = [...bytes].map((byte) => Uint8Array.of(byte))
  t.is(await publish({ config, program: PROGRAM, topic: 'a', stdin: inputOf(...pieces) }), 0)
  const lines = ['eins', 'zwei', '', 'drei: ü', 'ohne Ende']
  t.deepEqual(
    topics.published(),
    lines.map((line) => ['a', line]),
  )
})

test('publish - reads no further than the node has taken', async (t) => {
  const { topics, config } = await nodeFor(t)
  let asked = 0
  async function* stdin() {
    for (; asked < 20; asked += 1) {
      t.is(topics.published().length, asked)
      yield `${asked}\n`
    }
  }
  await publish({ config, program: PROGRAM, topic: 'a', stdin: stdin() })
  t.is(topics.published().length, 20)
})

test('publish - a topic that is none is a mistake of the command line', async (t) => {
  const config = await configOfFolder(t)
  for (const topic of ['', 'a..b', 'a.*', '>', 'a b']) {
    const act = publish({ config, program: PROGRAM, topic, text: 'x', stdin: inputOf() })
    t.regex(await refusal(t, act, 'CLI_TOPIC_INVALID', 2), /is not a topic; write .* a\.b\.c/)
  }
})

test('publish - says which line was not published, and why', async (t) => {
  const { http, topics, config } = await nodeFor(t)
  const to = { config, program: PROGRAM, topic: 'a' }
  const long = 'x'.repeat(200_000)
  const tooLong = publish({ ...to, stdin: inputOf(`one\n${long}\n`, 'three\n') })
  const reason = await refusal(t, tooLong, 'TOPICS_REFUSED', 1)
  t.regex(reason, /^line 2 was not published: the body has more than 131072 bytes$/)
  const endless = publish({ ...to, stdin: inputOf(long, long) })
  t.regex(
    await refusal(t, endless, 'TOPICS_REFUSED', 1),
    /^line 1 was not published: it has more than 262144 characters; /,
  )
  async function* stdin() {
    yield 'two\n'
    http.server.close()
    // By then the connection that was kept is closed here, too.
    for (let n = 0; n < 5; n += 1) await t.throwsAsync(http.ask('/health'))
    yield 'three\n'
  }
  const gone = await refusal(t, publish({ ...to, stdin: stdin() }), 'TOPICS_NODE_NOT_RUNNING', 1)
  t.regex(gone, /^line 2 was not published: the node is not running: .*; start it with /)
  t.deepEqual(topics.published(), [
    ['a', 'one'],
    ['a', 'two'],
  ])
})

test('publish - uses no connection that the node may be about to end', async (t) => {
  let connections = 0
  const server = createServer((request, response) =>
    request.resume().on('end', () => response.writeHead(201).end()),
  )
  server.on('connection', () => {
    connections += 1
  })
  t.teardown(() => server.close())
  const port = await freePort(t)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const config = await configOfFolder(t, { port })
  const all = { config, program: PROGRAM, topic: 'a' }
  await publish({ ...all, stdin: inputOf('1\n2\n3\n') })
  t.is(connections, 1)
  await publish({ ...all, stdin: inputOf('1\n2\n3\n'), keptMs: -1 })
  t.is(connections, 4)
})

test('publish - is not certain when the connection is lost', async (t) => {
  const server = await StatusServer.start(t, '')
  const config = await configOfFolder(t, { port: server.port })
  const to = { config, program: PROGRAM, topic: 'a', text: 'x', stdin: inputOf() }
  t.regex(
    await refusal(t, publish(to), 'TOPICS_REFUSED', 1),
    /has no topics: an older version, .* or another program$/,
  )
  server.onRequest = (response) => response.destroy()
  t.regex(
    await refusal(t, publish(to), 'TOPICS_REFUSED', 1),
    /^it is not certain that the message /,
  )
})
