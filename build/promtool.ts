/**
 * promtool, which checks what Prometheus is to read. It is in Debian's package `prometheus`, whose
 * installation would start a server; so the package is only unpacked, into the user's cache folder.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'

const CACHE = cacheFolder()
const UNPACKED = join(CACHE, 'promtool')

/** Where promtool is, or would be after {@link fetchPromtool}. */
export function promtoolPath(): string {
  const installed = '/usr/bin/promtool'
  return existsSync(installed) ? installed : UNPACKED
}

/** Whether it is there. */
export function hasPromtool(): boolean {
  return existsSync(promtoolPath())
}

/** Fetches it with apt-get, which needs Debian but not root. False when that does not work. */
export function fetchPromtool(): boolean {
  mkdirSync(CACHE, { recursive: true })
  const staging = mkdtempSync(join(CACHE, '.staging-'))
  try {
    if (!run(staging, 'apt-get', '-qq', 'download', 'prometheus')) return false
    const [archive] = readdirSync(staging)
    if (archive === undefined || !run(staging, 'dpkg', '-x', archive, 'root')) return false
    renameSync(join(staging, 'root/usr/bin/promtool'), UNPACKED)
    return true
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function run(cwd: string, program: string, ...words: readonly string[]): boolean {
  const { status, error, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' })
  if (status !== 0) console.error(error?.message ?? stderr)
  return status === 0
}
