/** Executables of macOS: Mach-O, 64 bits, for one processor. See mach-o/loader.h. */

import { part, readOffset } from './byte-range.ts'
import type { Executable, PayloadName } from './executable.ts'

const CPU_TYPE_X86_64 = 0x0100_0007
const CPU_TYPE_ARM64 = 0x0100_000c
const LC_SEGMENT_64 = 0x19

/** Where load commands begin: after the header. */
export const MACH_O_HEADER_BYTES = 32

/** A load command: what it is, and its bytes, which are a view of the executable's. */
export interface LoadCommand {
  readonly kind: number
  readonly bytes: Buffer
}

/** Reads one. The payload is a section. */
export function machOContent(bytes: Buffer, { name, segment }: PayloadName): Executable {
  const cpu = bytes.readUInt32LE(4)
  const arch = cpu === CPU_TYPE_X86_64 ? 'x64' : cpu === CPU_TYPE_ARM64 ? 'arm64' : undefined
  const section = segmentNamed(bytes, segment)
    .flatMap(sectionsOf)
    .find((section) => fixedText(section, 0) === `__${name}`)
  const payload = section && part(bytes, section.readUInt32LE(48), readOffset(section, 40))
  return { os: 'macos', arch, payload }
}

/** All load commands, in order. */
export function loadCommands(bytes: Buffer): readonly LoadCommand[] {
  const commands: LoadCommand[] = []
  let offset = MACH_O_HEADER_BYTES
  for (let left = bytes.readUInt32LE(16); left > 0; left -= 1) {
    const size = bytes.readUInt32LE(offset + 4)
    commands.push({ kind: bytes.readUInt32LE(offset), bytes: part(bytes, offset, size) })
    offset += size
  }
  return commands
}

/** The command of the segment of this name, if there is one. */
export function segmentNamed(bytes: Buffer, name: string): readonly Buffer[] {
  return loadCommands(bytes)
    .filter((command) => command.kind === LC_SEGMENT_64 && fixedText(command.bytes, 8) === name)
    .map((command) => command.bytes)
}

/** The sections that the command of a segment lists. */
export function sectionsOf(segment: Buffer): readonly Buffer[] {
  return Array.from({ length: segment.readUInt32LE(64) }, (_, index) =>
    part(segment, 72 + index * 80, 80),
  )
}

/** A name of up to 16 characters, filled up with zeros. */
function fixedText(bytes: Buffer, offset: number): string {
  return bytes.toString('latin1', offset, offset + 16).replace(/\0+$/, '')
}
