/** Networks that fail, each in network namespaces of its own. */

import test, { type ExecutionContext } from 'ava'
import { type Host, Lan } from '../helpers/lan.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { isRetransmitting } from '../helpers/socket-table.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001

/**
 * Time for a few dials that fail, one after the other, on a network that loses packets. Below ava's
 * timeout.
 */
const LOSSY_MS_MAX = 50_000

test.serial('network - the hosts of these tests have no route out', (t) => {
  const lan = Lan.create(t, 1)
  for (const host of lan.hosts) {
    t.regex(lan.routesOf(host), /^10\.77\.0\.0\/24 dev lan /)
    t.notRegex(lan.routesOf(host), /default|via/)
  }
})

test.serial('network - nodes on hosts of their own become complete', async (t) => {
  const lan = Lan.create(t, 4)
  const nodes = await startNodes(t, lan.hosts)
  await assertComplete(t, nodes)
})

test.serial('network - a mesh in two halves is one again when the partition is over', async (t) => {
  const lan = Lan.create(t, 6)
  const nodes = await startNodes(t, lan.hosts)
  await waitUntilComplete(nodes)
  const [here, there] = [nodes.slice(0, 3), nodes.slice(3)]
  lan.cutOff(lan.hosts.slice(3))
  // The links across have died when each half counts only itself.
  await waitUntilComplete(here)
  await waitUntilComplete(there)
  lan.heal()
  await assertComplete(t, nodes)
})

test.serial(
  'network - a node that comes up behind a partition joins when it is over',
  async (t) => {
    const lan = Lan.create(t, 4)
    lan.cutOff(lan.hosts.slice(3))
    const nodes = await startNodes(t, lan.hosts)
    await waitUntilComplete(nodes.slice(0, 3))
    await nodes[3]?.reported('no-answer-yet')
    lan.heal()
    await assertComplete(t, nodes)
  },
)

test.serial('network - a partition that is over before a link dies costs no link', async (t) => {
  const lan = Lan.create(t, 3)
  const nodes = await startNodes(t, lan.hosts, { PING_AFTER_MS: '200', SILENT_AFTER_MS: '30000' })
  await waitUntilComplete(nodes)
  lan.cutOff(lan.hosts.slice(0, 1))
  await waitUntil(
    () => nodes.every((node) => isRetransmitting(node.pid)),
    () => 'the partition is felt by every host',
  )
  lan.heal()
  await assertComplete(t, nodes)
  for (const node of nodes) t.deepEqual(node.eventsOf('peer-left'), [])
})

test.serial('network - a mesh becomes complete while 20 % of all packets are lost', async (t) => {
  const lan = Lan.create(t, 5)
  lan.losePackets(20)
  // Patience as by default: a lost SYN alone costs a second (RFC 6298 §2).
  const patience = {
    DIAL_TIMEOUT_MS: '5000',
    HANDSHAKE_TIMEOUT_MS: '6000',
    SILENT_AFTER_MS: '45000',
  }
  const nodes = await startNodes(t, lan.hosts, patience)
  await t.notThrowsAsync(waitUntilComplete(nodes, LOSSY_MS_MAX))
  t.true(lan.lostPackets > 0)
  assertNoUnhandledErrors(t, nodes)
})

/** A node on each host. All know the first and the last. */
async function startNodes(
  t: ExecutionContext,
  hosts: readonly Host[],
  settings: Readonly<Record<string, string>> = {},
): Promise<readonly NodeProcess[]> {
  const addresses = hosts.map(({ ip }) => `ws://${ip}:${PORT}`)
  const knownPeers = [addresses.at(0) ?? '', addresses.at(-1) ?? '']
  return Promise.all(
    hosts.map(({ ip, runtime }) =>
      NodeProcess.start(t, {
        port: PORT,
        knownPeers,
        runtime,
        settings: { ADDRESS: `ws://${ip}:${PORT}`, ...QUICK_TIMINGS, ...settings },
      }),
    ),
  )
}

async function assertComplete(t: ExecutionContext, nodes: readonly NodeProcess[]): Promise<void> {
  await t.notThrowsAsync(waitUntilComplete(nodes))
  assertNoUnhandledErrors(t, nodes)
}
