/**
 * The user stories, seen from a plain peer: what a node sends, whom it dials, and whom it never
 * dials.
 */

import test, { type ExecutionContext } from 'ava'
import { call } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import type { Recording } from '../helpers/recording.ts'
import { SilentServer } from '../helpers/silent-server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

test.serial(
  'stories - a node says HANDSHAKE to a known peer, own address first, then the one just connected',
  async (t) => {
    const peer = await PlainPeer.start(t)
    const node = await NodeProcess.start(t, { knownPeers: [peer.address] })
    t.deepEqual(await said(node, peer), { type: 'HANDSHAKE', data: [node.address, peer.address] })
  },
)

test.serial('stories - HANDSHAKE names everybody that a node is connected to', async (t) => {
  const first = await PlainPeer.start(t)
  const second = await PlainPeer.create(t)
  const node = await NodeProcess.start(t, {
    knownPeers: [first.address, second.address],
    settings: { REDIAL_MIN_MS: '20' },
  })
  await node.reported('peer-joined', { connected: 1 })
  await second.start()
  const data = [node.address, first.address, second.address]
  t.deepEqual(await said(node, second), { type: 'HANDSHAKE', data })
})

test.serial('stories - a node drops an address when its socket closes', async (t) => {
  const first = await PlainPeer.start(t)
  const second = await PlainPeer.start(t)
  const node = await NodeProcess.start(t, { knownPeers: [first.address, second.address] })
  await node.reported('peer-joined', { connected: 2 })
  await first.kill()
  await node.reported('peer-left', { connected: 1 })
  const third = await PlainPeer.start(t, { knownPeers: [node.address] })
  const data = [node.address, second.address, third.address]
  t.deepEqual(await said(node, third), { type: 'HANDSHAKE', data })
})

test.serial('stories - a node dials back who dials it and only says HANDSHAKE', async (t) => {
  const node = await NodeProcess.start(t)
  const peer = await PlainPeer.start(t, { knownPeers: [node.address] })
  t.deepEqual(await said(node, peer), { type: 'HANDSHAKE', data: [node.address, peer.address] })
  t.deepEqual(peer.connectedAddresses, [node.address])
  t.deepEqual(peer.dials[0]?.frames, [], 'nothing is sent to who may not read')
})

test.serial('stories - a node dials every address of a HANDSHAKE', async (t) => {
  const peers = [await PlainPeer.start(t), await PlainPeer.start(t), await PlainPeer.start(t)]
  const node = await NodeProcess.start(t)
  const caller = await call(t, node.address)
  caller.socket.send(handshake(peers.map((peer) => peer.address)))
  await node.reported('peer-joined', { connected: 3 })
  for (const peer of peers) t.is(callsBy(node, peer).length, 1)
})

test.serial(
  'stories - a node never dials whom it is connected to, however often and however spelled it hears of them',
  async (t) => {
    const peer = await PlainPeer.start(t)
    const node = await NodeProcess.start(t, { knownPeers: [peer.address] })
    await node.reported('peer-joined', { connected: 1 })
    const caller = await call(t, node.address)
    const spellings = [peer.address, `${peer.address}/`, `WS://LOCALHOST:${peer.port}/`]
    for (let time = 0; time < 3; time += 1) caller.socket.send(handshake(spellings))
    await heardAll(t, node, caller)
    t.is(callsBy(node, peer).length, 1)
  },
)

test.serial('stories - a node never dials whom it is attempting to connect to', async (t) => {
  const silent = await SilentServer.start(t)
  const node = await NodeProcess.start(t, { knownPeers: [silent.address] })
  const caller = await call(t, node.address)
  for (let time = 0; time < 3; time += 1) caller.socket.send(handshake([silent.address]))
  await heardAll(t, node, caller)
  t.is(silent.calls, 1)
})

