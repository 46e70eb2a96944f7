/** Reads the small text files that an operator writes, as editors on any system save them. */

import { lstatSync, readFileSync, statSync } from 'node:fs'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf } from '../errors/system-error.ts'

/** Room for thousands of peers. Larger: a wrong file fills the memory. */
const TEXT_FILE_BYTES_MAX = 1024 * 1024

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
      throw unreadable(file, `${what}; remove it or rename it`)
    }
    assertSize(file, stats.size)
    const bytes = readFileSync(file)
    // Files of /proc have no size before they are read.
    assertSize(file, bytes.length)
    return decode(file, bytes)
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    const refusal = refusalOf(cause)
    if ((refusal === 'ENOENT' || refusal === 'ELOOP') && isLink(file)) {
      throw unreadable(file, 'is a link that leads nowhere; correct it or remove it', cause)
    }
    if (refusal === 'ENOENT') return undefined
    const problem = `cannot be read (${refusal}); let the user that runs the node read it`
    throw unreadable(file, problem, cause)
  }
}

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

function assertSize(file: string, bytes: number): void {
  if (bytes <= TEXT_FILE_BYTES_MAX) return
  const message = `${file} has ${bytes} bytes, which exceeds the limit of ${TEXT_FILE_BYTES_MAX}; make it shorter`
  throw new NodeError('CONFIG_FILE_TOO_LARGE', message)
}

function unreadable(file: string, problem: string, cause?: unknown): NodeError {
  return new NodeError('CONFIG_FILE_UNREADABLE', `${file} ${problem}`, { cause })
}

/**
 * Notepad saves UTF-8 with a byte order mark, and `echo PORT=4002 > .env` in Windows PowerShell
 * writes UTF-16.
 */
function decode(file: string, bytes: Buffer): string {
  const [first, second, third, fourth] = bytes
  if (first === 0xff && second === 0xfe) return bytes.toString('utf16le').slice(1)
  // Of the two bytes of an ASCII character in UTF-16, one is 0.
  const isUtf16 = (first === 0 && third === 0) || (second === 0 && fourth === 0)
  if (isUtf16 || (first === 0xfe && second === 0xff)) {
    const problem = 'is UTF-16 without the byte order mark ff fe; save it as UTF-8'
    throw unreadable(file, problem)
  }
  return bytes.toString('utf8').replace(/^\ufeff/, '')
}
