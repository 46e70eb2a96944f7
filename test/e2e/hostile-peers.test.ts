/**
 * What a peer may throw at a node: that link ends with a code, or the message is ignored, and
 * nothing else happens.
 */

import http from 'node:http'
import { createServer, type Server } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { FRAGMENTS_MAX } from '../../src/io/limits.ts'
import { encodeFrame, Opcode } from '../frames/frame.ts'
import { call, RawCall, refusal, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import type { Closing, Recording } from '../helpers/recording.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const MALFORMED: readonly (readonly [title: string, code: number, frame: string | Uint8Array])[] = [
  ['text that is not JSON', 1007, 'hello'],
  ['empty text', 1007, ''],
  ['half a message', 1007, '{"type":"HANDSHAKE","data":["ws:'],
  ['100,000 nested brackets', 1007, '['.repeat(50_000) + ']'.repeat(50_000)],
  ['100,000 open brackets', 1007, '['.repeat(100_000)],
  ['a message in an array', 1007, '[{"type":"HANDSHAKE","data":[]}]'],
  ['null', 1007, 'null'],
  ['a number', 1007, '1e999'],
  ['no type', 1007, '{"data":[]}'],
  ['a type that is no string', 1007, '{"type":["HANDSHAKE"],"data":[]}'],
  ['a type in its prototype', 1007, '{"__proto__":{"type":"HANDSHAKE","data":[]}}'],
  ['a HANDSHAKE without data', 1007, '{"type":"HANDSHAKE"}'],
  ['a HANDSHAKE whose data is an object', 1007, '{"type":"HANDSHAKE","data":{"length":1}}'],
  ['a HANDSHAKE with a number among its addresses', 1007, '{"type":"HANDSHAKE","data":["",1]}'],
  ['a HANDSHAKE of 100,000 nested brackets', 1007, handshake(nested(50_000))],
  ['a HANDSHAKE of 10,000 addresses', 1009, handshake(JSON.stringify(manyAddresses(10_000)))],
  ['a frame of 2 MB', 1009, 'x'.repeat(2_000_000)],
  ['a binary frame', 1003, new Uint8Array([0x7b, 0x7d])],
]

test.serial('hostile peers - a malformed message closes the link and nothing else', async (t) => {
  const { node, friend } = await nodeWithFriend(t)
  for (const [title, code, frame] of MALFORMED) {
    const caller = await call(t, node.address)
    caller.socket.send(frame)
    assertClosedWith(t, await caller.closed(), code, title)
    await assertUnharmed(t, node, friend, title)
  }
})

const IGNORED: readonly (readonly [title: string, frame: string])[] = [
  ['a type that nobody knows', '{"type":"FUTURE","data":{"a":[1,null]}}'],
  ['the type __proto__', '{"type":"__proto__","data":["ws://localhost:1"]}'],
  ['the type constructor', '{"type":"constructor"}'],
  ['the empty type', '{"type":""}'],
  ['more keys than two', '{"type":"HANDSHAKE","data":[],"id":1,"__proto__":{"x":1}}'],
  [
    'rubbish addresses',
    handshake(
      JSON.stringify([
        '',
        ' ',
        'localhost:4001',
        'http://localhost:1',
        'ws://',
        'ws://localhost:0',
        'ws://localhost:99999',
        'ws://user:password@localhost:1',
        'ws://localhost:1?query',
        'ws://localhost:1#fragment',
        'ws://local\u0000host:1',
        'ws://localhost:1\n',
        `ws://localhost:1/${'x'.repeat(300)}`,
        '__proto__',
      ]),
    ),
  ],
]

test.serial('hostile peers - what no version has is ignored and the link stays', async (t) => {
  // A failed dial is told at this level only.
  const { node, friend } = await nodeWithFriend(t, { LOG_LEVEL: 'debug' })
  for (const [title, frame] of IGNORED) {
    const caller = await call(t, node.address)
    caller.socket.send(frame)
    const peer = await PlainPeer.start(t)
    caller.socket.send(handshake(JSON.stringify([peer.address])))
    await node.reported('peer-joined', { address: peer.address })
    t.true(caller.isOpen, title)
    t.deepEqual(node.eventsOf('dial-failed'), [], title)
    await assertUnharmed(t, node, friend, title)
  }
})

test.serial('hostile peers - too many fragments close the link with 1009', async (t) => {
  const { node, friend } = await nodeWithFriend(t)
  const caller = await RawCall.open(t, node.port, UPGRADE_REQUEST)
  await receives(caller, /^HTTP\/1\.1 101 /)
  // In one write: a caller that is still busy sending when the node gives up loses the close frame.
  const fragments = Array.from({ length: FRAGMENTS_MAX + 1 }, (_, index) => {
    const opcode = index === 0 ? Opcode.TEXT : Opcode.CONTINUATION
    return encodeFrame({ opcode, payload: 'x', fin: false }, true)
  })
  caller.socket.write(Buffer.concat(fragments))
  await closes(caller)
  t.is(closeCodeIn(caller.received), 1009)
  await assertUnharmed(t, node, friend)
})

