/** The errors of DATA, each with what an operator or a program does about it. */

import { NodeError } from '../errors/node-error.ts'
import { refusalOf, systemCodeOf } from '../errors/system-error.ts'
import { dataFailureText } from '../log/write-failure.ts'

export function dataInUse(folder: string, pid: number): NodeError {
  const message = `${folder} is the DATA of another node, process ${pid}; stop that one, or set DATA to another folder (or delete the file lock in it, if no node is that process)`
  // That node may end by itself.
  return new NodeError('DATA_IN_USE', message, { exitCode: 1 })
}

/** @throws {NodeError} RUNTIME_… when the process lacks what every node needs */
export function notWritable(folder: string, cause: unknown): NodeError {
  const refusal = refusalOf(cause)
  const message = `${folder} cannot be written (${refusal}); let the user that runs the node write it, free the disk, or set DATA to another folder`
  // A disk can be free again without a change of the configuration.
  const exitCode = refusal === 'ENOSPC' || refusal === 'EDQUOT' ? 1 : 2
  return new NodeError('DATA_NOT_WRITABLE', message, { exitCode, cause })
}

export function dataFailed(folder: string, cause: unknown): NodeError {
  const message = dataFailureText(folder, reasonOf(cause))
  return new NodeError('DATA_FAILED', message, { exitCode: 1, cause })
}

/** While the node runs nothing of it ends the process, also when no descriptor is left. */
export function reasonOf(cause: unknown): string {
  return systemCodeOf(cause) ?? String(cause)
}

/** A file cannot be read at the moment. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
}

/** What goes away by itself, or by a change of rights: the bytes of the file are not damaged. */
const MOMENTARY: ReadonlySet<string> = new Set([
  'EACCES',
  'EAGAIN',
  'EBUSY',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EPERM',
])

export function isMomentary(cause: unknown): boolean {
  return MOMENTARY.has(systemCodeOf(cause) ?? '')
}
