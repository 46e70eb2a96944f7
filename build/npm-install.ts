/**
 * Packages on demand: pkg, and runtimes of tens of megabytes each. npm installs them as a lock file
 * pins them, into the user's cache folder.
 */

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cachedFolder } from './cache-folder.ts'
import { runProgram } from './program-run.ts'

export interface LockedProject {
  readonly manifest: string
  readonly lock: string
}

const RUNTIMES = join(import.meta.dirname, 'runtimes')

/** What NODE_EXTRA_CA_CERTS is for npm alone, where build/test.ts runs tests without it. */
export const NPM_CERTIFICATES = 'FULLMESH_NPM_CERTIFICATES'

const FLAGS = [
  '--ignore-scripts',
  '--no-bin-links',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // Packages for other systems, and for another Node than the one that runs npm.
  '--force',
] as const

export function readProject(folder: string): LockedProject {
  return {
    manifest: readFileSync(join(folder, 'package.json'), 'utf8'),
    lock: readFileSync(join(folder, 'package-lock.json'), 'utf8'),
  }
}

/**
 * Gives the folder where a project is installed.
 *
 * @throws {ToolError} when npm cannot fetch a package, or fetches one with another checksum
 */
export function install({ manifest, lock }: LockedProject, cache?: string): Promise<string> {
  const digest = createHash('sha256').update(manifest).update(lock).digest('hex')
  const make = async (staging: string): Promise<string> => {
    writeFileSync(join(staging, 'package.json'), manifest)
    writeFileSync(join(staging, 'package-lock.json'), lock)
    const certificates = process.env[NPM_CERTIFICATES]
    const env = { ...process.env, ...(certificates && { NODE_EXTRA_CA_CERTS: certificates }) }
    await runProgram('npm', ['ci', ...FLAGS], { cwd: staging, env })
    return staging
  }
  return cachedFolder(`npm-${digest.slice(0, 16)}`, make, cache)
}

function pinnedRuntime(name: string): { readonly version?: string } | undefined {
  const lock: { packages: Record<string, { version?: string }> } = JSON.parse(
    readProject(RUNTIMES).lock,
  )
  return lock.packages[`node_modules/${name}`]
}

export function runtimeVersion(name: string): string | undefined {
  return pinnedRuntime(name)?.version
}

/**
 * Gives the folder of one dependency of build/runtimes, such as `node-22-linux-x64`.
 *
 * @throws {ToolError} as {@link install}
 */
export async function fetchRuntimePackage(name: string): Promise<string> {
  const path = `node_modules/${name}`
  const dependencies = { [name]: '*' }
  const packages = { '': { dependencies }, [path]: pinnedRuntime(name) }
  const folder = await install({
    manifest: JSON.stringify({ dependencies }),
    lock: JSON.stringify({ lockfileVersion: 3, packages }),
  })
  return join(folder, path)
}
