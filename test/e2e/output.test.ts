/** What people see: how much, in which colours, and that nobody but the node writes it. */

import { createServer } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import test from 'ava'
import { isListeningLine } from '../../src/log/log-messages.ts'
import { call } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A line of the log in a pipe. */
const PLAIN_LINE = /^\d\d:\d\d:\d\d [\x20-\x7e]+$/

const ESCAPE = '\u001b['

test.serial(
  'output - says when the node listens, when peers come and go, and when it stops',
  async (t) => {
    const peer = await PlainPeer.start(t)
    const node = await NodeProcess.start(t, { knownPeers: [peer.address] })
    await node.printed(/connected to 1$/)
    peer.call?.socket.close(1001, 'see you')
    await node.printed(/connected to 0$/)
    const { stdout, stderr } = await node.stop()
    t.deepEqual(withoutTimes(stdout), [
      `listening on ${node.address}`,
      `see the mesh at http://localhost:${node.port}/`,
      `${peer.address} joined, connected to 1`,
      `${peer.address} left (closed by peer: 1001 'see you'), connected to 0`,
      'stopping, closing 0 connections',
    ])
    t.is(stderr, '')
  },
)

test.serial('output - is plain in a pipe', async (t) => {
  const node = await NodeProcess.start(t)
  for (const line of node.lines) t.regex(line, PLAIN_LINE)
})

test.serial('output - honors FORCE_COLOR', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await NodeProcess.create(t, { knownPeers: [peer.address] })
  await node.start({ env: { FORCE_COLOR: '1' } })
  await node.printed(/connected to 1/)
  const joined = node.lines.at(-1) ?? ''
  t.true(joined.includes(ESCAPE))
  t.regex(stripVTControlCharacters(joined), PLAIN_LINE)
})

/** `script` of bsdutils, which every Debian has, gives a program a terminal. */
const ON_TERMINAL: Runtime = ['sh', '-c', 'exec script -qec "exec $0 $1" /dev/null', ...NODE]

test.serial('output - is coloured on a terminal, unless NO_COLOR is set', async (t) => {
  const peer = await PlainPeer.start(t)
  const options = { knownPeers: [peer.address], runtime: ON_TERMINAL }
  const [coloured, plain] = [
    await NodeProcess.create(t, options),
    await NodeProcess.create(t, options),
  ]
  await coloured.start({ env: { TERM: 'xterm' } })
  await coloured.printed(/connected to 1/)
  t.true(coloured.output.includes(`${ESCAPE}32m${peer.address} joined`))
  await plain.start({ env: { TERM: 'xterm', NO_COLOR: '1' } })
  await plain.printed(/connected to \d/)
  t.false(plain.output.includes(ESCAPE))
})

test.serial('output - LOG_LEVEL=silent prints nothing', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await NodeProcess.create(t, {
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
  'output - a known peer that is not up yet is no news, unless LOG_LEVEL=debug',
  async (t) => {
    const late = `ws://localhost:${await freePort(t)}`
    const peer = await PlainPeer.start(t)
    const knownPeers = [late, peer.address]
    const debug = await NodeProcess.start(t, { knownPeers, settings: { LOG_LEVEL: 'debug' } })
    await debug.printed(new RegExp(`cannot connect to ${late}: 'connection refused'`))
    const info = await NodeProcess.start(t, { knownPeers })
    await info.printed(/connected to 2$/)
    const { stdout, stderr } = await info.stop()
    t.false(stdout.includes(late))
    t.is(stderr, '')
  },
)

test.serial('output - a close reason never makes a line of its own', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await NodeProcess.start(t, { knownPeers: [peer.address] })
  await node.printed(/connected to 1$/)
  const fake = `x'), connected to 9\n00:00:00 listening on ws://localhost:1\n${ESCAPE}2J${ESCAPE}31m`
  peer.call?.socket.close(4999, fake)
  await node.printed(/left/)
  t.is(node.connected, 0)
  t.is(node.lines.filter(isListeningLine).length, 1)
  for (const line of node.lines) t.regex(line, PLAIN_LINE)
})

test.serial('output - the type of a message never makes a line of its own', async (t) => {
  const node = await NodeProcess.start(t, { settings: { LOG_LEVEL: 'debug' } })
  const caller = await call(t, node.address)
  const type = `\r\n00:00:00 listening on ws://localhost:1\n${ESCAPE}31m\u0007\u202e\u2028`
  caller.socket.send(JSON.stringify({ type, data: [] }))
  await node.printed(/ignored a message/)
  t.is(node.lines.filter(isListeningLine).length, 1)
  for (const line of node.lines) t.regex(line, PLAIN_LINE)
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
  test.serial(`output - what a server says ${where} never makes a line of its own`, async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(answer, 'latin1'))
    const port = await freePort(t)
    t.teardown(() => server.close())
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    const node = await NodeProcess.start(t, {
      knownPeers: [`ws://127.0.0.1:${port}`],
      settings: { LOG_LEVEL: 'debug' },
    })
    await node.printed(new RegExp(`cannot connect to \\S+: '.*${reason.source}`))
    t.is(node.lines.filter(isListeningLine).length, 1)
    for (const line of node.lines) t.regex(line, PLAIN_LINE)
  })
}

test.serial('output - a node whose reader is gone runs on', async (t) => {
  const node = await NodeProcess.start(t)
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
