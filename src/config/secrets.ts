/**
 * The secrets of a node: the text of SECRET, or a file with a secret a line. No text of a secret is
 * ever in an error or a warning.
 */

import { type Stats, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { NodeError } from '../errors/node-error.ts'
import type { EnvSource } from './env-source.ts'
import { readSetting } from './read-settings.ts'
import { parseSecrets, SECRET_CHARS_MIN } from './setting-values.ts'
import { SETTINGS } from './settings.ts'
import { readTextFile } from './text-file.ts'

/** The name of the file beside `.env`. */
export const SECRET_FILE_NAME = 'secret'

export interface Secrets {
  readonly secrets: readonly string[]
  /** The file that they are from, if any. */
  readonly file: string | undefined
  readonly warnings: readonly string[]
}

/**
 * The secrets of the node in `dir`.
 *
 * @param setting those of SECRET, which wins over the file beside `.env`
 * @throws {NodeError} CONFIG_SECRET_INVALID or CONFIG_SECRET_MISSING
 */
export function readSecrets(source: EnvSource, dir: string, setting: readonly string[]): Secrets {
  const path = readSetting(source, SETTINGS.secretFile)
  const file = resolve(dir, path ?? SECRET_FILE_NAME)
  if (setting.length > 0) {
    const { secret, secretFile } = SETTINGS
    if (path !== undefined) {
      const both = `${source.subject(secret)} and ${source.subject(secretFile)}`
      throw new NodeError('CONFIG_SECRET_INVALID', `${both} exclude each other; delete one of them`)
    }
    const place = source.fileOf(secret)
    return {
      secrets: setting,
      file: undefined,
      warnings: [...shadowed(file, source.subject(secret)), ...warningsAbout(place)],
    }
  }
  const secrets = secretsIn(file)
  if (secrets !== undefined) {
    // Whoever mounts another file decides on its mode, which this node may be unable to change.
    return { secrets, file, warnings: path === undefined ? warningsAbout(file) : [] }
  }
  if (path !== undefined) {
    const message = `${file}, which ${source.subject(SETTINGS.secretFile)} names, does not exist; copy that of another node, or create it with the command secret > ${file}`
    throw new NodeError('CONFIG_SECRET_MISSING', message)
  }
  if (readSetting(source, SETTINGS.requireSecret) === '1') {
    throw missingSecret(`${source.subject(SETTINGS.requireSecret)} is 1, and there is no secret`)
  }
  return { secrets: [], file: undefined, warnings: withoutSecret(source) }
}

/** Whoever requires a secret may think that there is one. */
function withoutSecret(source: EnvSource): readonly string[] {
  const { secretMode } = SETTINGS
  const mode = readSetting(source, secretMode)
  if (mode === undefined) return []
  const subject = `${source.subject(secretMode)} is ${mode}, and there is no secret`
  const fix = 'create one with the command secret --write, or delete that setting'
  return [`${subject}, so anybody can join; ${fix}`]
}

/**
 * The secrets in a file; undefined when there is none.
 *
 * @throws {NodeError} CONFIG_SECRET_INVALID when it has none, or a short one; CONFIG_FILE_… when it
 * cannot be read
 */
export function secretsIn(file: string): readonly string[] | undefined {
  const text = readTextFile(file)
  if (text === undefined) return undefined
  const parsed = parseSecrets(text)
  if (parsed.kind === 'value') return parsed.value
  const rule = `at least ${SECRET_CHARS_MIN} characters a line`
  const problem = `${file} ${parsed.because}, and needs ${rule}`
  throw new NodeError('CONFIG_SECRET_INVALID', `${problem}; make one with the command secret`)
}

export function missingSecret(problem: string): NodeError {
  const fix = 'create the file with the command secret --write, or copy that of another node'
  return new NodeError('CONFIG_SECRET_MISSING', `${problem}; ${fix}`)
}

/** For warnings only: of what cannot be looked at, there is none. */
function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file)
  } catch {
    return undefined
  }
}

/** Two places for one secret: sooner or later they differ. */
function shadowed(file: string, subject: string): readonly string[] {
  const isThere = statsOf(file)?.isFile() === true
  return isThere ? [`${file} is ignored, because ${subject} is set; delete one of them`] : []
}

/** The bits of a mode for whoever is not the owner. Windows has none. */
const OTHERS = 0o077

function warningsAbout(file: string | undefined): readonly string[] {
  if (file === undefined || process.platform === 'win32') return []
  const mode = statsOf(file)?.mode ?? 0
  if ((mode & OTHERS) === 0) return []
  const shown = (mode & 0o777).toString(8)
  return [`${file} has the secret and mode ${shown}, so others may read it; chmod 600 ${file}`]
}
