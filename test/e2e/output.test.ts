/** The output of a node: how much, in which colours, and without lines that a peer wrote. */

import { createServer } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import { call } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NODE, type NodeOptions, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A line of the log in a pipe. */
const PLAIN_LINE = /^\d\d:\d\d:\d\d [\x20-\x7e]+$/

const ESCAPE = '\u001b['

/** A node with a log for people. */
function createNode(t: ExecutionContext, options: NodeOptions = {}): Promise<NodeProcess> {
  return NodeProcess.create(t, {
    ...options,
    settings: { LOG_FORMAT: 'text', ...options.settings },
  })
}

async function startNode(t: ExecutionContext, options?: NodeOptions): Promise<NodeProcess> {
  const node = await createNode(t, options)
  await node.start()
  return node
}

function assertOwnLines(t: ExecutionContext, node: NodeProcess): void {
  t.is(node.lines.filter((line) => /^\S+ listening on/.test(line)).length, 1)
  for (const line of node.lines) t.regex(line, PLAIN_LINE)
}

test.serial(
  'output - shows when the node listens, when peers join and leave, and when it stops',
  async (t) => {
    const peer = await PlainPeer.start(t)
    const node = await startNode(t, { knownPeers: [peer.address] })
    await node.printed(/\(1 peer\)$/)
    peer.call?.socket.close(1001, 'see you')
    await node.printed(/\(0 peers\)/)
    const { stdout, stderr } = await node.stop()
    t.deepEqual(withoutTimes(stdout), [
      `listening on ${node.address}`,
      `status page: http://localhost:${node.port}/`,
      `connected to ${peer.address} (1 peer)`,
      `disconnected from ${peer.address} (0 peers), closed by peer: 1001 'see you'`,
      'stopping, disconnecting from 0 peers',
    ])
    t.is(stderr, '')
  },
)

test.serial('output - is plain in a pipe', async (t) => {
  const node = await startNode(t)
  for (const line of node.lines) t.regex(line, PLAIN_LINE)
})

test.serial('output - honors FORCE_COLOR', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await createNode(t, { knownPeers: [peer.address] })
  await node.start({ env: { FORCE_COLOR: '1' } })
  await node.printed(/1 peer/)
  const joined = node.lines.at(-1) ?? ''
  t.true(joined.includes(ESCAPE))
  t.regex(stripVTControlCharacters(joined), PLAIN_LINE)
})

/** `script` of bsdutils, which every Debian has, gives a program a terminal. */
const ON_TERMINAL: Runtime = ['sh', '-c', 'exec script -qec "exec $0 $1" /dev/null', ...NODE]

test.serial('output - is coloured on a terminal, unless NO_COLOR is set', async (t) => {
  const peer = await PlainPeer.start(t)
  const options = { knownPeers: [peer.address], runtime: ON_TERMINAL }
  const [coloured, plain] = [await createNode(t, options), await createNode(t, options)]
  await coloured.start({ env: { TERM: 'xterm' } })
  await coloured.printed(/1 peer/)
  t.true(coloured.output.includes(`${ESCAPE}32mconnected to ${peer.address}`))
  await plain.start({ env: { TERM: 'xterm', NO_COLOR: '1' } })
  await plain.printed(/\d peer/)
  t.false(plain.output.includes(ESCAPE))
})

test.serial('output - LOG_LEVEL=silent prints nothing', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await createNode(t, {
    knownPeers: [peer.address],
    settings: { LOG_LEVEL: 'silent' },
  })
  node.launch()
  await waitUntil(
    () => peer.connectedAddresses.includes(node.address),
    () => `a link with a silent node\n${node.output}`,
  )
  t.deepEqual(await node.stop(), { code: 0, stdout: '', stderr: '' })
})

test.serial(
  'output - a known peer that is not running yet logs nothing, unless LOG_LEVEL=debug',
  async (t) => {
    const late = `ws://localhost:${await freePort(t)}`
    const peer = await PlainPeer.start(t)
    const knownPeers = [late, peer.address]
    const debug = await startNode(t, { knownPeers, settings: { LOG_LEVEL: 'debug' } })
    await debug.printed(new RegExp(`cannot connect to ${late}: 'connection refused'`))
    const info = await startNode(t, { knownPeers })
    await info.printed(/\(2 peers\)$/)
    const { stdout, stderr } = await info.stop()
    t.false(stdout.includes(late))
    t.is(stderr, '')
  },
)

