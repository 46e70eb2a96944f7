/** On what the bench runs, and whether it has that for itself. Linux only. */

import { readFileSync } from 'node:fs'
import { availableParallelism, release, totalmem } from 'node:os'
import { fieldIn } from './kernel/process-stats.ts'

/** Printed with every figure. */
export interface Machine {
  readonly cores: number
  readonly memoryGibibytes: number
  readonly kernel: string
  readonly node: string
  /**
   * How many cores others kept busy in the second before the section began. Not the load average,
   * which holds what the section before has done.
   */
  readonly loadAtStart: number
}

/** Above this, other processes change figures in seconds. */
const QUIET_LOAD_MAX = 0.3

/** How long is looked what others do. */
const LOOK_MS = 1000

/** The kernel counts busy and idle time of cores in these (proc(5)). */
const TICKS_PER_SECOND = 100

/** Libraries, pipes, and the files that Node itself opens. */
const OTHER_FILES = 100

/** What a node may take at most, of all systems that complete a large mesh. */
const NODE_MEBIBYTES = 90

/** Looks at the machine. */
export function machineNow(): Machine {
  return {
    cores: availableParallelism(),
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    loadAtStart: busyCores(),
  }
}

function busyCores(): number {
  const before = busyTicks()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS)
  return (1000 * (busyTicks() - before)) / TICKS_PER_SECOND / LOOK_MS
}

/** Of all cores together: time for users, nice ones, the kernel, interrupts, and stolen time. */
function busyTicks(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] =
    /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? []
  return user + nice + system + irq + softirq + stolen
}

export function isQuiet({ loadAtStart }: Machine): boolean {
  return loadAtStart <= QUIET_LOAD_MAX
}

/** Why a mesh of this size cannot be tried here; undefined when it can. */
export function obstacleTo(nodes: number): string | undefined {
  // Two connections for each other node, where a system makes so many.
  const filesNeeded = 2 * nodes + OTHER_FILES
  const files = filesMax(readFileSync('/proc/self/limits', 'utf8'))
  if (files < filesNeeded) return `ulimit -Hn is ${files}, and ${nodes} nodes need ${filesNeeded}`
  const mebibytes = fieldIn(readFileSync('/proc/meminfo', 'utf8'), 'MemAvailable') / 1024
  const needed = nodes * NODE_MEBIBYTES
  if (mebibytes >= needed) return undefined
  return `${Math.round(mebibytes)} MiB are available, and ${nodes} nodes may need ${needed}`
}

/** Node raises the soft limit to the hard one when it starts. */
function filesMax(limits: string): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard)
}
