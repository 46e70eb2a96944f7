/**
 * Nodes that stand still and go on, as under SIGSTOP, in a suspended machine, or on a host without
 * CPU to spare.
 */

import test, { type ExecutionContext } from 'ava'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import type { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const NODES = 5

/** Who is stopped, by index. Everybody knows the first and the last. */
const FROZEN: readonly (readonly [who: string, indexes: readonly number[]])[] = [
  ['a seed node', [0]],
  ['a node that nobody knows', [2]],
  ['all but two', [0, 2, 3]],
]

for (const [who, indexes] of FROZEN) {
  test.serial(`freezes - ${who}, stopped until it is dropped, is back after SIGCONT`, async (t) => {
    const { nodes, frozen, awake } = await meshWithFrozen(t, indexes)
    await waitUntil(
      () => awake.every((node) => node.connected === awake.length - 1),
      () => `the frozen are dropped\n${awake.map((node) => node.output).join('\n')}`,
    )
    const ending = { by: 'us', code: 4005, reason: 'silent for too long' } as const
    for (const node of awake) await node.reported('peer-left', { ending })
    for (const node of frozen) node.signal('SIGCONT')
    await t.notThrowsAsync(waitUntilComplete(nodes))
    assertNoUnhandledErrors(t, nodes)
  })
}

test.serial('freezes - nodes that were all stopped for long keep their connections', async (t) => {
  const { nodes, frozen } = await meshWithFrozen(t, [0, 1, 2, 3, 4])
  const stoppedMs = performance.now()
  const silentMs = Number(QUICK_TIMINGS.SILENT_AFTER_MS)
  // Nobody is awake to say that the time has come, so the clock has to.
  await waitUntil(
    () => performance.now() - stoppedMs > 2 * silentMs,
    () => 'twice the time after which a silent link is given up',
  )
  for (const node of frozen) node.signal('SIGCONT')
  await t.notThrowsAsync(waitUntilComplete(nodes))
  for (const node of nodes) t.deepEqual(node.eventsOf('peer-left'), [])
  assertNoUnhandledErrors(t, nodes)
})

interface HalfFrozenMesh {
  readonly nodes: readonly NodeProcess[]
  readonly frozen: readonly NodeProcess[]
  readonly awake: readonly NodeProcess[]
}

/** A complete mesh, some nodes of which were just stopped. */
async function meshWithFrozen(
  t: ExecutionContext,
  indexes: readonly number[],
): Promise<HalfFrozenMesh> {
  const nodes = await createNodes(t, NODES, { settings: QUICK_TIMINGS })
  await Promise.all(nodes.map((node) => node.start()))
  await waitUntilComplete(nodes)
  const frozen = nodes.filter((_, index) => indexes.includes(index))
  for (const node of frozen) node.signal('SIGSTOP')
  return { nodes, frozen, awake: nodes.filter((node) => !frozen.includes(node)) }
}
