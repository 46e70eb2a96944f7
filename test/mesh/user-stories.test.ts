/**
 * The user stories, one test each, in the words of the stories. The story of the port in `.env` and
 * those of the clones are about processes and folders: test/e2e and test/tools have them.
 */

import test from 'ava'
import { at, PLAIN, startNode, TestNode } from '../helpers/core.ts'
import { TestNetwork } from '../helpers/network.ts'

test('stories - when a server starts, it attempts to open a connection to all the addresses in known-peers.json', (t) => {
  const node = startNode({ knownPeers: [at(4002), at(4003)] })
  t.deepEqual(node.dials, [at(4002), at(4003)])
})

test('stories - whenever a connection to a server is established, it sends HANDSHAKE with the addresses it is connected to, including its own', (t) => {
  const node = startNode({ port: 4001 })
  const first = node.reaches(at(4002), PLAIN)
  t.deepEqual(node.handshakes, [{ link: first, addresses: [at(4001), at(4002)] }])
  const second = node.reaches(at(4003), PLAIN)
  t.deepEqual(node.handshakes, [{ link: second, addresses: [at(4001), at(4002), at(4003)] }])
})

test('stories - the message is a stringified JSON object of type and data, and nothing else', (t) => {
  const node = startNode({ port: 4001 })
  node.reaches(at(4002), PLAIN)
  const sent = node.orders.find((order) => order.kind === 'send')
  t.is(sent?.text, '{"type":"HANDSHAKE","data":["ws://localhost:4001","ws://localhost:4002"]}')
})

test('stories - a server that receives the message attempts to connect to all the addresses in it that it is not connected to', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PLAIN)
  node.receivesHandshake(link, [at(4002), 'ws://LOCALHOST:4002/', at(4003), at(4004)])
  t.deepEqual(node.dials, [at(4003), at(4004)])
})

test('stories - it keeps track of all the addresses it is connected to', (t) => {
  const node = startNode()
  node.reaches(at(4002), PLAIN)
  node.reaches(at(4003), PLAIN)
  t.deepEqual(node.connected, [at(4002), at(4003)])
})

test('stories - when a socket disconnects, it is removed from connectedAddresses', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), PLAIN)
  node.reaches(at(4003), PLAIN)
  node.loses(link)
  t.deepEqual(node.connected, [at(4003)])
})

test('stories - it keeps track of the servers it attempts to connect to, and makes no second connection to the same', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  t.deepEqual(node.attempting, [at(4002)])
  const link = node.accepts(PLAIN)
  node.receivesHandshake(link, [at(4002)])
  t.deepEqual(node.dials, [])
})

test('stories - an address is no longer attempted after the connection is established', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.reaches(at(4002), PLAIN)
  t.deepEqual(node.attempting, [])
  t.deepEqual(node.connected, [at(4002)])
})

test('stories - an address is no longer attempted after it failed to connect', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.failsToReach(at(4002))
  t.deepEqual(node.attempting, [])
  t.deepEqual(node.connected, [])
})

test('stories - a server never attempts to create a connection to its own address', (t) => {
  const node = startNode({ port: 4001, knownPeers: [at(4001), at(4002)] })
  t.deepEqual(node.dials, [at(4002)])
  const link = node.reaches(at(4002), PLAIN)
  node.receivesHandshake(link, [at(4002), at(4001), 'ws://LOCALHOST:4001/'])
  t.deepEqual(node.dials, [])
})

test('stories - three nodes that know one of each other all connect to each other', (t) => {
  const nodes = [4001, 4002, 4003].map((port) => new TestNode({ port, knownPeers: [at(4001)] }))
  const network = new TestNetwork(nodes)
  for (const node of nodes) network.start(node)
  network.settle(5_000)
  t.deepEqual(
    nodes.map((node) => node.connected.toSorted()),
    [
      [at(4002), at(4003)],
      [at(4001), at(4003)],
      [at(4001), at(4002)],
    ],
  )
})
