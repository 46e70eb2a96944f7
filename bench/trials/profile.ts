/**
 * A formation that is profiled: where the CPU time of a node goes. Some nodes write a profile when
 * they end; the shares of its samples are shares of the CPU time that the kernel counts.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cluster } from '../cluster.ts'
import { type CpuProfile, modulesOf, PARTS, type Part, samplesByPart } from '../cpu-profile.ts'
import { costOfAll } from '../kernel/process-stats.ts'
import { notComplete } from './formation.ts'
import type { TrialResult } from './trial.ts'

/** One node of so many writes a profile: to write them takes time, too. */
const PROFILED_EACH = 5

/** Flags of Node, for those nodes. */
export function profileFlags(index: number): readonly string[] {
  return index % PROFILED_EACH === PROFILED_EACH - 1
    ? ['--cpu-prof', '--cpu-prof-name=profile.json', '--cpu-prof-interval=500']
    : []
}

/** Forms the mesh, and reads the profiles. */
export async function profile(cluster: Cluster, limitSeconds: number): Promise<TrialResult> {
  const deadlineMs = performance.now() + 1000 * limitSeconds
  await cluster.start(cluster.indices)
  const { dialsBothWays } = cluster.system
  if (!(await cluster.untilComplete(deadlineMs, dialsBothWays))) return notComplete(cluster)
  const { cpuSeconds } = costOfAll(cluster.pids)
  const milliseconds = (1000 * cpuSeconds) / cluster.indices.length
  const samples = new Map<Part, number>()
  for (const index of cluster.indices.filter((one) => profileFlags(one).length > 0)) {
    await cluster.end(index)
    const { folder, bundle } = cluster.filesOf(index)
    const modules = modulesOf(readFileSync(bundle, 'utf8'))
    const file = readdirSync(folder).find((name) => name === 'profile.json')
    if (file === undefined) return { kind: 'left-out', reason: 'a node wrote no profile' }
    const written: CpuProfile = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    for (const [part, count] of samplesByPart(written, modules)) {
      samples.set(part, (samples.get(part) ?? 0) + count)
    }
  }
  const all = [...samples.values()].reduce((sum, count) => sum + count, 0)
  const shares = PARTS.map((part) => [part, (milliseconds * (samples.get(part) ?? 0)) / all])
  return {
    kind: 'figures',
    figures: { cpuMilliseconds: milliseconds, ...Object.fromEntries(shares) },
  }
}
