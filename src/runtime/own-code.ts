/** The code that a process runs, byte for byte: its digest names the code of a node. */

import { readFileSync } from 'node:fs'
import { type Invocation, programPath } from './program-path.ts'

/** The name under which build/pkg-tool.ts puts the script into a binary once more, to be read. */
export const CODE_ASSET = 'index.js'

/** What a process knows of its code; `process` has it. */
export interface CodeSource extends Invocation {
  getBuiltinModule(id: 'node:sea'): unknown
}

/**
 * The bytes of the running script: those of its file, and in a binary those that were baked into
 * it, not those of the whole executable. Undefined when they cannot be told. Never throws.
 */
export function ownCode(process: CodeSource): Uint8Array | undefined {
  try {
    const baked = bakedCode(process)
    if (baked !== undefined) return baked
    const path = programPath(process)
    return path === undefined ? undefined : readFileSync(path)
  } catch {
    // Without --allow-read on Deno, or because the file was removed since.
    return undefined
  }
}

/** Only in a binary; Deno and Bun have no `node:sea`, and some of them throw when asked for it. */
function bakedCode(process: CodeSource): Uint8Array | undefined {
  const sea = seaOf(process)
  if (sea?.isSea() !== true) return undefined
  const asset = sea.getRawAsset(CODE_ASSET)
  return typeof asset === 'string' ? Buffer.from(asset) : new Uint8Array(asset)
}

type Sea = typeof import('node:sea')

function seaOf(process: CodeSource): Sea | undefined {
  try {
    const sea = process.getBuiltinModule('node:sea')
    return isSeaModule(sea) ? sea : undefined
  } catch {
    return undefined
  }
}

function isSeaModule(module: unknown): module is Sea {
  return typeof module === 'object' && module !== null && 'isSea' in module
}
