/**
 * Programs in those of Debian's packages whose installation starts a server. So such a package is
 * only unpacked, into the user's cache folder.
 */

import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cachedFolder, cacheFolder } from './cache-folder.ts'
import { runProgram } from './program-run.ts'

export const PROMTOOL = unpackedProgram('prometheus', 'usr/bin/promtool')
export const NATS_SERVER = unpackedProgram('nats-server', 'usr/sbin/nats-server')

function unpackedProgram(from: string, path: string) {
  const name = basename(path)
  const installed = join('/', path)
  const find = (): string => (existsSync(installed) ? installed : join(cacheFolder(), name))
  return {
    find,
    isMet: () => existsSync(find()),
    /** Needs Debian but not root. @throws {ToolError} when apt-get fails */
    async install(): Promise<void> {
      await cachedFolder(name, async (staging) => {
        await runProgram('apt-get', ['-qq', 'download', from], { cwd: staging })
        const [archive = ''] = readdirSync(staging)
        await runProgram('dpkg', ['-x', archive, 'root'], { cwd: staging })
        return join(staging, 'root', path)
      })
    },
  }
}
