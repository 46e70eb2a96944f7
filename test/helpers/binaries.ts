/**
 * Binaries for tests. They are kept as long as they are what would be made: a test that made its
 * own each time would take half a minute for it.
 */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeBinary } from '../../build/binaries.ts'
import { checkBinary } from '../../build/binary-check.ts'
import { ToolError } from '../../build/command-line.ts'
import { binaryName, type Platform } from '../../build/node-releases.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { makeBlob } from '../../build/sea-blob.ts'
import { BUNDLE } from './node-process.ts'

/** Where those who look after node_modules expect such things. */
const FOLDER = join(REPOSITORY, 'node_modules/.cache/fullmesh')

/** To fetch a Node, or to make a binary on a busy machine. In ms. */
export const MAKING_MS_MAX = 300_000

let blob: Promise<Uint8Array> | undefined

/** The blob of the bundle, made once. */
export function bundleBlob(): Promise<Uint8Array> {
  blob ??= makeBlob(BUNDLE)
  return blob
}

/** The path of the binary for a platform. Its script is the bundle. */
export async function binaryFor(platform: Platform): Promise<string> {
  const payload = { script: BUNDLE, blob: await bundleBlob() }
  const path = join(FOLDER, binaryName(platform))
  try {
    if (existsSync(path)) {
      checkBinary(readFileSync(path), { platform, ...payload })
      return path
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
  }
  return (await makeBinary(platform, payload, FOLDER)).path
}
