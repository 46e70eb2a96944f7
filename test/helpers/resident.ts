/** What the kernel holds in memory for a process. Linux only. */

import { readFileSync } from 'node:fs'

/** @param pid of a process that runs */
export function residentMibOf({ pid }: { readonly pid: number }): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib) / 1024)
}
