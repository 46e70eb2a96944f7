/** What nodes tell of themselves: to whom it goes, when, and which of several links counts. */

import test from 'ava'
import {
  NODE_DATA_BYTES_MAX,
  NODE_DATA_PAUSE_MS,
  NODE_DATA_READ_COST,
  NODE_DATA_WAIT_MS,
  READ_BURST,
} from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import type { Identity } from '../../src/wire/headers.ts'
import { at, identityAt, meshId, PLAIN, startNode, TestNode } from '../helpers/core.ts'
import { TestNetwork } from '../helpers/network.ts'

const WORKER = { role: 'worker', name: 'anna' }

/** A peer on this port that carries messages. */
function peerAt(port: number, other: Partial<Identity> = {}): Identity {
  return identityAt(port, { messages: true, ...other })
}

/** The data that the node sent, by link. */
function told(node: TestNode): readonly unknown[] {
  return node.sent.flatMap(({ link, message }) =>
    message.type === 'NODE_DATA' ? [{ link, data: message.data }] : [],
  )
}

/** The peers' data of which the node reported that it changed. */
function reported(node: TestNode): readonly unknown[] {
  return node.eventsOf('peer-data').map(({ data }) => data)
}

// --- What we tell --------------------------------------------------------------------------------

test('peer data - goes to each peer that carries messages, after HANDSHAKE, and to no other', (t) => {
  const node = startNode({ data: WORKER })
  const link = node.reaches(at(4002), peerAt(4002))
  t.deepEqual(
    node.sent.map(({ message }) => message.type),
    ['HANDSHAKE', 'NODE_DATA'],
  )
  t.deepEqual(told(node), [{ link, data: WORKER }])
  node.reaches(at(4003), identityAt(4003))
  t.deepEqual(told(node), [], 'a node of an older version')
  node.reaches(at(4004), PLAIN)
  t.deepEqual(told(node), [], 'a plain peer')
  const accepted = node.accepts(peerAt(4005))
  t.deepEqual(told(node), [{ link: accepted, data: WORKER }])
  node.tells({})
  t.deepEqual(told(node), [
    { link, data: {} },
    { link: accepted, data: {} },
  ])
})

test('peer data - is not sent before it was set, and is sent once it was taken back', (t) => {
  const node = startNode()
  node.reaches(at(4002), peerAt(4002))
  t.deepEqual(told(node), [])
  node.tells({})
  t.deepEqual(told(node), [])
  node.tells(WORKER)
  node.waits(NODE_DATA_PAUSE_MS)
  node.tells({})
  const link = node.reaches(at(4003), peerAt(4003))
  t.deepEqual(told(node), [{ link, data: {} }], 'an older link may have told something else')
})

test('peer data - changes go to all peers at once, then once a second at most, the last one', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), peerAt(4002))
  node.tells({ count: 1 })
  t.deepEqual(told(node), [{ link, data: { count: 1 } }])
  for (const count of [2, 3]) {
    node.tells({ count })
    t.deepEqual(told(node), [])
    t.deepEqual(node.mesh.data, { count })
  }
  node.waits(NODE_DATA_PAUSE_MS - 1)
  t.deepEqual(told(node), [])
  node.waits(1)
  t.deepEqual(told(node), [{ link, data: { count: 3 } }])
  node.waits(10 * NODE_DATA_PAUSE_MS)
  t.deepEqual(told(node), [])
  node.tells({ count: 3 })
  t.deepEqual(told(node), [], 'the same')
  node.tells({ count: 4 })
  t.is(told(node).length, 1, 'after a pause')
})

// --- What peers tell -----------------------------------------------------------------------------

test('peer data - what a peer told last counts, and each change is reported', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), peerAt(4002))
  t.deepEqual(node.mesh.dataOf(at(4002)), {})
  node.isTold(link, WORKER)
  t.deepEqual(node.eventsOf('peer-data'), [{ kind: 'peer-data', address: at(4002), data: WORKER }])
  node.isTold(link, WORKER)
  t.deepEqual(reported(node), [], 'the same')
  node.isTold(link, { name: 'anna' })
  t.deepEqual(node.mesh.dataOf(at(4002)), { name: 'anna' })
  const [view] = node.mesh.overview(node.nowMs).nodes
  t.like(view?.state, { kind: 'connected', link: { data: { name: 'anna' } } })
  node.isTold(link, {})
  t.deepEqual(reported(node), [{}])
})

test('peer data - is gone with the peer', (t) => {
  const node = startNode({ knownPeers: [at(4002)] })
  node.isTold(node.reaches(at(4002), peerAt(4002)), WORKER)
  node.loses(1)
  t.deepEqual(reported(node), [])
  t.deepEqual(node.mesh.dataOf(at(4002)), {})
  node.reaches(at(4002), peerAt(4002))
  t.deepEqual(node.mesh.dataOf(at(4002)), {})
})

test('peer data - is ignored without Mesh-Messages and before HANDSHAKE', (t) => {
  const node = startNode()
  const plain = node.reaches(at(4002), PLAIN)
  const older = node.reaches(at(4003), identityAt(4003))
  const silent = node.opens(at(4004), peerAt(4004))
  for (const link of [plain, older, silent]) {
    node.isTold(link, WORKER)
    t.deepEqual(reported(node), [])
    t.is(node.eventsOf('message-ignored').length, 1)
    t.deepEqual(node.closes, [])
  }
})

test('peer data - has 1,024 bytes at most, one more ends the link', (t) => {
  const node = startNode()
  const link = node.reaches(at(4002), peerAt(4002))
  const frame = JSON.stringify({ a: '' }).length
  node.isTold(link, { a: 'x'.repeat(NODE_DATA_BYTES_MAX - frame) })
  t.is(reported(node).length, 1)
  node.isTold(link, { a: 'x'.repeat(NODE_DATA_BYTES_MAX - frame + 1) })
  t.deepEqual(node.closeCodes, [CloseCode.TOO_BIG])
})

