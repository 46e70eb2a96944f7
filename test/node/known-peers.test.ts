/** Known peers that come and go while a node of the library runs, over loopback. */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { NodeError } from '../../src/errors/node-error.ts'
import { BOOK_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import type { MeshNodeOptions } from '../../src/node/options.ts'
import { freePort } from '../helpers/free-port.ts'

async function nodeFor(
  t: ExecutionContext,
  options: Omit<MeshNodeOptions, 'port'> = {},
): Promise<MeshNode> {
  const node = new MeshNode({ port: await freePort(t), ...options })
  t.teardown(() => node.stop())
  return node
}

/** The line of the error that this throws. */
function refusal(t: ExecutionContext, call: () => void): string {
  const error = t.throws(call, { instanceOf: NodeError })
  return `${error.code}: ${error.message}`
}

test('known peers - one that is added to a running node is dialed', async (t) => {
  const [one, two] = [await nodeFor(t), await nodeFor(t)]
  await one.start()
  await two.start()
  const complete = once(one, 'complete')
  one.addPeer(two.address.replace('ws', 'WS'))
  one.addPeer(two.address)
  one.addPeer(one.address)
  t.deepEqual(one.knownPeers, [two.address])
  t.false(one.complete)
  await complete
  t.deepEqual(one.connectedAddresses, [two.address])
})

test('known peers - a connected one cannot be forgotten', async (t) => {
  const one = await nodeFor(t)
  const two = await nodeFor(t, { knownPeers: [one.address] })
  await one.start()
  const up = once(two, 'peer-up')
  await two.start()
  await up
  t.is(
    refusal(t, () => two.forget(one.address)),
    `PEER_CONNECTED: ${one.address} is connected, and would connect again; stop that node first`,
  )
  t.deepEqual(two.knownPeers, [one.address])
})

test('known peers - a node is complete when the last missing one is forgotten', async (t) => {
  const dead = `ws://localhost:${await freePort(t)}`
  const one = await nodeFor(t)
  const two = await nodeFor(t, { knownPeers: [one.address, dead] })
  await one.start()
  const up = once(two, 'peer-up')
  await two.start()
  await up
  t.false(two.complete)
  const complete = once(two, 'complete')
  t.true(two.forget(dead))
  await complete
  t.true(two.complete)
  t.deepEqual(two.knownPeers, [one.address])
  t.false(two.forget(dead))
  t.false(two.forget(two.address))
})

test('known peers - what is no address is refused as in known-peers.json', async (t) => {
  const node = await nodeFor(t)
  const line =
    "CONFIG_KNOWN_PEERS_INVALID: 'localhost:4002' is not a URL such as ws://localhost:4001; write an address such as ws://localhost:4001"
  t.is(
    refusal(t, () => node.addPeer('localhost:4002')),
    line,
  )
  t.is(
    refusal(t, () => node.forget('localhost:4002')),
    line,
  )
})

test('known peers - there is a maximum', async (t) => {
  const node = await nodeFor(t)
  for (let n = 0; n < BOOK_ADDRESSES_MAX; n += 1) node.addPeer(`ws://peer${n}.example:4001`)
  node.addPeer('ws://peer0.example:4001')
  t.is(
    refusal(t, () => node.addPeer('ws://localhost:4002')),
    'CONFIG_KNOWN_PEERS_INVALID: ws://localhost:4002 was not added: there are 4096 known peers already, the maximum; forget others first',
  )
  node.forget('ws://peer0.example:4001')
  node.addPeer('ws://localhost:4002')
  t.is(node.knownPeers.length, BOOK_ADDRESSES_MAX)
})

test('known peers - a name in DNS leads to a node, and can be added and removed', async (t) => {
  const [one, two] = [await nodeFor(t), await nodeFor(t)]
  await one.start()
  await two.start()
  t.true(one.complete)
  const source = two.address.replace('ws://', 'dns:')
  const complete = once(one, 'complete')
  one.addPeer(source)
  t.deepEqual(one.knownPeers, [source])
  t.false(one.complete, 'it has found nobody yet')
  await complete
  t.is(one.peers.length, 1)
  t.true(one.forget(source))
  t.false(one.forget(source))
  t.deepEqual(one.knownPeers, [])
  t.true(one.complete)
})

test('known peers - at most 16 names are looked up', async (t) => {
  const knownPeers = Array.from({ length: 16 }, (_, index) => `dns:h${index}.invalid:1`)
  const node = await nodeFor(t, { knownPeers })
  node.addPeer('dns:h0.invalid:1')
  const line = refusal(t, () => node.addPeer('dns:h16.invalid:1'))
  t.regex(
    line,
    /^CONFIG_KNOWN_PEERS_INVALID: dns:h16\.invalid:1 was not added: there are 16 names to look up already/,
  )
})
