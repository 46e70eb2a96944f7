/**
 * The shared libraries that a Linux binary for arm64 wants, for running one under qemu on another
 * processor. They are Debian's, unpacked into the cache: the system learns of no second processor.
 */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cachedFolder, cacheFolder } from './cache-folder.ts'
import { runProgram } from './program-run.ts'

/** What `qemu-aarch64-static -L` is given. It is there when all of the libraries are in it. */
export const ARM64_ROOT = join(cacheFolder(), 'debian-arm64')

const PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6'] as const

/**
 * Fetches them with Debian's apt-get, if need be.
 *
 * @throws {ToolError} when that does not work
 */
export async function installArm64Libraries(): Promise<void> {
  await cachedFolder(basename(ARM64_ROOT), async (staging) => {
    // A state of its own, in which arm64 is the only processor: the system's stays as it is.
    const folders = ['state/lists/partial', 'cache/archives/partial', 'packages', 'root'] as const
    for (const folder of folders) mkdirSync(join(staging, folder), { recursive: true })
    writeFileSync(join(staging, 'state/status'), '')
    const options = [
      'APT::Architecture=arm64',
      'APT::Architectures=arm64',
      // An unprivileged user could not write into a folder of ours.
      'APT::Sandbox::User=root',
      `Dir::State=${join(staging, 'state')}`,
      `Dir::State::status=${join(staging, 'state/status')}`,
      `Dir::Cache=${join(staging, 'cache')}`,
    ].flatMap((option) => ['-o', option])
    const packages = join(staging, 'packages')
    await runProgram('apt-get', ['-qq', ...options, 'update'])
    await runProgram('apt-get', ['-qq', ...options, 'download', ...PACKAGES], { cwd: packages })
    const root = join(staging, 'root')
    for (const file of readdirSync(packages)) {
      await runProgram('dpkg', ['--extract', join(packages, file), root])
    }
    return root
  })
}
