/** The environment of a process, as a node reads settings from it. */

import { join } from 'node:path'
import { parseEnvFile } from './env-file.ts'
import { SETTING_NAMES } from './settings.ts'
import { readTextFile } from './text-file.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface ProcessInfo {
  readonly env: Environment
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly cwd: () => string
}

/**
 * All variables on Node. On Deno the settings only, for it asks for permission at each other one.
 * Bun adds the `.env` files of the working directory, which may not be the node's folder; those are
 * taken out. A variable that the operator set to another value wins on Bun, too, and stays.
 */
export function environmentOf({ env, versions, cwd }: ProcessInfo): Environment {
  if (versions['deno'] !== undefined) {
    return Object.fromEntries(SETTING_NAMES.map((name) => [name, env[name]]))
  }
  if (versions['bun'] === undefined) return env
  const mode = env['NODE_ENV'] ?? 'development'
  const files = ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`]
  const fromFiles = new Set(files.flatMap((file) => settingsIn(join(cwd(), file))))
  const rest = Object.entries(env).filter(([key, value]) => {
    return !fromFiles.has(`${key}=${value?.trim()}`)
  })
  return Object.fromEntries(rest)
}

/** Each as `KEY=value`. Bun, too, skips a file that it cannot read. */
function settingsIn(file: string): readonly string[] {
  try {
    const { values } = parseEnvFile(readTextFile(file) ?? '')
    return [...values].map(([key, value]) => `${key}=${value.trim()}`)
  } catch {
    return []
  }
}
