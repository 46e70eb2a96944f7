/** Reads the small text files that an operator writes, as editors on any system save them. */

import { closeSync, lstatSync, openSync, readSync, statSync } from 'node:fs'
import { fileTooLarge, fileUnreadable } from '../errors/config-errors.ts'
import { missingPermission } from '../errors/missing-permission.ts'
import { NodeError } from '../errors/node-error.ts'
import { systemCodeOf } from '../errors/system-error.ts'

/** Room for thousands of peers. Larger: a wrong file fills the memory. */
export const TEXT_FILE_BYTES_MAX = 1024 * 1024

/**
 * The text of a file, without its byte order mark, or undefined when there is no such file.
 *
 * @throws {NodeError} CONFIG_FILE_UNREADABLE when it is no regular file, a link that leads nowhere,
 * or the system refuses to read it, CONFIG_FILE_TOO_LARGE when it has more than
 * {@link TEXT_FILE_BYTES_MAX} bytes, RUNTIME_PERMISSION_MISSING on Deno without `--allow-read`.
 */
export function readTextFile(file: string): string | undefined {
  try {
    const stats = statSync(file)
    // A read of a pipe or a device may never end, and has no bound.
    if (!stats.isFile()) {
      const what = stats.isDirectory() ? 'is a folder, not a file' : 'is not a file'
      throw fileUnreadable(file, `${what}; remove it or rename it`)
    }
    assertSize(file, stats.size)
    const bytes = readAtMost(file, TEXT_FILE_BYTES_MAX + 1)
    // It may have grown meanwhile, and files of /proc have no size before they are read.
    assertSize(file, bytes.length)
    return decode(bytes)
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    const missing = missingPermission(cause)
    if (missing !== undefined) throw missing
    const code = systemCodeOf(cause)
    if ((code === 'ENOENT' || code === 'ELOOP') && isLink(file)) {
      const problem = 'is a link that leads nowhere; correct it or remove it'
      throw fileUnreadable(file, problem, cause)
    }
    if (code === 'ENOENT') return undefined
    const problem = `cannot be read (${code ?? String(cause)}); let the user that runs the node read it`
    throw fileUnreadable(file, problem, cause)
  }
}

function readAtMost(file: string, bytesMax: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(bytesMax)
    let length = 0
    for (let count = -1; count !== 0 && length < bytesMax; length += count) {
      count = readSync(descriptor, bytes, length, bytesMax - length, null)
    }
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}

function isLink(file: string): boolean {
  try {
    return lstatSync(file).isSymbolicLink()
  } catch {
    return false
  }
}

function assertSize(file: string, bytes: number): void {
  if (bytes > TEXT_FILE_BYTES_MAX) throw fileTooLarge(file, bytes, TEXT_FILE_BYTES_MAX)
}

/**
 * Notepad saves UTF-8 with a byte order mark, and `echo PORT=4002 > .env` in Windows PowerShell
 * writes UTF-16.
 */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '')
}
