/** The class that programs import: its states, and what a listener may do to it. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { MeshNode } from '../../src/node.ts'
import { call } from '../helpers/caller.ts'
import { address } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { listeningOn } from '../helpers/socket-table.ts'
import { waitUntil } from '../helpers/wait-until.ts'

async function createNode(t: ExecutionContext, knownPeers: readonly string[] = []) {
  const port = await freePort(t)
  const node = new MeshNode({
    port,
    address: address(`ws://localhost:${port}`),
    listen: ['127.0.0.1', '127.0.0.2'],
    knownPeers: knownPeers.map(address),
  })
  t.teardown(() => node.stop())
  return { node, port }
}

test('node - started twice listens once', async (t) => {
  const { node, port } = await createNode(t)
  const first = node.start()
  t.is(node.start(), first)
  t.true(await first)
  t.true(await node.start())
  await t.notThrowsAsync(listeningOn(port, ['0100007F', '0200007F']))
})

test('node - stopped while it starts neither listens nor dials', async (t) => {
  const peer = await PlainPeer.start(t)
  const { node, port } = await createNode(t, [peer.address])
  const started = node.start()
  await node.stop()
  t.false(await started)
  await t.notThrowsAsync(listeningOn(port, []))
  const later = await PlainPeer.start(t, { knownPeers: [peer.address] })
  await waitUntil(
    () => peer.connectedAddresses.length > 0,
    () => 'a call back',
  )
  t.deepEqual(peer.connectedAddresses, [later.address])
})

test('node - stopped twice says goodbye once, and both know when it is done', async (t) => {
  const { node, port } = await createNode(t)
  await node.start()
  const caller = await call(t, node.address)
  const stopped = node.stop()
  t.is(node.stop(), stopped)
  await stopped
  t.deepEqual(await caller.closed(), { code: 1001, reason: 'node stops' })
  await t.notThrowsAsync(listeningOn(port, []))
  t.is(node.stop(), stopped)
})

test('node - stopped before it was started cannot be started, nor after', async (t) => {
  const { node, port } = await createNode(t)
  await node.stop()
  await t.throwsAsync(node.start(), { message: /cannot be started again/ })
  await t.notThrowsAsync(listeningOn(port, []))
})

test('node - stopped by a listener closes also the link that the event is about', async (t) => {
  const peer = await PlainPeer.start(t)
  const { node, port } = await createNode(t, [peer.address])
  const stopped = new Promise<void>((resolve) => {
    node.on('event', ({ kind }) => {
      if (kind === 'peer-joined') resolve(node.stop())
    })
  })
  await node.start()
  await stopped
  await t.notThrowsAsync(listeningOn(port, []))
  t.deepEqual(await peer.calls[0]?.closed(), { code: 1001, reason: 'node stops' })
  t.deepEqual(node.connectedAddresses, [])
})

test('node - stops also when it could not listen', async (t) => {
  const { node, port } = await createNode(t)
  const other = createServer()
  t.teardown(() => other.close())
  await once(other.listen(port, '127.0.0.2'), 'listening')
  const started = node.start()
  const stopped = node.stop()
  await t.notThrowsAsync(stopped)
  await started.catch(() => {})
  await t.notThrowsAsync(listeningOn(port, ['0200007F']))
})

/** Peers' joining is an event that comes before the order to say HANDSHAKE. */
const THROWING = (port: number, knownPeer: string): string => `
  import { MeshNode } from ${JSON.stringify(new URL('../../src/node.ts', import.meta.url).href)}
  process.on('uncaughtException', (error) => console.log('uncaught: ' + error.message))
  const node = new MeshNode({
    port: ${port},
    address: 'ws://localhost:${port}',
    knownPeers: ['${knownPeer}'],
  })
  node.on('event', ({ kind }) => { throw new Error('the listener of ' + kind) })
  await node.start()`

test('node - a listener that throws loses no order, and its error surfaces', async (t) => {
  const peer = await PlainPeer.start(t)
  const script = THROWING(await freePort(t), peer.address)
  const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (text) => {
    output += String(text)
  })
  await waitUntil(
    () => peer.calls[0]?.messages.length === 1,
    () => `a HANDSHAKE, got ${output}`,
  )
  await waitUntil(
    () => output.includes('uncaught: the listener of peer-joined'),
    () => `an error, got ${output}`,
  )
  t.pass()
})
