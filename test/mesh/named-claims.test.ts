/** Which claimed addresses a HANDSHAKE names. */

import test from 'ava'
import { NAMED_CLAIMS_PER_HOST_MAX } from '../../src/mesh/limits.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { address, identityAt, startNode } from '../helpers/core.ts'

/** A node on a network, and the peers that it names to the next that dials it. */
function namingNode() {
  const node = startNode({ ownAddresses: [address('ws://192.0.2.1:4001')] })
  const peerAt = (port: number, host = '192.0.2.7') => {
    return identityAt(port, { address: `ws://${host}:${port}` })
  }
  const named = () => {
    const link = node.accepts(
      identityAt(60_000, { address: 'ws://192.0.2.99:60000' }),
      '192.0.2.99',
    )
    const [handshake] = node.handshakes
    node.loses(link, CloseCode.GOING_AWAY)
    return handshake?.addresses.slice(1, -1) ?? []
  }
  return { node, peerAt, named }
}

test('impostors - of the claims of one host so many are named, the others once they are verified', (t) => {
  const { node, peerAt, named } = namingNode()
  const ports = Array.from({ length: NAMED_CLAIMS_PER_HOST_MAX + 1 }, (_, index) => 5_000 + index)
  for (const port of ports) node.accepts(peerAt(port), '192.0.2.7')
  t.is(node.connected.length, NAMED_CLAIMS_PER_HOST_MAX + 1)
  t.deepEqual(named(), node.connected.slice(0, -1))
  node.accepts(peerAt(4_000, '192.0.2.8'), '192.0.2.8')
  t.is(named().length, NAMED_CLAIMS_PER_HOST_MAX + 1, 'another host')
  const last = peerAt(5_000 + NAMED_CLAIMS_PER_HOST_MAX)
  node.reaches(address(last.address), last)
  t.true(named().includes(last.address))
  t.is(named().length, NAMED_CLAIMS_PER_HOST_MAX + 2)
})

test('impostors - all claims of this machine are named', (t) => {
  const { node, peerAt, named } = namingNode()
  for (let port = 5_000; port <= 5_000 + NAMED_CLAIMS_PER_HOST_MAX; port += 1) {
    node.accepts(peerAt(port), '127.0.0.1')
  }
  t.is(named().length, NAMED_CLAIMS_PER_HOST_MAX + 1)
})

test('impostors - a claim is not named after a dial has reached nobody, until one reaches the peer', (t) => {
  const { node, peerAt, named } = namingNode()
  const claimed = address('ws://192.0.2.7:5000')
  const link = node.accepts(peerAt(5_000), '192.0.2.7')
  t.deepEqual(named(), [claimed])
  node.receivesHandshake(link, [claimed])
  node.waits(60_000)
  node.failsToReach(claimed)
  t.deepEqual(node.connected, [claimed])
  t.deepEqual(named(), [])
  node.loses(link)
  node.accepts(peerAt(5_000), '192.0.2.7')
  t.deepEqual(named(), [claimed], 'a new claim')
  node.failsToReach(claimed)
  node.reaches(claimed, peerAt(5_000))
  t.deepEqual(named(), [claimed])
  node.failsToReach(claimed)
  t.deepEqual(named(), [claimed], 'a verified one stays')
})

test('impostors - a claim of this machine is named also after a dial has reached nobody', (t) => {
  const { node, peerAt, named } = namingNode()
  const claimed = address('ws://192.0.2.7:5000')
  node.accepts(peerAt(5_000), '127.0.0.1')
  node.failsToReach(claimed)
  t.deepEqual(named(), [claimed])
})
