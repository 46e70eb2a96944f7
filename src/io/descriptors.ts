/**
 * File descriptors: every socket takes one, and their number is limited (`ulimit -n`). A node that
 * has none left keeps its links but gets no new ones, and reports that: nothing else shows it.
 */

import { closeSync, openSync } from 'node:fs'
import { systemCodeOf } from '../errors/system-error.ts'
import { devNull } from '../runtime/on-demand.ts'

/** Whether an error means that this process, or the whole machine, has no file descriptors left. */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'EMFILE' || code === 'ENFILE'
}

/**
 * A file that can always be opened. On Deno it is the program itself, which a node may read; for
 * any other Deno would stop and ask for permission.
 */
let openable = 'deno' in process.versions ? process.argv[1] : undefined

/**
 * Whether this process can open one more file. Costs some 10 µs. For the accepting side, which gets
 * no error: libuv accepts and drops connections that there is no descriptor for. Never throws.
 */
export function hasDescriptors(): boolean {
  try {
    openable ??= devNull()
    closeSync(openSync(openable, 'r'))
    return true
  } catch (error) {
    return !isOutOfDescriptors(error)
  }
}
