/**
 * Packages beside those of the repository: pkg, and whole runtimes of tens of megabytes each. npm
 * installs them when they are first needed, as a lock file pins them, into the user's cache folder.
 */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder } from './cache-folder.ts'
import { runProgram } from './program-run.ts'

/** The text of package.json and of package-lock.json. */
export interface LockedProject {
  readonly manifest: string
  readonly lock: string
}

const RUNTIMES = join(import.meta.dirname, 'runtimes')

const FLAGS = [
  '--ignore-scripts',
  '--no-bin-links',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // Packages for other systems, and for another Node than the one that runs npm.
  '--force',
] as const

/** What build/pkg and build/runtimes have. */
export function readProject(folder: string): LockedProject {
  return {
    manifest: readFileSync(join(folder, 'package.json'), 'utf8'),
    lock: readFileSync(join(folder, 'package-lock.json'), 'utf8'),
  }
}

/**
 * Gives the folder where a project is installed.
 *
 * @throws {ToolError} when npm cannot get a package, or gets one with another checksum
 */
export function install({ manifest, lock }: LockedProject, cache?: string): Promise<string> {
  const digest = createHash('sha256').update(manifest).update(lock).digest('hex')
  const make = async (staging: string): Promise<string> => {
    writeFileSync(join(staging, 'package.json'), manifest)
    writeFileSync(join(staging, 'package-lock.json'), lock)
    await runProgram('npm', ['ci', ...FLAGS], { cwd: staging })
    return staging
  }
  return cachedFolder(`npm-${digest.slice(0, 16)}`, make, cache)
}

/** A lock file of npm, as far as it is read here. */
interface LockFile {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>
}

/** The version of a dependency of build/runtimes. */
export function runtimeVersion(name: string): string | undefined {
  const { packages }: LockFile = JSON.parse(readProject(RUNTIMES).lock)
  return packages[`node_modules/${name}`]?.version
}

/**
 * Gives the folder of one dependency of build/runtimes, such as `node-22-linux-x64`.
 *
 * @throws {ToolError} when npm cannot get it, or gets one with another checksum
 */
export async function fetchRuntimePackage(name: string, cache?: string): Promise<string> {
  const { packages }: LockFile = JSON.parse(readProject(RUNTIMES).lock)
  const path = `node_modules/${name}`
  const dependencies = { [name]: '*' }
  const folder = await install(
    {
      manifest: JSON.stringify({ dependencies }),
      lock: JSON.stringify({
        lockfileVersion: 3,
        packages: { '': { dependencies }, [path]: packages[path] },
      }),
    },
    cache,
  )
  return join(folder, path)
}
