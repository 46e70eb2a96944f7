/** What nodes of one process tell of themselves, over real sockets. */

import test from 'ava'
import { MeshNode, type NodeData } from '../../src/index.ts'
import { headersOf } from '../../src/wire/headers.ts'
import { call } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

test('data - is an option and is set at run time; peers have it, with an event for each change', async (t) => {
  const a = new MeshNode({ port: await freePort(t), data: { name: 'anna' } })
  const b = new MeshNode({ port: await freePort(t), knownPeers: [a.address] })
  const events: NodeData[] = []
  b.on('peer-data', ({ data }) => events.push(data))
  const ended: NodeData[] = []
  b.on('peer-down', ({ data }) => ended.push(data))
  for (const node of [a, b]) {
    t.teardown(() => node.stop())
    await node.start()
  }
  const told = (count: number) =>
    waitUntil(
      () => events.length >= count,
      () => JSON.stringify(events),
    )
  await told(1)
  a.data = { ...a.data, role: 'worker' }
  t.deepEqual(a.data, { name: 'anna', role: 'worker' })
  await told(2)
  t.deepEqual(b.peers[0]?.data, { name: 'anna', role: 'worker' })
  t.deepEqual(a.peers[0]?.data, {})
  a.data = {}
  await told(3)
  t.deepEqual(events, [{ name: 'anna' }, { name: 'anna', role: 'worker' }, {}])
  a.data = { name: 'anna' }
  await told(4)
  await a.stop()
  await waitUntil(
    () => ended.length === 1,
    () => 'no peer-down',
  )
  t.deepEqual(ended, [{ name: 'anna' }])
})

test('data - what is set while events are emitted is there at once', async (t) => {
  const a = new MeshNode({ port: await freePort(t) })
  const b = new MeshNode({ port: await freePort(t), knownPeers: [a.address] })
  let seen: NodeData = {}
  b.on('peer-up', () => {
    b.data = { ...b.data, one: 1 }
    b.data = { ...b.data, two: 2 }
    seen = b.data
  })
  for (const node of [a, b]) {
    t.teardown(() => node.stop())
    await node.start()
  }
  await waitUntil(
    () => a.peers[0]?.data['two'] === 2,
    () => JSON.stringify(a.peers),
  )
  t.deepEqual(seen, { one: 1, two: 2 })
  t.deepEqual(a.peers[0]?.data, { one: 1, two: 2 })
})

test('data - what is wrong is an error with words, and changes nothing', async (t) => {
  const node = new MeshNode({ port: await freePort(t), data: { name: 'anna' } })
  const set = (data: unknown) => () => Reflect.set(node, 'data', data)
  const expected = /^data must be a JSON object of at most 1024 bytes, got .*, which /
  for (const data of [undefined, null, 'anna', ['anna'], new Date(), { id: 1n }]) {
    t.throws(set(data), { instanceOf: TypeError, message: expected })
  }
  t.throws(set({ a: 'x'.repeat(1_024) }), { instanceOf: RangeError, message: expected })
  t.deepEqual(node.data, { name: 'anna' })
})

test('data - is not sent to a peer without Mesh-Messages, which stays a member', async (t) => {
  const node = new MeshNode({ port: await freePort(t), data: { name: 'anna' } })
  t.teardown(() => node.stop())
  await node.start()
  const identity = identityAt(await freePort(t), { mesh: 'default', messages: false })
  const peer = await call(t, node.address, { headers: headersOf(identity) })
  peer.socket.send(JSON.stringify({ type: 'HANDSHAKE', data: [identity.address] }))
  peer.socket.send(JSON.stringify({ type: 'NODE_DATA', data: { name: 'old' } }))
  peer.socket.send(JSON.stringify({ type: 'LINKS_REQUEST', data: { have: 0 } }))
  await waitUntil(
    () => peer.frames.some((text) => text.includes('"LINKS"')),
    () => peer.frames.join('\n'),
  )
  node.data = { name: 'ben' }
  peer.socket.send(JSON.stringify({ type: 'HANDSHAKE', data: [identity.address] }))
  t.deepEqual(
    peer.frames.filter((text) => text.includes('NODE_DATA')),
    [],
  )
  t.deepEqual(node.connectedAddresses, [identity.address])
  t.deepEqual(node.peers[0]?.data, {})
})