test.serial('hostile peers - text that is not UTF-8 closes the link with 1007', async (t) => {
  const { node, friend } = await nodeWithFriend(t)
  const caller = await call(t, node.address)
  caller.socket.send(new Uint8Array([0x22, 0xff, 0x22]), { binary: false })
  assertClosedWith(t, await caller.closed(), 1007)
  await assertUnharmed(t, node, friend)
})

test.serial('hostile peers - bytes that are not WebSocket close the link with 1002', async (t) => {
  const { node, friend } = await nodeWithFriend(t)
  const caller = await RawCall.open(t, node.port, UPGRADE_REQUEST)
  await receives(caller, /^HTTP\/1\.1 101 /)
  caller.socket.write('GET / HTTP/1.1\r\n\r\n')
  await closes(caller)
  t.is(closeCodeIn(caller.received), 1002)
  await assertUnharmed(t, node, friend)
})

test.serial('hostile peers - a caller that says nothing is closed with 4004', async (t) => {
  // Its time begins with the connection, and a busy machine needs some of it for the upgrade.
  const { node, friend } = await nodeWithFriend(t, { ...IMPATIENT, HANDSHAKE_TIMEOUT_MS: '5000' })
  const caller = await call(t, node.address)
  t.deepEqual(await caller.closed(), { code: 4004, reason: 'no HANDSHAKE in time' })
  await assertUnharmed(t, node, friend)
})

test.serial('hostile peers - half an HTTP request is dropped in time', async (t) => {
  const { node, friend } = await nodeWithFriend(t, IMPATIENT)
  const caller = await RawCall.open(t, node.port, 'GET / HTTP/1.1\r\nHost: local')
  await closes(caller)
  await assertUnharmed(t, node, friend)
})

test.serial(
  'hostile peers - a connection that never sends a byte is dropped in time',
  async (t) => {
    const { node, friend } = await nodeWithFriend(t, IMPATIENT)
    const caller = await RawCall.open(t, node.port, '')
    await closes(caller)
    await assertUnharmed(t, node, friend)
  },
)

test.serial('hostile peers - bytes that are not HTTP end the connection', async (t) => {
  const { node, friend } = await nodeWithFriend(t)
  const noise = Uint8Array.from({ length: 4_096 }, (_, index) => (index * 151 + 7) % 256)
  const caller = await RawCall.open(t, node.port, noise)
  await closes(caller)
  await assertUnharmed(t, node, friend)
})

test.serial('hostile peers - a socket that resets amid the upgrade harms nobody', async (t) => {
  const { node, friend } = await nodeWithFriend(t)
  for (let time = 0; time < 20; time += 1) {
    const caller = await RawCall.open(t, node.port, UPGRADE_REQUEST)
    caller.socket.resetAndDestroy()
  }
  await assertUnharmed(t, node, friend)
})

for (const origin of ['https://evil.example', 'http://localhost:1', 'null', 'file://', '']) {
  test.serial(
    `hostile peers - a web page of the origin '${origin}' is refused with 403`,
    async (t) => {
      const node = await NodeProcess.start(t)
      t.is(await refusal(t, node.address, { headers: { Origin: origin } }), 403)
      await node.reported('request-refused')
      t.true(node.eventsOf('request-refused')[0]?.reason.includes(`Origin '${origin}' at Host`))
    },
  )
}

test.serial(
  'hostile peers - a web page whose own name leads to the node is refused with 403',
  async (t) => {
    const node = await NodeProcess.start(t)
    const host = `evil.example:${node.port}`
    const headers = { Host: host, Origin: `http://${host}` }
    t.is(await refusal(t, node.address, { headers }), 403)
  },
)

test.serial('hostile peers - a page that the node itself serves may call', async (t) => {
  const node = await NodeProcess.start(t)
  const caller = await call(t, node.address, { origin: `http://localhost:${node.port}` })
  t.true(caller.isOpen)
})

const BROKEN_IDENTITIES: readonly Readonly<Record<string, string>>[] = [
  { 'Mesh-Version': '1' },
  {
    'Mesh-Version': '1',
    'Mesh-Name': 'default',
    'Mesh-Id': 'short',
    'Mesh-Address': 'ws://localhost:1',
  },
  {
    'Mesh-Version': 'x'.repeat(5_000),
    'Mesh-Name': '\u00ff',
    'Mesh-Id': '__proto__',
    'Mesh-Address': '',
  },
]

