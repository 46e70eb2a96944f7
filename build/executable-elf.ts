/** Executables of Linux: ELF, 64 bits. See the generic ABI, chapters 4 and 5, and elf.h. */

import { part, readOffset } from './byte-range.ts'
import type { Executable, PayloadName } from './executable.ts'

const EM_X86_64 = 0x3e
const EM_AARCH64 = 0xb7
const PT_NOTE = 4

/** Reads one. The payload is a note, as `postject_find_resource` looks for it at run time. */
export function elfContent(bytes: Buffer, { name }: PayloadName): Executable {
  const machine = bytes.readUInt16LE(0x12)
  const arch = machine === EM_X86_64 ? 'x64' : machine === EM_AARCH64 ? 'arm64' : undefined
  const [first, size, count] = [
    readOffset(bytes, 0x20),
    bytes.readUInt16LE(0x36),
    bytes.readUInt16LE(0x38),
  ]
  for (let index = 0; index < count; index += 1) {
    const header = part(bytes, first + index * size, size)
    if (header.readUInt32LE(0) !== PT_NOTE) continue
    const notes = part(bytes, readOffset(header, 8), readOffset(header, 32))
    const payload = noteNamed(notes, name)
    if (payload !== undefined) return { os: 'linux', arch, payload }
  }
  return { os: 'linux', arch, payload: undefined }
}

function noteNamed(notes: Buffer, name: string): Buffer | undefined {
  let offset = 0
  while (offset + 12 <= notes.length) {
    const nameSize = notes.readUInt32LE(offset)
    const size = notes.readUInt32LE(offset + 4)
    const start = offset + 12 + padded(nameSize)
    // The name of a note ends with a zero.
    const owner = notes.toString('latin1', offset + 12, offset + 12 + Math.max(0, nameSize - 1))
    if (owner === name) return part(notes, start, size)
    offset = start + padded(size)
  }
  return undefined
}

function padded(size: number): number {
  return Math.ceil(size / 4) * 4
}
