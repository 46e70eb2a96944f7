/**
 * Bun reads the `.env` of the working directory by itself, and gives its lines out as the
 * environment. A node's settings lie beside its program, wherever it is started, and it tells where
 * a wrong one is set; so Bun's part is taken out again.
 */

import { join } from 'node:path'
import { type EnvEntry, envEntries } from './env-text.ts'
import { readTextFile } from './text-file.ts'

/** What a process knows of its environment; `process` has it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly versions: Readonly<Record<string, string | undefined>>
  readonly cwd: () => string
}

/**
 * The environment without the variables that Bun found in files of the working directory: on other
 * runtimes all of it. What really is in the environment wins with Bun as well, and is another value
 * then; where it is the same one, no harm is done in the node's own folder.
 */
export function environmentOf({ env, versions, cwd }: Surroundings): Surroundings['env'] {
  if (versions['bun'] === undefined) return env
  const mode = env['NODE_ENV'] ?? 'development'
  const files = ['.env', '.env.local', `.env.${mode}`, `.env.${mode}.local`]
  const entries = files.flatMap((file) => entriesOf(join(cwd(), file)))
  const fromFiles = new Set(entries.map(({ key, value }) => `${key}=${value.trim()}`))
  const rest = Object.entries(env).filter(([key, value]) => {
    return !fromFiles.has(`${key}=${value?.trim()}`)
  })
  return Object.fromEntries(rest)
}

/** A file that cannot be read gave Bun nothing; if it is the node's own, its reader says so. */
function entriesOf(file: string): readonly EnvEntry[] {
  try {
    return envEntries(readTextFile(file) ?? '')
  } catch {
    return []
  }
}
