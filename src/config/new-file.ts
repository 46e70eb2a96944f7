/** Creates the files of a node's folder, and never changes one that is there. */

import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf, systemCodeOf } from '../errors/system-error.ts'
import { fixOfWrite } from '../log/write-failure.ts'

/**
 * Creates a file unless there is one of that name, and gives whether it did.
 *
 * @throws what the system says when it refuses; nothing of the file stays then
 */
export function createFile(file: string, text: string, mode?: number): boolean {
  const descriptor = openNew(file, mode)
  if (descriptor === undefined) return false
  try {
    try {
      writeFileSync(descriptor, text)
    } finally {
      closeSync(descriptor)
    }
    return true
  } catch (error) {
    // A full disk leaves an empty one, which the next try would take for the operator's.
    rmSync(file, { force: true })
    throw error
  }
}

/** Undefined when a file of that name exists. EMFILE does not tell whether one does. */
function openNew(file: string, mode: number | undefined): number | undefined {
  try {
    return openSync(file, 'wx', mode)
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return undefined
    throw error
  }
}

/**
 * What an operator is told when {@link createFile} threw.
 *
 * @throws {NodeError} RUNTIME_… when the process lacks what every node needs
 */
export function notCreated(
  code: 'INIT_FILE_NOT_CREATED' | 'SECRET_FILE_NOT_CREATED',
  file: string,
  cause: unknown,
): NodeError {
  const refusal = refusalOf(cause)
  const fix = fixOfWrite(refusal) ?? 'let this user write there'
  const message = `${file} cannot be created (${refusal}); ${fix}, or create it yourself`
  return new NodeError(code, message, { cause })
}
