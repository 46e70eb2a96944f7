/**
 * The shared libraries of a Linux binary for arm64, to run it under qemu on another processor. They
 * are Debian's, unpacked into the cache: the system gets no second architecture.
 */

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { cachedFolder, cacheFolder } from './cache-folder.ts'
import { runProgram } from './program-run.ts'

/** The folder for `qemu-aarch64-static -L`. It exists when all of the libraries are in it. */
export const ARM64_ROOT = join(cacheFolder(), 'debian-arm64')

const PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6'] as const

/** Fetches them with Debian's apt-get. @throws {ToolError} when that fails */
export async function installArm64Libraries(): Promise<void> {
  await cachedFolder(basename(ARM64_ROOT), async (staging) => {
    // apt-get gets its own state, with arm64 as the only architecture.
    const folders = ['state/lists/partial', 'cache/archives/partial', 'packages', 'root'] as const
    for (const folder of folders) mkdirSync(join(staging, folder), { recursive: true })
    writeFileSync(join(staging, 'state/status'), '')
    const options = [
      'APT::Architecture=arm64',
      'APT::Architectures=arm64',
      // The unprivileged user of apt-get cannot write into our folder.
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
