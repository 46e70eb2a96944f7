/** The bytes of the code that a process runs: their digest is the code of a node. */

import { closeSync, openSync, readSync } from 'node:fs'
import { type Invocation, programPath } from './program-path.ts'
import { seaOf } from './runtime-name.ts'

/** The asset of a binary that holds a copy of the script (build/pkg-tool.ts). */
export const CODE_ASSET = 'index.js'

/**
 * A file is read in pieces of so many bytes: new memory for all of it at once costs a start four
 * times as much CPU as the reading.
 */
const PIECE_BYTES = 64 * 1024

/**
 * Reads the bytes of the running script: of its file, and in a binary of the copy inside, not of
 * the whole executable. The memory of a piece is used again. False when they cannot be read. Never
 * throws.
 */
export function readOwnCode(process: Invocation, onPiece: (piece: Uint8Array) => void): boolean {
  try {
    const sea = seaOf(process)
    if (sea !== undefined) {
      const asset = sea.getRawAsset(CODE_ASSET)
      onPiece(typeof asset === 'string' ? Buffer.from(asset) : new Uint8Array(asset))
      return true
    }
    const path = programPath(process)
    if (path === undefined) return false
    readInPieces(path, onPiece)
    return true
  } catch {
    // Without --allow-read on Deno, or because the file was removed since.
    return false
  }
}

function readInPieces(path: string, onPiece: (piece: Uint8Array) => void): void {
  const file = openSync(path, 'r')
  try {
    const memory = Buffer.allocUnsafe(PIECE_BYTES)
    for (let bytes = readSync(file, memory); bytes > 0; bytes = readSync(file, memory)) {
      onPiece(memory.subarray(0, bytes))
    }
  } finally {
    closeSync(file)
  }
}
