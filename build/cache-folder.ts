/** What was fetched once is kept for the next time, in the cache folder of the user. */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The folder of ours in the user's cache. It may not exist yet. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fullmesh')
}

/**
 * Gives a folder of the cache. If it is missing, `make` gets an empty folder beside it and returns
 * the path in there that becomes it. A process that was faster has put the same there.
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
