/**
 * File descriptors: every socket is one, and a process may have only so many (`ulimit -n`). A node
 * that has used them up keeps its links but gets no new ones, and looks well from outside; so it
 * has to say so.
 */

import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'
import { systemCodeOf } from '../errors/system-error.ts'

/** Whether the error says that this process, or the whole machine, has no file descriptors left. */
export function saysNoDescriptors(error: unknown): boolean {
  const code = systemCodeOf(error)
  return code === 'EMFILE' || code === 'ENFILE'
}

/**
 * Something that can always be opened. On Deno that is the program itself, which a node is allowed
 * to read; to ask for anything else would stop it until somebody at the terminal has answered.
 */
const PROBE = 'deno' in process.versions ? (process.argv[1] ?? devNull) : devNull

/**
 * Whether this process could open one more file. Costs some 10 µs. For the accepting side, which
 * hears nothing else: libuv accepts and drops the connections that there is no descriptor for, and
 * tells nobody. Never throws.
 */
export function hasDescriptors(): boolean {
  try {
    closeSync(openSync(PROBE, 'r'))
    return true
  } catch (error) {
    return !saysNoDescriptors(error)
  }
}
