/**
 * pkg, which puts a script into a Node. It needs a newer Node than we do and a hundred packages, so
 * it is installed on demand from the lock file in pkg/, and runs on the Node of the binaries. See
 * docs/decisions/7-binaries.md.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CODE_ASSET } from '../src/runtime/own-code.ts'
import { fetchNode, hostPlatform, type Platform } from './node-releases.ts'
import { install, readProject } from './npm-install.ts'
import { plainEnvironment, runProgram } from './program-run.ts'

const FOLDER = join(import.meta.dirname, 'pkg')

/**
 * The payload for Node. It contains the path of the script, which is therefore relative to the
 * folder where Node runs; a snapshot or cached code would depend on the processor and the moment.
 * The asset is the script once more, for the running script to read its own bytes.
 */
const SEA_CONFIG = {
  main: '../index.js',
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
  assets: { [CODE_ASSET]: '../index.js' },
} as const

function optionsOf({ os, arch }: Platform, nodePath: string, output: string) {
  return {
    nodePath,
    // pkg makes the payload with the Node that runs it, and does not start a foreign one.
    useLocalNode: true,
    signature: false,
    seaConfig: SEA_CONFIG,
    targets: [{ platform: os, arch, nodeRange: 'node22', output }],
  }
}

export interface PkgOrder {
  /** The package.json beside which pkg is installed. */
  readonly manifest: string
  readonly script: string
  readonly options: ReturnType<typeof optionsOf>
}

/** Installs pkg if necessary, and gives the folder. */
export function installPkg(): Promise<string> {
  return install(readProject(FOLDER))
}

/**
 * Writes the binary of a script for a platform. The caller checks it.
 *
 * @throws {ToolError} when pkg or Node cannot be installed, or when pkg fails
 */
export async function runPkg(
  script: Uint8Array,
  platform: Platform,
  output: string,
): Promise<void> {
  const installed = await installPkg()
  const hostNode = await fetchNode(hostPlatform())
  const nodePath = await fetchNode(platform)
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-pkg-'))
  try {
    const order: PkgOrder = {
      manifest: join(installed, 'package.json'),
      script: join(folder, 'index.js'),
      options: optionsOf(platform, nodePath, output),
    }
    writeFileSync(order.script, script)
    // pkg makes its folder in the one for temporary files. The script must be beside it, because
    // the payload contains the relative path.
    const env = { ...plainEnvironment(), TMPDIR: folder, TMP: folder, TEMP: folder }
    const words = ['--no-warnings', join(FOLDER, 'bake.ts'), JSON.stringify(order)]
    await runProgram(hostNode, words, { env })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
