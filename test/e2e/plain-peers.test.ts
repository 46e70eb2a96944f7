/**
 * Three nodes of ours and a plain peer, which has two sockets with each of them: one complete mesh,
 * in any start order.
 */

import test, { type ExecutionContext } from 'ava'
import { freePorts } from '../helpers/free-port.ts'
import { connectionsTo } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/**
 * Three pairs of nodes with one connection each, and three pairs of a node and the plain peer with
 * two.
 */
const CONNECTIONS = 3 + 3 * 2

/**
 * A plain peer dials nobody a second time, so somebody has to find it; soon, as there are many
 * orders.
 */
const SETTINGS = { REDIAL_MIN_MS: '20', REDIAL_MAX_MS: '200' }

/** All four know the node A and the plain peer P; B and C are alike, so these are all orders. */
const ORDERS = [
  'ABCP',
  'ABPC',
  'APBC',
  'BACP',
  'BAPC',
  'BCAP',
  'BCPA',
  'BPAC',
  'BPCA',
  'PABC',
  'PBAC',
  'PBCA',
]

/** So many at the same time: each waits for timers more than it computes. */
const LANES = 3

for (let lane = 0; lane < LANES; lane += 1) {
  const orders = ORDERS.filter((_, index) => index % LANES === lane)
  test(`plain peers - are full members of meshes started in the orders ${orders.join()}`, async (t) => {
    for (const order of orders) {
      const { nodes, peer, members } = await createMixedMesh(t)
      for (const name of order) await members[name]?.start()
      await t.notThrowsAsync(waitUntilMixedMeshIsComplete(nodes, peer), order)
      await Promise.all([...nodes.map((node) => node.stop('SIGKILL')), peer.kill()])
    }
  })
}

test.serial('plain peers - are full members of a mesh started at once', async (t) => {
  const { nodes, peer, members } = await createMixedMesh(t)
  await Promise.all(Object.values(members).map((member) => member.start()))
  await t.notThrowsAsync(waitUntilMixedMeshIsComplete(nodes, peer))
})

test.serial('plain peers - are found again after a restart', async (t) => {
  const { nodes, peer, members } = await createMixedMesh(t)
  await Promise.all(Object.values(members).map((member) => member.start()))
  await waitUntilMixedMeshIsComplete(nodes, peer)
  await peer.kill()
  for (const node of nodes) await node.reported('peer-left', { connected: 2 })
  await peer.start()
  await t.notThrowsAsync(waitUntilMixedMeshIsComplete(nodes, peer))
})

test.serial(
  'plain peers - that restart and call are dialed back at once, backoff or not',
  async (t) => {
    const node = await NodeProcess.start(t, { settings: { REDIAL_MIN_MS: '60000' } })
    const peer = await PlainPeer.start(t, { knownPeers: [node.address] })
    await node.reported('peer-joined', { connected: 1 })
    await peer.kill()
    await node.reported('peer-left', { connected: 0 })
    await peer.start()
    await t.notThrowsAsync(
      waitUntil(
        () => node.connected === 1,
        () => node.output,
      ),
    )
  },
)

interface MixedMesh {
  readonly nodes: readonly NodeProcess[]
  readonly peer: PlainPeer
  readonly members: Readonly<Record<string, NodeProcess | PlainPeer>>
}

async function createMixedMesh(t: ExecutionContext): Promise<MixedMesh> {
  const [portA, portB, portC, portP] = await freePorts(t, 4)
  const knownPeers = [portA, portP].map((port) => `ws://localhost:${port}`)
  const [A, B, C] = await Promise.all(
    [portA, portB, portC].map((port = 0) =>
      NodeProcess.create(t, { port, knownPeers, settings: SETTINGS }),
    ),
  )
  const P = await PlainPeer.create(t, { port: portP ?? 0, knownPeers })
  if (!A || !B || !C) throw new Error('three ports make three nodes')
  return { nodes: [A, B, C], peer: P, members: { A, B, C, P } }
}

async function waitUntilMixedMeshIsComplete(
  nodes: readonly NodeProcess[],
  peer: PlainPeer,
): Promise<void> {
  const ports = [...nodes, peer].map(({ port }) => port)
  await waitUntil(
    () =>
      nodes.every((node) => node.connected === 3) &&
      peer.connectedAddresses.length === 3 &&
      connectionsTo(ports) === CONNECTIONS,
    () => {
      const outputs = nodes.map((node) => node.output).join('\n')
      return `${CONNECTIONS} connections, got ${connectionsTo(ports)}; the plain peer is connected to ${peer.connectedAddresses}\n${outputs}`
    },
  )
}
