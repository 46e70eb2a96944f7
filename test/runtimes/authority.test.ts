/** Certificates of an authority on every runtime: each proves its own to all others. */

import test from 'ava'
import { AUTHORITY, FIRST, SECOND } from '../helpers/authority.ts'
import { refusal } from '../helpers/caller.ts'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { FETCH_MS, RUNTIME_NAMES, runtimeCalled } from './runtimes.ts'

test.before('fetches the runtimes of a mesh with an authority', async (t) => {
  t.timeout(FETCH_MS)
  for (const name of RUNTIME_NAMES) t.truthy(await runtimeCalled(name))
})

// Whoever comes later dials: in the other order each dials whom it accepted before.
for (const order of [RUNTIME_NAMES, [...RUNTIME_NAMES].reverse()]) {
  test.serial(`runtimes - ${order[0]} first: certificates of an authority connect`, async (t) => {
    const ports = await freePorts(t, order.length)
    const knownPeers = ports.map((port) => `wss://localhost:${port}`)
    const nodes: NodeProcess[] = []
    for (const [at, name] of order.entries()) {
      const runtime = await runtimeCalled(name)
      const port = ports[at] ?? 0
      const { cert, key } = at % 2 === 0 ? FIRST : SECOND
      const files = { 'cert.pem': cert, 'key.pem': key, 'ca.pem': AUTHORITY }
      const settings = {
        ADDRESS: `wss://localhost:${port}`,
        TLS_CERT: 'cert.pem',
        TLS_KEY: 'key.pem',
        TLS_CA: 'ca.pem',
      }
      const node = await NodeProcess.create(t, { port, knownPeers, runtime, settings, files })
      await node.start()
      nodes.push(node)
      await waitUntilComplete(nodes)
    }
    for (const { address } of nodes) {
      t.is(await refusal(t, address, { rejectUnauthorized: false }), 401, address)
    }
    for (const node of nodes) t.is((await node.stop()).code, 0)
    assertNoUnhandledErrors(t, nodes)
  })
}
