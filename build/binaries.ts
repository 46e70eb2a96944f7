/**
 * `npm run binaries`: makes a program of node-1/index.js for each platform, on any platform. The
 * script in it is that file, byte for byte.
 */

import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { updateBundle } from './bundle.ts'
import { isEntryPoint, runTool, ToolError } from './command-line.ts'
import { signAdHoc } from './mac-signature.ts'
import {
  binaryName,
  hostPlatform,
  NODE_VERSION,
  PLATFORMS,
  type Platform,
  platformsNamed,
} from './node-releases.ts'
import { runPkg } from './pkg-tool.ts'
import { plainEnvironment, runProgram } from './program-run.ts'
import { REPOSITORY } from './repository.ts'
import { makeWhole, writeWhole } from './whole-file.ts'

export const BINARIES_FOLDER = 'dist'

/** For `sha256sum --check`, beside the binaries. */
export const CHECKSUMS_NAME = 'SHA256SUMS'

/** The name of the program for macOS. */
const PROGRAM_NAME = 'fullmesh'

/** In a Node, `:1` follows this text if it runs a script, and `:0` if not. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

const PIECE_BYTES = 2 ** 22

/**
 * Makes the binary for a platform in a folder, and gives its path.
 *
 * @throws {ToolError} when making it fails, or {@link checkBinary}; then there is no file
 */
export async function makeBinary(
  platform: Platform,
  script: Uint8Array,
  folder: string,
  pack = runPkg,
): Promise<string> {
  const path = join(folder, binaryName(platform))
  mkdirSync(folder, { recursive: true })
  await makeWhole(path, async (staging) => {
    await pack(script, platform, staging)
    if (platform.os === 'macos') {
      writeFileSync(staging, signAdHoc(readFileSync(staging), PROGRAM_NAME))
    }
    chmodSync(staging, 0o755)
    await checkBinary(staging, platform, script)
  })
  return path
}

/**
 * Checks that a binary runs our script: pkg can fail without an error and leave a plain Node. All
 * must contain the script and the fuse. A binary for this machine also prints its code digest.
 *
 * @throws {ToolError} with the problem
 */
export async function checkBinary(
  path: string,
  platform: Pick<Platform, 'name'>,
  script: Uint8Array,
): Promise<void> {
  const fail = (problem: string): never => {
    throw new ToolError(`the binary for ${platform.name} is invalid: ${problem}`)
  }
  if (!includes(path, Buffer.from(script))) fail('it does not contain the script')
  if (!includes(path, Buffer.from(`${FUSE}:1`)))
    fail('its fuse is not set: Node ignores the script')
  if (platform.name !== hostPlatform().name) return
  const printed = await runProgram(path, ['--version'], { env: plainEnvironment() })
  const digest = /^code +([0-9a-f]{64})$/m.exec(printed)?.[1]
  if (digest !== sha256(script)) fail(`it runs the code ${digest}, not ${sha256(script)}`)
}

/** Whether a file has these bytes. In pieces: memory for 120 MB costs more than to read them. */
function includes(path: string, part: Buffer): boolean {
  const piece = Buffer.alloc(PIECE_BYTES + part.length)
  const file = openSync(path, 'r')
  try {
    for (let at = 0, end = piece.length; end === piece.length; at += PIECE_BYTES) {
      end = readSync(file, piece, 0, piece.length, at)
      if (piece.subarray(0, end).includes(part)) return true
    }
    return false
  } finally {
    closeSync(file)
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Lists the digests of all binaries in a folder, and gives their names. */
export async function writeChecksums(folder: string): Promise<readonly string[]> {
  const all = PLATFORMS.map(binaryName)
  const names = readdirSync(folder)
    .filter((name) => all.includes(name))
    .sort()
  const lines = names.map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`)
  await writeWhole(join(folder, CHECKSUMS_NAME), lines.join(''))
  return names
}

const HELP = `
npm run binaries [-- PLATFORM …]   makes a program of node-1/index.js for each platform

Platforms: ${PLATFORMS.map(({ name }) => name).join(' ')}; default: all of them

Builds node-1/index.js if src/ has changed, fetches Node ${NODE_VERSION} and pkg from npm the first
time, and writes fullmesh-PLATFORM and ${CHECKSUMS_NAME} into ${BINARIES_FOLDER}/.

  --help   this text
`

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'binaries',
    help: HELP,
    operandsMax: PLATFORMS.length,
    async run({ operands }) {
      const platforms = platformsNamed(operands)
      const { bytes: script } = await updateBundle()
      const folder = join(REPOSITORY, BINARIES_FOLDER)
      for (const platform of platforms) {
        const startedMs = performance.now()
        await makeBinary(platform, script, folder)
        const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
        console.log(`${BINARIES_FOLDER}/${binaryName(platform)}  made in ${seconds} s`)
      }
      const listed = await writeChecksums(folder)
      console.log(`${BINARIES_FOLDER}/${CHECKSUMS_NAME}  lists ${listed.join(', ')}`)
      return 0
    },
  })
}
