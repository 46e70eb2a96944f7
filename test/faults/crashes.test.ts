/**
 * Nodes that die without a goodbye, and nodes that are late: the mesh is complete as soon as they
 * are back.
 */

import test, { type ExecutionContext } from 'ava'
import { freePort } from '../helpers/free-port.ts'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const NODES = 6

/** Who is killed, by index. Everybody knows the first and the last. */
const VICTIMS: readonly (readonly [who: string, indexes: readonly number[]])[] = [
  ['a seed node', [0]],
  ['both seed nodes', [0, NODES - 1]],
  ['half of the mesh', [0, 1, 2]],
  ['all', [0, 1, 2, 3, 4, 5]],
]

for (const [who, indexes] of VICTIMS) {
  test.serial(
    `crashes - the mesh is complete again after kill -9 and restart of ${who}`,
    async (t) => {
      const nodes = await createNodes(t, NODES, { settings: QUICK_TIMINGS })
      await startAll(nodes)
      await waitUntilComplete(nodes)
      const victims = nodes.filter((_, index) => indexes.includes(index))
      const survivors = nodes.filter((node) => !victims.includes(node))
      await Promise.all(victims.map((victim) => victim.stop('SIGKILL')))
      await waitUntilComplete(survivors)
      await startAll(victims)
      await assertComplete(t, nodes)
    },
  )
}

test.serial('crashes - a node that dies again and again is let in every time', async (t) => {
  const nodes = await createNodes(t, 4, { settings: QUICK_TIMINGS })
  await startAll(nodes)
  for (const victim of [nodes[1], nodes[1], nodes[0], nodes[1]]) {
    await waitUntilComplete(nodes)
    await victim?.stop('SIGKILL')
    // At once, while the others may not have noticed yet.
    await victim?.start()
  }
  await assertComplete(t, nodes)
})

test.serial('crashes - nodes whose only known peer comes up last find one another', async (t) => {
  const port = await freePort(t)
  const options = { settings: QUICK_TIMINGS, knownPeers: [`ws://localhost:${port}`] }
  const last = await NodeProcess.create(t, { ...options, port })
  const early = await Promise.all(
    Array.from({ length: NODES - 1 }, () => NodeProcess.start(t, options)),
  )
  await Promise.all(early.map((node) => node.reported('no-answer-yet')))
  t.true(early.every((node) => node.connected === 0))
  await last.start()
  await assertComplete(t, [last, ...early])
})

test.serial('crashes - the seed node can be gone for good once the others have met', async (t) => {
  const nodes = await createNodes(t, 4, { settings: QUICK_TIMINGS })
  await startAll(nodes)
  await waitUntilComplete(nodes)
  const [seed, ...others] = nodes
  await seed?.stop('SIGKILL')
  const [victim] = others
  await victim?.stop('SIGKILL')
  await waitUntil(
    () => others.slice(1).every((node) => node.connected === others.length - 2),
    () => others.map((node) => node.output).join('\n'),
  )
  await victim?.start()
  await assertComplete(t, others)
})

async function startAll(nodes: readonly NodeProcess[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.start()))
}

async function assertComplete(t: ExecutionContext, nodes: readonly NodeProcess[]): Promise<void> {
  await t.notThrowsAsync(waitUntilComplete(nodes))
  assertNoUnhandledErrors(t, nodes)
}
