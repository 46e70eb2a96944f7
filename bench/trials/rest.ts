/** The cost of a complete mesh at rest. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../cluster.ts'
import { networkCounters } from '../kernel/counters.ts'
import { costOfAll } from '../kernel/process-stats.ts'
import { notComplete } from './formation.ts'
import type { TrialKind, TrialResult } from './trial.ts'

type RestOptions = Extract<TrialKind, { kind: 'rest' }>

/** Forms the mesh, lets it settle, and watches it. */
export async function rest(
  cluster: Cluster,
  limitSeconds: number,
  { settleSeconds, seconds }: RestOptions,
): Promise<TrialResult> {
  const deadlineMs = performance.now() + 1000 * limitSeconds
  await cluster.start(cluster.indices)
  const { dialsBothWays } = cluster.system
  if (!(await cluster.untilComplete(deadlineMs, dialsBothWays))) return notComplete(cluster)
  await delay(1000 * settleSeconds)
  const cost = costOfAll(cluster.pids)
  const { bytes, dials } = networkCounters()
  const startedMs = performance.now()
  await delay(1000 * seconds)
  const minutes = (performance.now() - startedMs) / 60_000
  const costAfter = costOfAll(cluster.pids)
  const countersAfter = networkCounters()
  const nodes = cluster.indices.length
  const cpuSeconds = (costAfter.cpuSeconds - cost.cpuSeconds) / minutes
  return {
    kind: 'figures',
    figures: {
      cpuSecondsPerMinute: cpuSeconds,
      corePercentPerNode: (100 * cpuSeconds) / 60 / nodes,
      wakeUpsPerNodeMinute: (costAfter.wakeUps - cost.wakeUps) / minutes / nodes,
      bytesPerNodeMinute: (countersAfter.bytes - bytes) / minutes / nodes,
      dialsPerMinute: (countersAfter.dials - dials) / minutes,
    },
  }
}
