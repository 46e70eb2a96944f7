/**
 * Packages that npm carries and `npm ci` does not install: whole runtimes, tens of megabytes each.
 * Fetched on demand, pinned by checksum, and kept for the next time in the user's cache folder.
 */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, inStaging, takePlace } from './cache-folder.ts'
import { ToolError } from './command-line.ts'
import { runProgram } from './program-run.ts'

/** A package, pinned. */
export interface PinnedPackage {
  readonly name: string
  readonly version: string
  /** Subresource integrity of the archive, as npm has it: `sha512-` and 88 characters of Base64. */
  readonly integrity: string
}

/**
 * Gives the folder of a package with its files, fetched if need be. Two processes may ask for the
 * same one at the same time.
 *
 * @throws {ToolError} when npm cannot get it, or when it is not what was pinned
 */
export async function fetchPackage(pinned: PinnedPackage, cache = cacheFolder()): Promise<string> {
  const folder = join(cache, `${pinned.name.replace('/', '+')}-${pinned.version}`)
  const archive = `${folder}.tgz`
  if (!existsSync(archive) || integrityOf(archive) !== pinned.integrity) {
    // What was unpacked from another archive is not to be trusted either.
    rmSync(folder, { recursive: true, force: true })
    await inStaging(cache, async (staging) => {
      await download(pinned, staging)
      renameSync(join(staging, 'package.tgz'), archive)
    })
  }
  if (!existsSync(folder)) {
    await inStaging(cache, async (staging) => {
      await runProgram('tar', ['-xzf', archive, '-C', staging])
      takePlace(join(staging, 'package'), folder)
    })
  }
  return folder
}

async function download({ name, version, integrity }: PinnedPackage, staging: string) {
  const spec = `${name}@${version}`
  await runProgram('npm', [
    'pack',
    spec,
    '--silent',
    '--ignore-scripts',
    '--pack-destination',
    staging,
  ])
  const [file, ...others] = readdirSync(staging)
  if (file === undefined || others.length > 0) throw new ToolError(`npm pack ${spec} made no file`)
  const got = integrityOf(join(staging, file))
  if (got !== integrity) {
    throw new ToolError(`${spec} is not the pinned one: its checksum is ${got}, not ${integrity}`)
  }
  renameSync(join(staging, file), join(staging, 'package.tgz'))
}

function integrityOf(file: string): string {
  return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
}
