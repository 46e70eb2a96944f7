/** The bytes of the code that a process runs: their digest is the code of a node. */

import { readFileSync } from 'node:fs'
import { type Invocation, programPath } from './program-path.ts'
import { seaOf } from './runtime-name.ts'

/** The asset of a binary that holds a copy of the script (build/pkg-tool.ts). */
export const CODE_ASSET = 'index.js'

/**
 * The bytes of the running script: of its file, and in a binary of the copy inside, not of the
 * whole executable. Undefined when they cannot be read. Never throws.
 */
export function ownCode(process: Invocation): Uint8Array | undefined {
  try {
    const sea = seaOf(process)
    if (sea !== undefined) {
      const asset = sea.getRawAsset(CODE_ASSET)
      return typeof asset === 'string' ? Buffer.from(asset) : new Uint8Array(asset)
    }
    const path = programPath(process)
    return path === undefined ? undefined : readFileSync(path)
  } catch {
    // Without --allow-read on Deno, or because the file was removed since.
    return undefined
  }
}