test.serial('stories - addresses are sent in their canonical spelling', async (t) => {
  const peer = await PlainPeer.start(t)
  const node = await NodeProcess.start(t, { knownPeers: [`WS://LocalHost:${peer.port}/`] })
  t.deepEqual(await said(node, peer), { type: 'HANDSHAKE', data: [node.address, peer.address] })
})

test.serial('stories - a node never dials itself, however its address is spelled', async (t) => {
  // The node has ::1 to itself and somebody else sits on 127.0.0.1, so that a dial of its own
  // address would be seen.
  const introducer = await PlainPeer.start(t)
  const { port } = introducer
  const spellings = [
    `ws://localhost:${port}`,
    `ws://localhost:${port}/`,
    `WS://LOCALHOST:${port}`,
    `ws://localhost.:${port}`,
    `ws://127.0.0.1:${port}`,
    `ws://127.1:${port}/`,
    `ws://0x7f000001:${port}`,
    `ws://0.0.0.0:${port}`,
    `ws://[::1]:${port}`,
    `ws://[0:0:0:0:0:0:0:1]:${port}`,
    `ws://[::ffff:127.0.0.1]:${port}`,
    `ws://[::]:${port}`,
  ]
  const node = await NodeProcess.start(t, {
    port,
    knownPeers: spellings,
    settings: { LISTEN: '::1', LOG_LEVEL: 'debug' },
  })
  const caller = await call(t, `ws://[::1]:${port}`)
  caller.socket.send(handshake(spellings))
  await heardAll(t, node, caller)
  t.is(callsBy(node, introducer).length, 0)
  for (const kind of ['self-found', 'dial-failed', 'addresses-refused'] as const) {
    t.deepEqual(node.eventsOf(kind), [])
  }
  t.is(node.connected, 1)
})

test.serial(
  'stories - a node that meets itself under another name dials that name once',
  async (t) => {
    const port = await freePort(t)
    const alias = `ws://me.localhost:${port}`
    const node = await NodeProcess.start(t, {
      port,
      knownPeers: [alias],
      settings: { LOG_LEVEL: 'debug' },
    })
    await node.reported('self-found')
    const caller = await call(t, node.address)
    caller.socket.send(handshake([alias]))
    await heardAll(t, node, caller)
    t.is(node.eventsOf('self-found').length, 1)
    t.is(node.connected, 1)
  },
)

test.serial(
  'stories - a node goes on when nobody it knows is up, and finds them when they are',
  async (t) => {
    const port = await freePort(t)
    const node = await NodeProcess.start(t, {
      knownPeers: [`ws://localhost:${port}`],
      settings: { REDIAL_MIN_MS: '20', LOG_LEVEL: 'debug' },
    })
    await node.reported('dial-failed')
    const peer = await PlainPeer.start(t, { port })
    await node.reported('peer-joined', { connected: 1 })
    t.is(callsBy(node, peer).length, 1)
  },
)

function handshake(data: readonly string[]): string {
  return JSON.stringify({ type: 'HANDSHAKE', data })
}

/** The sockets that the node has opened to the peer. Other plain peers do not tell who they are. */
function callsBy(node: NodeProcess, peer: PlainPeer): readonly Recording[] {
  return peer.calls.filter((call) => call.headers['mesh-address'] === node.address)
}

/** Waits for the one message that the node has said to the peer, and gives it. */
async function said(node: NodeProcess, peer: PlainPeer): Promise<unknown> {
  const messages = () => callsBy(node, peer).flatMap((call) => call.messages)
  await waitUntil(
    () => messages().length === 1,
    () => `one message, got ${JSON.stringify(messages())}\n${node.output}`,
  )
  return messages()[0]
}

/**
 * Names one more address and waits until the node is connected to it. Whatever the node wanted to
 * dial because of what the caller said before, it has dialed by then.
 */
async function heardAll(t: ExecutionContext, node: NodeProcess, caller: Recording): Promise<void> {
  const last = await PlainPeer.start(t)
  caller.socket.send(handshake([last.address]))
  await node.reported('peer-joined', { address: last.address })
}
