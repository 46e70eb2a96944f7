/** Node, Bun and Deno find each other on a network by multicast. They take seconds to start. */

import test from 'ava'
import { type Host, Lan } from '../helpers/lan.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { FETCH_MS, type RuntimeName, runtimeCalled } from './runtimes.ts'

const NAMES: readonly RuntimeName[] = ['Node 20', 'Bun 1', 'Deno 2']
const PORT = 4001
const SECRET = 'a secret of more than 32 characters, the first'

/** `ip netns exec NAMESPACE`, then the words of the runtime. */
function runtimeOn({ runtime: [program, ...words] }: Host, runtime: Runtime): Runtime {
  return [program, ...words.slice(0, -1), ...runtime]
}

test('runtimes - find each other by lan, those with ADDRESS and those without', async (t) => {
  t.timeout(FETCH_MS)
  const { hosts } = Lan.create(t, NAMES.length)
  const nodes = await Promise.all(
    hosts.map(async (host, index) => {
      const name = NAMES[index] ?? 'Node 20'
      const runtime = runtimeOn(host, await runtimeCalled(name))
      // Deno does not tell the IPs of a machine.
      const address: Record<string, string> =
        name === 'Deno 2' ? { ADDRESS: `ws://${host.ip}:${PORT}` } : {}
      const settings = { SECRET, ...address, LOG_LEVEL: 'debug', ...QUICK_TIMINGS }
      return NodeProcess.create(t, { port: PORT, knownPeers: ['lan'], runtime, settings })
    }),
  )
  await Promise.all(nodes.map((node) => node.start()))
  await t.notThrowsAsync(waitUntilComplete(nodes))
  // Each one receives what another one announces, and not only dials of those that do.
  const named = { source: 'lan', problem: undefined }
  await t.notThrowsAsync(Promise.all(nodes.map((node) => node.reported('source-answered', named))))
  for (const node of nodes) t.is((await node.stop()).code, 0)
  assertNoUnhandledErrors(t, nodes)
})