test('peer data - a peer that tells too often loses its link, one that tells twice a second does not', (t) => {
  const node = startNode()
  const flood = node.reaches(at(4002), peerAt(4002))
  // One fewer: the first HANDSHAKE counts a little, too.
  for (let count = 1; count < READ_BURST / NODE_DATA_READ_COST; count += 1) {
    node.isTold(flood, { count })
    t.deepEqual(node.closes, [])
  }
  node.isTold(flood, {})
  t.deepEqual(node.closeCodes, [CloseCode.FLOOD])
  const steady = node.reaches(at(4003), peerAt(4003))
  for (let count = 0; count < 1_000; count += 1) {
    node.isTold(steady, { count })
    t.deepEqual(node.closes, [])
    node.waits(500)
  }
})

// --- Several links -------------------------------------------------------------------------------

test('peer data - a link that replaces another one keeps what that told, until it tells', (t) => {
  const node = startNode()
  node.isTold(node.accepts(peerAt(4002)), WORKER)
  t.deepEqual(reported(node), [], 'before HANDSHAKE')
  node.receivesHandshake(1, [at(4002)])
  node.isTold(1, WORKER)
  t.deepEqual(reported(node), [WORKER])
  const second = node.opens(at(4002), peerAt(4002))
  t.deepEqual(reported(node), [])
  node.loses(1, CloseCode.DUPLICATE)
  t.deepEqual(reported(node), [])
  t.deepEqual(node.mesh.dataOf(at(4002)), WORKER)
  node.receivesHandshake(second, [at(4002)])
  node.isTold(second, WORKER)
  t.deepEqual(reported(node), [])
  node.waits(NODE_DATA_WAIT_MS)
  t.deepEqual(reported(node), [])
  node.isTold(second, { name: 'ben' })
  t.deepEqual(reported(node), [{ name: 'ben' }])
})

test('peer data - a stranger that copied an id does not change what the peer tells', (t) => {
  const node = startNode()
  const peer = node.reaches(at(4002), peerAt(4002))
  node.isTold(peer, WORKER)
  const stranger = node.accepts(peerAt(4002))
  node.receivesHandshake(stranger, [at(4002)])
  if (!node.linkIds.includes(stranger)) return t.fail('the stranger has no link')
  node.isTold(stranger, { name: 'mallory' })
  t.deepEqual(reported(node), [])
  t.deepEqual(node.mesh.dataOf(at(4002)), WORKER)
  node.loses(stranger)
  t.deepEqual(node.mesh.dataOf(at(4002)), WORKER)
})

test('peer data - a stranger that copied an id and is silent does not hide what the peer tells', (t) => {
  const node = startNode()
  const [stranger, peer] = [node.accepts(peerAt(4002)), node.accepts(peerAt(4002))]
  for (const link of [stranger, peer]) node.receivesHandshake(link, [at(4002)])
  node.isTold(peer, WORKER)
  node.waits(2 * NODE_DATA_WAIT_MS)
  t.deepEqual(node.linkIds, [stranger, peer])
  t.deepEqual(node.mesh.dataOf(at(4002)), WORKER)
})

test('peer data - what a stranger told in the name of a peer is gone 5 s after that is reached', (t) => {
  const node = startNode()
  const stranger = node.accepts(peerAt(4002))
  node.receivesHandshake(stranger, [at(4002)])
  node.isTold(stranger, { name: 'mallory' })
  t.deepEqual(reported(node), [{ name: 'mallory' }], 'nobody else is there')
  // It tells nothing of itself.
  node.reaches(at(4002), peerAt(4002))
  node.waits(NODE_DATA_WAIT_MS - 1)
  t.deepEqual(reported(node), [])
  node.waits(1)
  t.deepEqual(reported(node), [{}])
  t.deepEqual(node.mesh.dataOf(at(4002)), {})
})

test('peer data - of an impostor with another id is gone once the peer is reached', (t) => {
  const node = startNode()
  const impostor = node.accepts(peerAt(4002, { id: meshId(9) }))
  node.receivesHandshake(impostor, [at(4002)])
  node.isTold(impostor, { name: 'mallory' })
  const peer = node.reaches(at(4002), peerAt(4002))
  t.deepEqual(node.closeCodes, [CloseCode.ADDRESS_TAKEN])
  t.deepEqual(node.mesh.dataOf(at(4002)), {})
  node.isTold(peer, WORKER)
  t.deepEqual(reported(node), [WORKER])
})

test('peer data - once quiet, all nodes have the newest of all, whatever the order of frames', (t) => {
  for (let seed = 0; seed < 300; seed += 1) {
    const ports = [4001, 4002, 4003]
    const nodes = ports.map(
      (port) => new TestNode({ port, identity: { messages: true }, knownPeers: [at(4001)] }),
    )
    const network = new TestNetwork(nodes)
    let random = seed
    const draw = () => {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor(random / 65_536)
    }
    for (const node of nodes) network.start(node)
    for (let step = 0; step < 60; step += 1) {
      const node = nodes[draw() % nodes.length]
      if (step % 6 === 0 && node !== undefined) network.tell(node, { step })
      network.deliver(draw())
    }
    network.settle(20_000)
    for (const node of nodes) {
      for (const other of nodes.filter((one) => one !== node)) {
        t.deepEqual(node.mesh.dataOf(at(other.port)), other.mesh.data, `seed ${seed}`)
      }
    }
  }
})
