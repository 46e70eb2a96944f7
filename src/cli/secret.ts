/** `secret`: prints a new secret for a mesh, writes its file, or prints the token of one. */

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Keyring } from '../auth/key.ts'
import { assertFolder, type Config } from '../config/config.ts'
import { createFile, notCreated } from '../config/new-file.ts'
import { missingSecret, SECRET_FILE_NAME, secretsIn } from '../config/secrets.ts'
import { NodeError } from '../errors/node-error.ts'

/** A new secret of 256 random bits, which nobody can guess. */
export function drawSecret(): string {
  return `fm1_${randomBytes(32).toString('base64url')}`
}

/**
 * What HTTP clients of other machines send to this node.
 *
 * @throws {NodeError} CONFIG_SECRET_MISSING
 */
export function tokenOf({ dir, secrets }: Pick<Config, 'dir' | 'secrets'>): string {
  if (secrets.length === 0) throw missingSecret(`the node in ${dir} has no secret`)
  return new Keyring(secrets).token
}

/**
 * Creates the file `secret` of a node's folder unless there is one, and gives a line about it,
 * without the secret. Only its owner may read it.
 *
 * @throws {NodeError} CONFIG_DIR_INVALID when there is no such folder, CONFIG_SECRET_INVALID when
 * there is a file without a secret, SECRET_FILE_NOT_CREATED when the system refuses
 */
export function writeSecret(dir: string): string {
  assertFolder(dir)
  const file = join(dir, SECRET_FILE_NAME)
  try {
    if (!createFile(file, `${drawSecret()}\n`, 0o600)) {
      // Throws when it is none.
      secretsIn(file)
      return `${file} exists and stays as it is`
    }
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    throw notCreated('SECRET_FILE_NOT_CREATED', file, cause)
  }
  return `created ${file}; copy it into the folder of every node of the mesh`
}
