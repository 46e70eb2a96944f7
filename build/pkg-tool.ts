/**
 * pkg, which puts a script into a Node. It wants a newer Node than we do and brings a hundred
 * packages, so it is no dependency of ours: it is installed on demand from the lock file in pkg/,
 * and run by the Node that the binaries carry. See docs/decisions/7-binaries.md.
 */

import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, inStaging, takePlace } from './cache-folder.ts'
import { fetchNode, hostPlatform, type Platform } from './node-releases.ts'
import { runProgram } from './program-run.ts'
import { REPOSITORY } from './repository.ts'
import { BLOB_CONFIG, plainEnvironment, withScript } from './sea-blob.ts'

const FOLDER = join(REPOSITORY, 'build/pkg')

const MANIFESTS = ['package.json', 'package-lock.json'] as const

/** What pkg/bake.ts is told. */
export interface PkgOrder {
  /** The package.json beside which pkg is installed. */
  readonly manifest: string
  readonly script: string
  /** Of pkg's own options those that we need. */
  readonly options: {
    readonly nodePath: string
    readonly useLocalNode: true
    readonly signature: false
    readonly seaConfig: typeof BLOB_CONFIG
    readonly targets: readonly {
      readonly platform: Platform['os']
      readonly arch: Platform['arch']
      readonly nodeRange: string
      readonly output: string
    }[]
  }
}

/**
 * Has pkg write the binary of a script for a platform. What it wrote is yet to be checked.
 *
 * @throws {ToolError} when pkg or Node cannot be had, or when pkg fails
 */
export async function runPkg(
  script: Uint8Array,
  platform: Platform,
  output: string,
): Promise<void> {
  const { os, arch } = platform
  const [manifest, hostNode, nodePath] = [
    await installPkg(),
    await fetchNode(hostPlatform()),
    await fetchNode(platform),
  ]
  await withScript(script, async (folder) => {
    const order: PkgOrder = {
      manifest,
      script: join(folder, 'index.js'),
      options: {
        nodePath,
        // With this, pkg makes the blob with the Node that runs it, and need not ask a foreign one
        // for its version.
        useLocalNode: true,
        signature: false,
        seaConfig: BLOB_CONFIG,
        targets: [{ platform: os, arch, nodeRange: 'node22', output }],
      },
    }
    // pkg works in a folder that it makes in the one for temporary files: the script, whose path
    // gets into the blob, must lie beside it.
    const env = { ...plainEnvironment(), TMPDIR: folder, TMP: folder, TEMP: folder }
    const bake = join(FOLDER, 'bake.ts')
    await runProgram(hostNode, ['--no-warnings', bake, JSON.stringify(order)], { env })
  })
}

/**
 * Gives the package.json beside which pkg is installed, as the lock file has it.
 *
 * @throws {ToolError} when npm cannot install it
 */
export async function installPkg(cache = cacheFolder()): Promise<string> {
  const digest = createHash('sha256')
  for (const name of MANIFESTS) digest.update(readFileSync(join(FOLDER, name)))
  const folder = join(cache, `pkg-${digest.digest('hex').slice(0, 16)}`)
  if (!existsSync(folder)) {
    await inStaging(cache, async (staging) => {
      for (const name of MANIFESTS) copyFileSync(join(FOLDER, name), join(staging, name))
      await runProgram('npm', ['ci', '--prefix', staging, ...NPM_FLAGS], { cwd: staging })
      takePlace(staging, folder)
    })
  }
  return join(folder, 'package.json')
}

/** pkg refuses Node 20, and npm says so; but it is not Node 20 that will run it. */
const NPM_FLAGS = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--engine-strict=false',
  '--loglevel=error',
] as const
