/**
 * What is inside of an executable, read from its bytes: for which processor it is, and what was put
 * into it under a name. Knows nothing of Node.
 */

import { elfContent } from './executable-elf.ts'
import { machOContent } from './executable-mach-o.ts'
import { peContent } from './executable-pe.ts'

/** What can be told of an executable. */
export interface Executable {
  readonly os: 'linux' | 'macos' | 'win'
  /** Undefined for a processor that we know nothing of. */
  readonly arch: 'x64' | 'arm64' | undefined
  /** What was put into it; undefined when nothing was. */
  readonly payload: Uint8Array | undefined
}

/** How its payload is called. */
export interface PayloadName {
  /** The name of a note (ELF), of a resource (PE), and after `__` of a section (Mach-O). */
  readonly name: string
  /** The segment of that section. */
  readonly segment: string
}

const ELF_MAGIC = 0x7f45_4c46
const PE_MAGIC = 0x4d5a
const MACH_O_MAGIC = 0xcffa_edfe

/**
 * Reads an executable for 64 bits.
 *
 * @throws {RangeError} when it is none, or not all of it
 */
export function readExecutable(bytes: Buffer, payload: PayloadName): Executable {
  if (bytes.readUInt32BE(0) === ELF_MAGIC) return elfContent(bytes, payload)
  if (bytes.readUInt32BE(0) === MACH_O_MAGIC) return machOContent(bytes, payload)
  if (bytes.readUInt16BE(0) === PE_MAGIC) return peContent(bytes, payload)
  throw new RangeError('no executable')
}
