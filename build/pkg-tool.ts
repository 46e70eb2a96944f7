/**
 * pkg, which puts a script into a Node. It needs a newer Node than we do and brings a hundred
 * packages, so it is installed on demand from the lock file in pkg/, and runs on the Node that the
 * binaries carry. See docs/decisions/7-binaries.md.
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
 * What Node is told about the payload. The path of the script gets into it, so that is relative to
 * the folder where Node runs; a snapshot or cached code would depend on the processor and the
 * moment. The asset is the script once more, for the running script to read its own bytes.
 */
const SEA_CONFIG = {
  main: '../index.js',
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
  assets: { [CODE_ASSET]: '../index.js' },
} as const

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
    readonly seaConfig: typeof SEA_CONFIG
    readonly targets: readonly {
      readonly platform: Platform['os']
      readonly arch: Platform['arch']
      readonly nodeRange: string
      readonly output: string
    }[]
  }
}

/** Installs pkg if need be, and gives the folder. */
export function installPkg(): Promise<string> {
  return install(readProject(FOLDER))
}

/**
 * Has pkg write the binary of a script for a platform. What it wrote is yet to be checked.
 *
 * @throws {ToolError} when pkg or Node cannot be had, or when pkg fails
 */
export async function runPkg(
  script: Uint8Array,
  { name, os, arch }: Platform,
  output: string,
): Promise<void> {
  const installed = await installPkg()
  const hostNode = await fetchNode(hostPlatform())
  const nodePath = await fetchNode({ name, os, arch })
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-pkg-'))
  try {
    const order: PkgOrder = {
      manifest: join(installed, 'package.json'),
      script: join(folder, 'index.js'),
      options: {
        nodePath,
        // With this, pkg makes the payload with the Node that runs it, and need not ask a foreign
        // one for its version.
        useLocalNode: true,
        signature: false,
        seaConfig: SEA_CONFIG,
        targets: [{ platform: os, arch, nodeRange: 'node22', output }],
      },
    }
    writeFileSync(order.script, script)
    // pkg works in a folder that it makes in the one for temporary files: the script, whose path
    // gets into the payload, must lie beside it.
    const env = { ...plainEnvironment(), TMPDIR: folder, TMP: folder, TEMP: folder }
    const words = ['--no-warnings', join(FOLDER, 'bake.ts'), JSON.stringify(order)]
    await runProgram(hostNode, words, { env })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
