/**
 * The payload of a binary: the blob that Node's single-executable mode runs. It holds the script as
 * what is run, and once more as an asset, for the running script to read its own bytes.
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CODE_ASSET } from '../src/runtime/own-code.ts'
import { fetchNode, hostPlatform } from './node-releases.ts'
import { runProgram } from './program-run.ts'

/**
 * What Node is told about the blob. The path of the script gets into it, so that is relative to the
 * folder where Node runs; a snapshot or cached code would depend on the processor and the moment.
 */
export const BLOB_CONFIG = {
  main: '../index.js',
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
  assets: { [CODE_ASSET]: '../index.js' },
} as const

/**
 * Makes the blob of a script. The bytes depend on the script and the Node version, on nothing else.
 *
 * @throws {ToolError} when Node cannot be had or fails
 */
export async function makeBlob(script: Uint8Array): Promise<Uint8Array> {
  const node = await fetchNode(hostPlatform())
  return withScript(script, async (folder) => {
    const work = join(folder, 'blob')
    mkdirSync(work)
    const config = { ...BLOB_CONFIG, output: 'sea.blob' }
    writeFileSync(join(work, 'sea-config.json'), JSON.stringify(config))
    const words = ['--experimental-sea-config', 'sea-config.json']
    await runProgram(node, words, { cwd: work, env: plainEnvironment() })
    return readFileSync(join(work, 'sea.blob'))
  })
}

/** Gives a new folder with the script in it as `index.js`, gone afterwards. */
export async function withScript<Result>(
  script: Uint8Array,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-sea-'))
  try {
    writeFileSync(join(folder, 'index.js'), script)
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Our environment without the options of our own Node, which another one may not know. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...env } = process.env
  return env
}

/** What is in a blob. */
export interface SeaContent {
  /** The path that the script had when the blob was made. */
  readonly codePath: string
  readonly script: Uint8Array
  readonly assets: ReadonlyMap<string, Uint8Array>
}

/** The first four bytes of a blob: kMagic in Node's src/node_sea.cc. */
const MAGIC = 0x0143_da20

/** Bits of the flags there: kUseSnapshot, kUseCodeCache and kIncludeAssets. */
const HAS_SNAPSHOT = 1 << 1
const HAS_CODE_CACHE = 1 << 2
const HAS_ASSETS = 1 << 3

/**
 * Reads a blob of {@link NODE_VERSION}. Node has no reader for it outside of a binary, and its
 * layout is written down only in its source, SeaSerializer::Write.
 *
 * @throws {RangeError} when it is something else, or not all of it
 */
export function readBlob(blob: Uint8Array): SeaContent {
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  if (bytes.readUInt32LE(0) !== MAGIC) throw new RangeError('no blob of a single executable')
  const flags = bytes.readUInt32LE(4)
  if ((flags & (HAS_SNAPSHOT | HAS_CODE_CACHE)) !== 0) {
    throw new RangeError('a blob with more than a script and assets')
  }
  // One byte says how NODE_OPTIONS and the like are treated.
  let offset = 4 + 4 + 1
  const count = (): number => {
    const value = bytes.readBigUInt64LE(offset)
    offset += 8
    return Number(value)
  }
  const text = (): Buffer => {
    const length = count()
    if (length > bytes.length - offset) throw new RangeError('a blob that ends too early')
    offset += length
    return bytes.subarray(offset - length, offset)
  }
  const codePath = text().toString()
  const script = text()
  const assets = new Map<string, Uint8Array>()
  const assetCount = (flags & HAS_ASSETS) === 0 ? 0 : count()
  for (let index = 0; index < assetCount; index += 1) assets.set(text().toString(), text())
  if (offset !== bytes.length) throw new RangeError('a blob with something after its end')
  return { codePath, script, assets }
}
