/** What was fetched once is kept for the next time, in the cache folder of the user. */

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The folder of ours in the user's cache. It may not exist yet. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fullmesh')
}

/**
 * Half of a thing must never be taken for all of it: it is made in a folder beside the cached ones,
 * gone afterwards, and moved from there. See {@link takePlace}.
 */
export async function inStaging(
  cache: string,
  work: (staging: string) => Promise<void>,
): Promise<void> {
  mkdirSync(cache, { recursive: true })
  const staging = mkdtempSync(join(cache, '.staging-'))
  try {
    await work(staging)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** Moves a folder. Whoever came first has put the same one there, and theirs stays. */
export function takePlace(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}
