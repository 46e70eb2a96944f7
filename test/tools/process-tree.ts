/** Which processes run, from the kernel. Linux only. */

import { readdirSync, readFileSync } from 'node:fs'

interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly state: string
}

/** Whether a process runs. A zombie does not run. */
export function isRunning(pid: number): boolean {
  const stat = statOf(pid)
  return stat !== undefined && stat.state !== 'Z'
}

/** The processes that this one has started, and those that they have started, and so on. */
export function descendantsOf(pid: number): readonly number[] {
  const all = readdirSync('/proc').flatMap((name) => statOf(Number(name)) ?? [])
  const childrenOf = (parent: number): readonly number[] =>
    all
      .filter((stat) => stat.parent === parent)
      .flatMap((stat) => [stat.pid, ...childrenOf(stat.pid)])
  return childrenOf(pid)
}

/** The words that a process was started with; none when it has ended meanwhile. */
export function commandOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
  } catch {
    return []
  }
}

function statOf(pid: number): ProcessStat | undefined {
  if (!Number.isInteger(pid)) return undefined
  try {
    // proc(5): `pid (name) state parent …`, and the name may have spaces and parentheses in it.
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(parent), state }
  } catch {
    // Ended meanwhile.
    return undefined
  }
}
