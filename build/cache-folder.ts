/** The user's cache folder, which keeps what was fetched. */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Our folder in the user's cache. It may not exist yet. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fullmesh')
}

/**
 * Gives a folder or file of the cache. If it is missing, `make` gets an empty folder and returns
 * the path in it that is renamed. Another process may make the same at the same time.
 */
export async function cachedFolder(
  name: string,
  make: (staging: string) => Promise<string>,
  cache = cacheFolder(),
): Promise<string> {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(join(cache, '.staging-'))
  try {
    renameSync(await make(staging), folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  return folder
}
