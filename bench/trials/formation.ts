/** All nodes are started at once; how long until every pair is connected, and what it costs. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../cluster.ts'
import { networkCounters } from '../kernel/counters.ts'
import { costOfAll, memoryOf } from '../kernel/process-stats.ts'
import { median } from '../statistics.ts'
import type { TrialResult } from './trial.ts'

/** Longer than Fullmesh takes to settle duplicates, DUPLICATE_PROBE_MS. */
const SETTLE_MS = 2500

/** Forms the mesh, and counts. */
export async function formation(cluster: Cluster, limitSeconds: number): Promise<TrialResult> {
  const startedMs = performance.now()
  const ownCpu = process.cpuUsage()
  const before = networkCounters()
  const deadlineMs = startedMs + 1000 * limitSeconds
  await cluster.start(cluster.indices)
  const complete = await cluster.untilComplete(deadlineMs)
  const { cpuSeconds } = costOfAll(cluster.pids)
  if (complete === undefined) return notComplete(cluster)
  const whole = cluster.system.dialsBothWays
    ? await cluster.untilComplete(deadlineMs, true)
    : complete
  const wholeCpuSeconds = costOfAll(cluster.pids).cpuSeconds
  const { user, system } = process.cpuUsage(ownCpu)
  const { bytes, dials, refusedDials } = networkCounters()
  await delay(SETTLE_MS)
  const { count } = cluster.look()
  const memories = cluster.pids.map(memoryOf)
  return {
    kind: 'figures',
    figures: {
      seconds: (complete.atMs - startedMs) / 1000,
      ...(whole && { wholeSeconds: (whole.atMs - startedMs) / 1000 }),
      cpuSeconds,
      wholeCpuSeconds,
      connections: count,
      dials: dials - before.dials,
      wastedDials: dials - before.dials - count,
      refusedDials: refusedDials - before.refusedDials,
      mebibytes: (bytes - before.bytes) / 2 ** 20,
      rssMebibytes: median(memories.map(({ rss }) => rss)) / 2 ** 20,
      pssMebibytes: median(memories.map(({ pss }) => pss)) / 2 ** 20,
      observerCpuSeconds: (user + system) / 1e6,
    },
  }
}

/** The error for a mesh that was not complete in time. */
export function notComplete(cluster: Cluster): TrialResult {
  cluster.freeze()
  const nodes = cluster.indices.length
  const pairs = (nodes * (nodes - 1)) / 2
  return { kind: 'not-complete', connectedShare: cluster.look().pairs / pairs }
}
