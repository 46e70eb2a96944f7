/** The secret of a node of the library: the option, and another one while the node runs. */

import test from 'ava'
import type { LogLine } from '../../src/log/log-messages.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { freePorts } from '../helpers/free-port.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const OTHER = `fm1_${'o'.repeat(43)}`

test('node secret - another one that is wrong is refused, and the old one stays', async (t) => {
  const [port = 0, other = 0] = await freePorts(t, 2)
  const node = new MeshNode({ port, secret: SECRET })
  const lines: LogLine[] = []
  node.on('log', (line) => lines.push(line))
  t.teardown(() => node.stop())
  await node.start()
  throwsNodeError(t, () => node.replaceSecret('short'), 'CONFIG_SECRET_INVALID', 'option secret')
  throwsNodeError(t, () => node.replaceSecret(''), 'CONFIG_SECRET_INVALID', 'no secret in it')
  const none = undefined as unknown as string
  throwsNodeError(t, () => node.replaceSecret(none), 'CONFIG_SECRET_INVALID', 'undefined')
  const peer = new MeshNode({ port: other, secret: SECRET, knownPeers: [node.address] })
  t.teardown(() => peer.stop())
  await peer.start()
  await waitUntil(
    () => node.connectedAddresses.length === 1,
    () => 'a peer with the old secret',
  )
  const used = lines.filter(({ text }) => text.startsWith('the secret is key '))
  t.is(used.length, 1)
})

test('node secret - links of one that is withdrawn end, and the peer stays outside', async (t) => {
  const [port = 0, other = 0] = await freePorts(t, 2)
  const node = new MeshNode({ port, secret: SECRET })
  const peer = new MeshNode({ port: other, secret: SECRET, knownPeers: [node.address] })
  t.teardown(() => Promise.all([node.stop(), peer.stop()]))
  await node.start()
  await peer.start()
  await waitUntil(
    () => node.connectedAddresses.length === 1,
    () => 'a peer',
  )
  const reasons: string[] = []
  const problems: string[] = []
  peer.on('peer-down', (_peer, { code, reason }) => reasons.push(`${code} ${reason}`))
  peer.on('event', (event) => {
    if (event.kind === 'secret-problem') problems.push(event.problem)
  })
  node.replaceSecret(OTHER)
  await waitUntil(
    () => problems.includes('differs'),
    () => `a dial in vain, got ${reasons}`,
  )
  t.deepEqual(reasons, ['4010 secret was withdrawn'])
  t.deepEqual(node.connectedAddresses, [])
})

test('node secret - cannot be added to a node that was made without one', async (t) => {
  const [port = 0] = await freePorts(t, 1)
  const node = new MeshNode({ port })
  t.throws(() => node.replaceSecret(SECRET), { message: /made without a secret/ })
})
