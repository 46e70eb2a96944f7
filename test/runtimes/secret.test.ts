/**
 * A mesh with a secret on every runtime: each proves it to all others, with and without TLS, and
 * lets no one else in. authority.test.ts has both orders over TLS.
 */

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { FETCH_MS, RUNTIME_NAMES, runtimeCalled } from './runtimes.ts'

/** One that was drawn, and one that somebody made up, which takes another way to its key. */
const SECRETS = [
  `fm1_${'S'.repeat(43)}`,
  'a secret that somebody has made up for this mesh',
] as const

test.before('fetches the runtimes of a mesh with a secret', async (t) => {
  t.timeout(FETCH_MS)
  for (const name of RUNTIME_NAMES) t.truthy(await runtimeCalled(name))
})

const SCHEMES = ['ws', 'wss'] as const

for (const [index, scheme] of SCHEMES.entries()) {
  const secret = SECRETS[index] ?? ''
  test.serial(
    `runtimes - prove the secret ${index + 1} to each other over ${scheme}, and refuse another one`,
    async (t) => {
      // Whoever comes later dials: in the other order each dials whom it accepted before.
      const order = index === 0 ? RUNTIME_NAMES : [...RUNTIME_NAMES].reverse()
      const ports = await freePorts(t, order.length)
      const knownPeers = ports.map((port) => `${scheme}://localhost:${port}`)
      const nodes: NodeProcess[] = []
      for (const [at, name] of order.entries()) {
        const runtime = await runtimeCalled(name)
        const port = ports[at] ?? 0
        const settings = { ADDRESS: `${scheme}://localhost:${port}` }
        const node = await NodeProcess.create(t, { port, knownPeers, runtime, settings })
        setSecret(node, secret)
        await node.start()
        nodes.push(node)
        await waitUntilComplete(nodes)
      }
      const stranger = await NodeProcess.create(t, { knownPeers })
      setSecret(stranger, SECRETS[1 - index] ?? '')
      await stranger.start()
      for (const { address } of nodes) {
        await stranger.reported('secret-problem', { peer: address, problem: 'differs' })
      }
      t.is(stranger.connected, 0)
      for (const node of nodes) t.is((await node.stop()).code, 0)
      assertNoUnhandledErrors(t, nodes)
    },
  )
}

function setSecret({ folder }: NodeProcess, secret: string): void {
  writeFileSync(join(folder, 'secret'), `${secret}\n`)
  chmodSync(join(folder, 'secret'), 0o600)
}
