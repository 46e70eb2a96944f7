/**
 * promtool, which checks what Prometheus reads. It is in Debian's package `prometheus`, whose
 * installation starts a server; so the package is only unpacked, into the user's cache folder.
 */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder, cacheFolder } from './cache-folder.ts'
import { runProgram } from './program-run.ts'

/** Where promtool is, or is after {@link fetchPromtool}. */
export function promtoolPath(): string {
  const installed = '/usr/bin/promtool'
  return existsSync(installed) ? installed : join(cacheFolder(), 'promtool')
}

export function hasPromtool(): boolean {
  return existsSync(promtoolPath())
}

/**
 * Fetches it with apt-get, which needs Debian but not root.
 *
 * @throws {ToolError} when that fails
 */
export async function fetchPromtool(): Promise<void> {
  await cachedFolder('promtool', async (staging) => {
    await runProgram('apt-get', ['-qq', 'download', 'prometheus'], { cwd: staging })
    const [archive = ''] = readdirSync(staging)
    await runProgram('dpkg', ['-x', archive, 'root'], { cwd: staging })
    return join(staging, 'root/usr/bin/promtool')
  })
}
