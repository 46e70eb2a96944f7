/** Creates the files of a node's folder, and never changes one that is there. */

import { rmSync, writeFileSync } from 'node:fs'
import { systemCodeOf } from '../errors/system-error.ts'

/**
 * Creates a file unless there is one of that name, and gives whether it did.
 *
 * @throws what the system says when it refuses; nothing of the file stays then
 */
export function createFile(file: string, text: string, mode?: number): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode })
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    // A full disk leaves an empty one, which the next try would take for the operator's.
    rmSync(file, { force: true })
    throw error
  }
}
