/** What a process costs, as the kernel accounts for it. Linux only. */

import { readdirSync, readFileSync } from 'node:fs'

/** The costs of a process since it started. */
export interface ProcessCost {
  /** CPU time of all its threads that still run. */
  readonly cpuSeconds: number
  /** How often a thread went to sleep of its own accord, and so had to be woken. */
  readonly wakeUps: number
}

/** The memory of a process, in bytes. */
export interface ProcessMemory {
  /** All its pages in memory, those included that it shares with other processes. */
  readonly rss: number
  /** The same, with each shared page divided by the number of those who share it. */
  readonly pss: number
}

/**
 * The costs of a process. Read from each thread's schedstat, in nanoseconds: /proc/PID/stat has
 * hundredths of a second, cut off, which for an idle process would be all there is.
 */
export function costOf(pid: number): ProcessCost {
  const tasks = `/proc/${pid}/task`
  let cpuNs = 0
  let wakeUps = 0
  for (const task of readdirSync(tasks)) {
    cpuNs += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0])
    wakeUps += fieldIn(readFileSync(`${tasks}/${task}/status`, 'utf8'), 'voluntary_ctxt_switches')
  }
  return { cpuSeconds: cpuNs / 1e9, wakeUps }
}

/** The costs of several processes together. */
export function costOfAll(pids: readonly number[]): ProcessCost {
  const costs = pids.map(costOf)
  return {
    cpuSeconds: costs.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    wakeUps: costs.reduce((sum, { wakeUps }) => sum + wakeUps, 0),
  }
}

/** The memory of a process. */
export function memoryOf(pid: number): ProcessMemory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return { rss: fieldIn(rollup, 'Rss') * 1024, pss: fieldIn(rollup, 'Pss') * 1024 }
}

/**
 * The number of a line such as `Pss:   1234 kB`.
 *
 * @throws {Error} when there is no such line
 */
export function fieldIn(text: string, name: string): number {
  const number = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1]
  if (number === undefined) throw new Error(`the kernel has no ${name}`)
  return Number(number)
}
