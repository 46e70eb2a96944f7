/**
 * `npm run binaries`: node-1/index.js becomes programs of its own, one for each kind of machine,
 * made on any of them. The script in them is that file, byte for byte.
 */

import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { checkBinary } from './binary-check.ts'
import { updateBundle } from './bundle.ts'
import { CHECKSUMS_NAME, sha256, updateChecksums } from './checksums.ts'
import { isEntryPoint, runTool, ToolError } from './command-line.ts'
import { signAdHoc } from './mac-signature.ts'
import {
  binaryName,
  NODE_VERSION,
  PLATFORMS,
  type Platform,
  platformsNamed,
} from './node-releases.ts'
import { runPkg } from './pkg-tool.ts'
import { REPOSITORY } from './repository.ts'
import { makeBlob } from './sea-blob.ts'
import { makeWhole } from './whole-file.ts'

/** Where the binaries go, relative to the repository. */
export const BINARIES_FOLDER = 'dist'

/** What macOS calls the program, whatever its file is called. */
const PROGRAM_NAME = 'fullmesh'

/** What {@link makeBinary} made. */
export interface Binary {
  readonly path: string
  readonly bytes: number
  /** As `sha256sum` prints it. */
  readonly sha256: string
}

/** What goes into a binary. */
export interface Payload {
  readonly script: Uint8Array
  /** What Node makes of it. */
  readonly blob: Uint8Array
}

/**
 * Makes the binary for a platform in a folder. It has been opened again and runs what it should.
 *
 * @throws {ToolError} when it cannot be made, or is not what it should be; then it is not there
 */
export async function makeBinary(
  platform: Platform,
  { script, blob }: Payload,
  folder: string,
): Promise<Binary> {
  const path = join(folder, binaryName(platform))
  mkdirSync(folder, { recursive: true })
  let made = Buffer.alloc(0)
  await makeWhole(path, async (staging) => {
    await runPkg(script, platform, staging)
    try {
      if (platform.os === 'macos') {
        writeFileSync(staging, signAdHoc(readFileSync(staging), PROGRAM_NAME))
      }
      made = readFileSync(staging)
      checkBinary(made, { platform, script, blob })
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      throw new ToolError(
        `the binary for ${platform.name} is not what it should be: ${error.message}`,
      )
    }
    chmodSync(staging, 0o755)
  })
  return { path, bytes: made.length, sha256: sha256(made) }
}

const HELP = `
npm run binaries [-- PLATFORM …]   makes a program of node-1/index.js for each platform

Platforms: ${PLATFORMS.map(({ name }) => name).join(' ')}; default: all of them

Builds node-1/index.js if src/ has changed, fetches Node ${NODE_VERSION} and pkg from npm the first
time, and writes fullmesh-PLATFORM and ${CHECKSUMS_NAME} into ${BINARIES_FOLDER}/.

  --out DIR   write into DIR instead
  --help      this text
`

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'binaries',
    help: HELP,
    values: ['--out'],
    operandsMax: PLATFORMS.length,
    async run({ operands, values }) {
      const platforms = platformsNamed(operands)
      const folder = values.get('--out') ?? join(REPOSITORY, BINARIES_FOLDER)
      const { bytes: script } = await updateBundle()
      const blob = await makeBlob(script)
      let listed: readonly string[] = []
      for (const platform of platforms) {
        const startedMs = performance.now()
        const binary = await makeBinary(platform, { script, blob }, folder)
        listed = updateChecksums(folder, new Map([[binaryName(platform), binary.sha256]]))
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
        const megabytes = (binary.bytes / 1e6).toFixed(1)
        console.log(`${shown(binary.path)}  ${megabytes} MB, made in ${seconds} s`)
      }
      console.log(`${shown(join(folder, CHECKSUMS_NAME))}  lists ${listed.join(', ')}`)
      return 0
    },
  })
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short
}