test.serial('output - a close reason never makes a line of its own', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await startNode(t, { knownPeers: [peer.address] })
  await node.printed(/\(1 peer\)$/)
  const fake = `x' (9 peers)\n00:00:00 listening on ws://localhost:1\n${ESCAPE}2J${ESCAPE}31m`
  peer.call?.socket.close(4999, fake)
  await node.printed(/disconnected from/)
  assertOwnLines(t, node)
})

test.serial(
  'output - with LOG_FORMAT=json each line is an object, whatever peers write',
  async (t) => {
    const peer = await PlainPeer.start(t)
    const settings = { LOG_FORMAT: 'json', LOG_LEVEL: 'debug' }
    const node = await startNode(t, { knownPeers: [peer.address], settings })
    await node.reported('peer-joined', { address: peer.address, connected: 1 })
    const reason = `\n{"event":"listening"}\n${ESCAPE}2J\u202e\u2028`
    peer.call?.socket.close(4999, reason)
    await node.reported('peer-left', { ending: { by: 'peer', code: 4999, reason } })
    const { stdout, stderr } = await node.stop()
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    for (const { time, level } of records) {
      t.is(new Date(time).toISOString(), time)
      t.regex(level, /^(?:info|debug)$/)
    }
    const kinds = records.map(({ event }) => event).filter((kind) => kind !== 'dial-failed')
    t.deepEqual(kinds, ['listening', 'page', 'peer-joined', 'peer-left', 'stopping'])
    t.regex(stdout, /^[\x20-\x7e\n]+$/)
    t.is(stderr, '')
  },
)

test.serial('output - the type of a message never makes a line of its own', async (t) => {
  const node = await startNode(t, { settings: { LOG_LEVEL: 'debug' } })
  const caller = await call(t, node.address)
  const type = `\r\n00:00:00 listening on ws://localhost:1\n${ESCAPE}31m\u0007\u202e\u2028`
  caller.socket.send(JSON.stringify({ type, data: [] }))
  await node.printed(/ignored a message/)
  assertOwnLines(t, node)
})

const ANSWERS: readonly (readonly [where: string, answer: string, reason: RegExp])[] = [
  [
    'in its status line',
    `HTTP/1.1 404 ${ESCAPE}31mNo\u009b2J\r\nConnection: close\r\n\r\n`,
    /HTTP 404'/,
  ],
  [
    'in a header',
    `HTTP/1.1 404 No\r\nX-A: ${ESCAPE}31m\r\nConnection: close\r\n\r\n`,
    /HTTP 404'|Parse/,
  ],
  ['instead of HTTP', `${ESCAPE}31m\r\n00:00:00 listening on ws://localhost:1\r\n`, /Parse/],
]

for (const [where, answer, reason] of ANSWERS) {
  test.serial(`output - what a server sends ${where} never makes a line of its own`, async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(answer, 'latin1'))
    const port = await freePort(t)
    t.teardown(() => server.close())
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const node = await startNode(t, {
      knownPeers: [`ws://127.0.0.1:${port}`],
      settings: { LOG_LEVEL: 'debug' },
    })
    await node.printed(new RegExp(`cannot connect to \\S+: '.*${reason.source}`))
    assertOwnLines(t, node)
  })
}

test.serial('output - a node goes on when the reader of its output ends', async (t) => {
  const node = await startNode(t)
  node.closeOutput()
  const first = await PlainPeer.start(t, { knownPeers: [node.address] })
  const second = await PlainPeer.start(t, { knownPeers: [node.address] })
  await waitUntil(
    () => first.connectedAddresses.length === 2 && second.connectedAddresses.length === 2,
    () => 'two peers that found each other through the node',
  )
  t.true(node.isRunning)
  t.is((await node.stop()).code, 0)
})

function withoutTimes(output: string): readonly string[] {
  const lines = output.trimEnd().split('\n')
  return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))
}
