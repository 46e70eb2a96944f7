/**
 * What `npm test` needs besides Node: programs for network namespaces, for packets that get lost,
 * for clocks that are set and for another processor. As root on Debian they are installed;
 * elsewhere it is said what is missing, and the tests that need it fail with a sentence of their
 * own.
 */

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { installArm64Libraries } from './arm64-libraries.ts'
import { ToolError } from './command-line.ts'
import { faketimeLibrary } from './faketime.ts'
import { fetchPromtool, hasPromtool } from './promtool.ts'

/** A Debian package, and how to see whether it is there. */
interface Need {
  readonly name: string
  readonly isMet: () => boolean
}

/** npm puts the programs of packages first in PATH, and one of them is called nft, too. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const

const NEEDS: readonly Need[] = [
  { name: 'iproute2', isMet: () => hasProgram('ip') },
  { name: 'nftables', isMet: () => hasProgram('nft') },
  { name: 'faketime', isMet: () => faketimeLibrary() !== undefined },
  // A machine of that kind runs its binaries itself.
  {
    name: 'qemu-user-static',
    isMet: () => process.arch === 'arm64' || hasProgram('qemu-aarch64-static'),
  },
  { name: 'chromium', isMet: () => hasProgram('chromium') },
]

const missing = NEEDS.filter(({ isMet }) => !isMet()).map(({ name }) => name)
if (missing.length > 0) install(missing)
if (process.arch !== 'arm64' && hasProgram('apt-get')) {
  try {
    await installArm64Libraries()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    console.error(`test/binaries needs Debian's libraries for arm64: ${error.message}`)
  }
}
// Not a need like those: to install its package would start a server.
if (!hasPromtool() && !(hasProgram('apt-get') && fetchPromtool())) {
  console.error("test/http/metrics needs promtool, of Debian's package prometheus")
}

function install(names: readonly string[]): void {
  const list = names.join(' ')
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) {
    console.error(`the tests need Linux, root, and: ${list}`)
    return
  }
  console.log(`installing what the tests need: ${list}`)
  const isInstalled =
    aptGet('update') && aptGet('install', '-y', '--no-install-recommends', ...names)
  if (!isInstalled) console.error(`the tests need ${list}, which apt-get did not install`)
}

function aptGet(...words: readonly string[]): boolean {
  const { status, stderr } = spawnSync('apt-get', ['-qq', ...words], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) console.error(stderr)
  return status === 0
}

function hasProgram(name: string): boolean {
  return SYSTEM_FOLDERS.some((folder) => existsSync(join(folder, name)))
}
