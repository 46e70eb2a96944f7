/** Executables of macOS: Mach-O, 64 bits, for one processor. See mach-o/loader.h. */

const LC_SEGMENT_64 = 0x19

/** Where load commands begin: after the header. */
export const MACH_O_HEADER_BYTES = 32

/** A load command: what it is, and its bytes, which are a view of the executable's. */
export interface LoadCommand {
  readonly kind: number
  readonly bytes: Buffer
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

/**
 * A part of the bytes.
 *
 * @throws {RangeError} when they end before it does
 */
export function part(bytes: Buffer, offset: number, length: number): Buffer {
  if (offset + length > bytes.length) throw new RangeError('it ends too early')
  return bytes.subarray(offset, offset + length)
}