for (const [index, headers] of BROKEN_IDENTITIES.entries()) {
  test.serial(`hostile peers - broken identity ${index + 1} makes a plain peer`, async (t) => {
    const { node, friend } = await nodeWithFriend(t)
    const caller = await call(t, node.address, { headers })
    const peer = await PlainPeer.start(t)
    caller.socket.send(handshake(JSON.stringify([peer.address])))
    await node.reported('peer-joined', { address: peer.address })
    t.deepEqual(caller.frames, [])
    await assertUnharmed(t, node, friend)
  })
}

test.serial(
  'hostile peers - a server of something else costs one failed dial, which is tried again',
  async (t) => {
    const server = http.createServer((_request, response) => response.writeHead(502).end('<html>'))
    const port = await listenLocally(t, server)
    const knownPeers = [`ws://localhost:${port}`]
    const node = await NodeProcess.start(t, {
      knownPeers,
      settings: { LOG_LEVEL: 'debug', REDIAL_MIN_MS: '20' },
    })
    await node.reported('dial-failed', { reason: 'not a mesh node: HTTP 502', retryInMs: /^\d/ })
    server.close()
    server.closeAllConnections()
    await PlainPeer.start(t, { port })
    await t.notThrowsAsync(node.reported('peer-joined', { connected: 1 }))
  },
)

test.serial('hostile peers - a server that answers drop by drop is given up in time', async (t) => {
  const server = createServer((socket) => {
    const drops = setInterval(() => socket.write('x'), 20)
    socket.on('error', () => {}).on('close', () => clearInterval(drops))
    socket.write('HTTP/1.1 101 Switching Protocols\r\nX-Drops: ')
  })
  const port = await listenLocally(t, server)
  const settings = { ...IMPATIENT, LOG_LEVEL: 'debug' }
  const node = await NodeProcess.start(t, { knownPeers: [`ws://127.0.0.1:${port}`], settings })
  const reason = 'timed out: TCP connected, no answer to the WebSocket upgrade'
  await node.reported('dial-failed', { reason, retryInMs: /^\d/ })
  t.is(node.connected, 0)
})

/** Timings of a node that waits no longer than a test should. */
const IMPATIENT = { HANDSHAKE_TIMEOUT_MS: '1000', DIAL_TIMEOUT_MS: '900' }

interface NodeWithFriend {
  readonly node: NodeProcess
  readonly friend: Friend
}

/** A peer that does nothing wrong, and the link that the node has with it. */
interface Friend {
  readonly address: string
  readonly link: Recording
}

async function nodeWithFriend(
  t: ExecutionContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<NodeWithFriend> {
  const peer = await PlainPeer.start(t)
  const node = await NodeProcess.start(t, { knownPeers: [peer.address], settings })
  await node.reported('peer-joined', { connected: 1 })
  const { address, call: link } = peer
  if (link === undefined) throw new Error(`${address} is joined without a link`)
  return { node, friend: { address, link } }
}

/** The friend never lost its link, and whoever comes now is told of the friend. */
async function assertUnharmed(
  t: ExecutionContext,
  node: NodeProcess,
  { address, link }: Friend,
  title = 'this',
): Promise<void> {
  const newcomer = await PlainPeer.start(t, { knownPeers: [node.address] })
  await waitUntil(
    () => newcomer.connectedAddresses.includes(address),
    () => `a newcomer is connected to the friend after ${title}\n${node.output}`,
  )
  t.true(link.isOpen, title)
  t.deepEqual(node.eventsOf('peer-left'), [], title)
  t.notRegex(node.output, /^ {4}at /m, `no stack after ${title}`)
}

function assertClosedWith(
  t: ExecutionContext,
  closing: Closing | undefined,
  code: number,
  title?: string,
): void {
  t.is(closing?.code, code, title)
  t.not(closing?.reason, '', title)
}

async function receives(caller: RawCall, pattern: RegExp): Promise<void> {
  await waitUntil(
    () => pattern.test(caller.received),
    () => `${pattern}, got ${JSON.stringify(caller.received)}`,
  )
}

async function closes(caller: RawCall): Promise<void> {
  await waitUntil(
    () => caller.isClosed,
    () => `the end of a connection that got ${JSON.stringify(caller.received)}`,
  )
}

/**
 * The code in the close frame that follows the answer to an upgrade (RFC 6455 §5.5.1): opcode 8,
 * not masked.
 */
function closeCodeIn(received: string): number | undefined {
  const frame = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1')
  return frame[0] === 0x88 ? frame.readUInt16BE(2) : undefined
}

/** Listens on 127.0.0.1 until the test is over. Gives the port. */
async function listenLocally(t: ExecutionContext, server: Server): Promise<number> {
  const port = await freePort(t)
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve))
  return port
}

/** A HANDSHAKE with this JSON as its data. */
function handshake(data: string): string {
  return `{"type":"HANDSHAKE","data":${data}}`
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth)
}

function manyAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `ws://a:${index + 1}`)
}
