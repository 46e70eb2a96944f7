/** Nodes of a program that find each other on the loopback interface, by real multicast. */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { MeshNode } from '../../src/node/mesh-node.ts'
import type { MeshNodeOptions } from '../../src/node/options.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** The group and the port are those of all tests of this machine, so each has a mesh of its own. */
type Options = Omit<MeshNodeOptions, 'port'>

/** Two nodes that have started and found each other. */
async function pairOf(
  t: ExecutionContext,
  ...options: readonly [Options, Options]
): Promise<readonly [MeshNode, MeshNode]> {
  const nodeFor = (own: Options): MeshNode => {
    const node = new MeshNode({ port: 0, knownPeers: ['lan'], ...own })
    t.teardown(() => node.stop())
    return node
  }
  const pair = [nodeFor(options[0]), nodeFor(options[1])] as const
  const ups = pair.map((node) => once(node, 'peer-up'))
  for (const node of pair) await node.start()
  await Promise.all(ups)
  return pair
}

test('lan - nodes of one machine find each other, and forget the LAN again', async (t) => {
  const mesh = `lan-${process.pid}`
  const [one, two] = await pairOf(t, { mesh }, { mesh })
  t.deepEqual(one.connectedAddresses, [two.address])
  t.true(one.complete)
  t.deepEqual(one.knownPeers, ['lan'])
  t.true(one.forget('lan'))
  t.deepEqual(one.knownPeers, [])
  one.addPeer('lan')
  t.deepEqual(one.connectedAddresses, [two.address])
})

test('lan - a secret keeps others out, unless its mode is accept', async (t) => {
  const mesh = `lan-and-secret-${process.pid}`
  const secret = `fm1_${'s'.repeat(43)}`
  const [one, two] = await pairOf(t, { mesh }, { mesh, secret, secretMode: 'accept' })
  const [three] = await pairOf(t, { mesh, secret }, { mesh, secret })
  const counts = () => [two, three].map((node) => node.connectedAddresses.length)
  await waitUntil(
    () => counts().join() === '3,2',
    () => `connected to each other, ${counts()}`,
  )
  t.deepEqual(one.connectedAddresses, [two.address])
})
