/** `secret`: draws a secret for a mesh, and prints it or writes the file that a node reads. */

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assertFolder } from '../config/config.ts'
import { SECRET_FILE_NAME } from '../config/secrets.ts'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf } from '../errors/system-error.ts'

/** A new secret of 256 random bits, which nobody can guess. */
export function drawSecret(): string {
  return `fm1_${randomBytes(32).toString('base64url')}`
}

/**
 * Creates the file `secret` of a node's folder unless there is one, and gives a line about it,
 * without the secret. Only its owner may read it.
 *
 * @throws {NodeError} CONFIG_DIR_INVALID when there is no such folder, SECRET_FILE_NOT_CREATED when
 * the system refuses
 */
export function writeSecret(dir: string): string {
  assertFolder(dir)
  const file = join(dir, SECRET_FILE_NAME)
  try {
    writeFileSync(file, `${drawSecret()}\n`, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    const refusal = refusalOf(cause)
    if (refusal === 'EEXIST') return `${file} exists and stays as it is`
    const message = `${file} cannot be created (${refusal}); let this user write there, or create it yourself`
    throw new NodeError('SECRET_FILE_NOT_CREATED', message, { cause })
  }
  return `created ${file}; copy it into the folder of every node of the mesh`
}
