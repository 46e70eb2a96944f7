/** The environment of a process, as a node reads settings from it. */

import { join } from 'node:path'
import { parseEnvFile } from './env-file.ts'
import { SETTING_NAMES } from './settings.ts'
import { readTextFile } from './text-file.ts'

/** The part of `process` that is needed. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly cwd: () => string
}

/**
 * All variables on Node. On Deno the settings only, for it asks for permission at each other one.
 * Bun adds the `.env` files of the working directory, which may not be the node's folder; those are
 * taken out. A variable that the operator set to another value wins on Bun, too, and stays.
 */
export function environmentOf({ env, versions, cwd }: Surroundings): Surroundings['env'] {
  if (versions['deno'] !== undefined) {
    return Object.fromEntries(SETTING_NAMES.map((name) => [name, env[name]]))
  }
  if (versions['bun'] === undefined) return env
  const mode = env['NODE_ENV'] ?? 'development'
  const files = ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`]
  const entries = files.flatMap((file) => entriesOf(join(cwd(), file)))
  const fromFiles = new Set(entries.map(([key, value]) => `${key}=${value.trim()}`))
  const rest = Object.entries(env).filter(([key, value]) => {
    return !fromFiles.has(`${key}=${value?.trim()}`)
  })
  return Object.fromEntries(rest)
}

/** A file that cannot be read gave Bun nothing. */
function entriesOf(file: string): readonly (readonly [key: string, value: string])[] {
  try {
    return [...parseEnvFile(readTextFile(file) ?? '').values]
  } catch {
    return []
  }
}
