/** Nodes are killed with kill -9 and started again at once; how long until all is as before. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../cluster.ts'
import { networkCounters } from '../kernel/counters.ts'
import { costOf } from '../kernel/process-stats.ts'
import { notComplete } from './formation.ts'
import type { TrialResult, Victims } from './trial.ts'

/** Whatever follows a formation is over by then. */
const SETTLE_MS = 3000

/** Forms the mesh, kills some of it, and measures the way back. */
export async function rejoin(
  cluster: Cluster,
  limitSeconds: number,
  victims: Victims,
): Promise<TrialResult> {
  const limitMs = 1000 * limitSeconds
  const { dialsBothWays } = cluster.system
  const formedByMs = performance.now() + limitMs
  await cluster.start(cluster.indices)
  if (!(await cluster.untilComplete(formedByMs, dialsBothWays))) return notComplete(cluster)
  await delay(SETTLE_MS)

  const chosen = chosenFrom(cluster.indices, victims)
  const survivors = cluster.indices.filter((index) => !chosen.includes(index))
  const cpuOf = (indices: readonly number[]) =>
    indices.reduce((sum, index) => sum + costOf(cluster.pids[index] ?? 0).cpuSeconds, 0)
  const cpuBefore = cpuOf(survivors)
  const before = networkCounters()
  const killedMs = performance.now()
  await cluster.kill(chosen)
  const deadlineMs = performance.now() + limitMs
  await cluster.start(chosen)
  const complete = await cluster.untilComplete(deadlineMs)
  if (complete === undefined) return notComplete(cluster)
  const { dials, refusedDials } = networkCounters()
  return {
    kind: 'figures',
    figures: {
      seconds: (complete.atMs - killedMs) / 1000,
      cpuSeconds: cpuOf(cluster.indices) - cpuBefore,
      dials: dials - before.dials,
      refusedDials: refusedDials - before.refusedDials,
      killed: chosen.length,
    },
  }
}

/** The first and the third are the seeds; of the others, one in the middle is as good as any. */
function chosenFrom(indices: readonly number[], victims: Victims): readonly number[] {
  switch (victims) {
    case 'one':
      return indices.slice(Math.floor(indices.length / 2)).slice(0, 1)
    case 'seed':
      return indices.slice(0, 1)
    case 'half':
      return indices.filter((index) => index % 2 === 1)
    default:
      return victims satisfies never
  }
}
