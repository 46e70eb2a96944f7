/**
 * Ad-hoc signatures of macOS. macOS on an Apple processor ends a program whose signature does not
 * fit, and adding a payload to a signed Node removes its signature. An ad-hoc signature has no
 * signer: it is digests of the pages, the same on every machine. The layout is that of cs_blobs.h
 * and mach-o/loader.h, the contents those of Go's linker (cmd/internal/codesign).
 */

import { createHash } from 'node:crypto'
import { ToolError } from './command-line.ts'

const MACH_HEADER_BYTES = 32
const LC_SEGMENT_64 = 0x19
const LC_CODE_SIGNATURE = 0x1d
const LC_CODE_SIGNATURE_BYTES = 16

const CSMAGIC_EMBEDDED_SIGNATURE = 0xfade_0cc0
export const CSMAGIC_CODEDIRECTORY = 0xfade_0c02
const SUPER_BLOB_BYTES = 12 + 8
const CODE_DIRECTORY_BYTES = 88
/** The first version with the place of the main program's code. */
const CODE_DIRECTORY_VERSION = 0x2_0400
const CS_ADHOC = 0x2
/** As from a linker: `codesign` replaces it without `--force`. */
const CS_LINKER_SIGNED = 0x2_0000
const CS_EXECSEG_MAIN_BINARY = 0x1
export const CS_HASHTYPE_SHA256 = 2
export const SHA256_BYTES = 32

/** Pages of 4 KiB, on Apple processors, too; as a power of two. */
export const PAGE_BITS = 12
const PAGE_BYTES = 1 << PAGE_BITS

/** Memory is mapped in pieces of this size on Apple processors, in smaller ones on Intel. */
const SEGMENT_ALIGNMENT = 16 * 1024
const SIGNATURE_ALIGNMENT = 16

/**
 * Signs an executable that has no signature.
 *
 * @param identifier the name of the program for macOS
 * @throws {ToolError} when there is a signature, or no room for its load command
 */
export function signAdHoc(executable: Buffer, identifier: string): Buffer {
  if (signatureCommand(executable) !== undefined) throw new ToolError('it has a signature')
  const start = aligned(executable.length, SIGNATURE_ALIGNMENT)
  const size = SUPER_BLOB_BYTES + codeDirectoryBytes(start, identifier)
  const signed = Buffer.alloc(start + size)
  executable.copy(signed)
  addLoadCommand(signed, start, size)
  // Last, because the pages contain all of the above.
  signatureOf(signed.subarray(0, start), identifier).copy(signed, start)
  return signed
}

/** Adds the load command, and extends the last segment over the signature. */
function addLoadCommand(signed: Buffer, start: number, size: number): void {
  const commandsBytes = signed.readUInt32LE(20)
  const command = MACH_HEADER_BYTES + commandsBytes
  const room = part(signed, command, LC_CODE_SIGNATURE_BYTES)
  const text = segmentNamed(signed, '__TEXT')
  const sections = Array.from({ length: text.readUInt32LE(64) }, (_, index) =>
    text.readUInt32LE(72 + index * 80 + 48),
  )
  const isFull = command + LC_CODE_SIGNATURE_BYTES > Math.min(...sections)
  if (isFull || room.some((byte) => byte !== 0))
    throw new ToolError('it has no room for a signature')
  const linkEdit = segmentNamed(signed, '__LINKEDIT')
  const linkEditBytes = start + size - Number(linkEdit.readBigUInt64LE(40))
  linkEdit.writeBigUInt64LE(BigInt(linkEditBytes), 48)
  linkEdit.writeBigUInt64LE(BigInt(aligned(linkEditBytes, SEGMENT_ALIGNMENT)), 32)

  signed.writeUInt32LE(signed.readUInt32LE(16) + 1, 16)
  signed.writeUInt32LE(commandsBytes + LC_CODE_SIGNATURE_BYTES, 20)
  const fields = [LC_CODE_SIGNATURE, LC_CODE_SIGNATURE_BYTES, start, size]
  for (const [index, value] of fields.entries()) room.writeUInt32LE(value, index * 4)
}

/** A container of one blob, the code directory. Numbers are big-endian here. */
function signatureOf(code: Buffer, identifier: string): Buffer {
  const directoryBytes = codeDirectoryBytes(code.length, identifier)
  const bytes = Buffer.alloc(SUPER_BLOB_BYTES + directoryBytes)
  const container = [CSMAGIC_EMBEDDED_SIGNATURE, bytes.length, 1, 0, SUPER_BLOB_BYTES]
  for (const [index, value] of container.entries()) bytes.writeUInt32BE(value, index * 4)

  const directory = bytes.subarray(SUPER_BLOB_BYTES)
  const text = segmentNamed(code, '__TEXT')
  const hashes = CODE_DIRECTORY_BYTES + identifier.length + 1
  const fields = [
    CSMAGIC_CODEDIRECTORY,
    directoryBytes,
    CODE_DIRECTORY_VERSION,
    CS_ADHOC | CS_LINKER_SIGNED,
    hashes,
    CODE_DIRECTORY_BYTES,
    0,
    pageCount(code.length),
    code.length,
  ]
  for (const [index, value] of fields.entries()) directory.writeUInt32BE(value, index * 4)
  directory.set([SHA256_BYTES, CS_HASHTYPE_SHA256, 0, PAGE_BITS], 36)
  directory.writeBigUInt64BE(text.readBigUInt64LE(40), 64)
  directory.writeBigUInt64BE(text.readBigUInt64LE(48), 72)
  directory.writeBigUInt64BE(BigInt(CS_EXECSEG_MAIN_BINARY), 80)
  directory.write(identifier, CODE_DIRECTORY_BYTES, 'latin1')
  for (let page = 0; page < pageCount(code.length); page += 1) {
    pageDigest(code, page).copy(directory, hashes + page * SHA256_BYTES)
  }
  return bytes
}

/** The load command with the place of the signature. It is a view of the executable. */
export function signatureCommand(executable: Buffer): Buffer | undefined {
  return loadCommands(executable).find((command) => command.readUInt32LE(0) === LC_CODE_SIGNATURE)
}

function segmentNamed(executable: Buffer, name: string): Buffer {
  const segment = loadCommands(executable).find((command) => {
    const isSegment = command.readUInt32LE(0) === LC_SEGMENT_64
    return isSegment && command.toString('latin1', 8, 24).replace(/\0+$/, '') === name
  })
  if (segment === undefined) throw new ToolError(`it has no ${name}`)
  return segment
}

function loadCommands(executable: Buffer): readonly Buffer[] {
  let offset = MACH_HEADER_BYTES
  return Array.from({ length: executable.readUInt32LE(16) }, () => {
    const command = part(executable, offset, executable.readUInt32LE(offset + 4))
    offset += command.length
    return command
  })
}

/** @throws {RangeError} when the bytes end before the part does */
export function part(bytes: Buffer, offset: number, length: number): Buffer {
  if (offset + length > bytes.length) throw new RangeError('it ends too early')
  return bytes.subarray(offset, offset + length)
}

function codeDirectoryBytes(codeBytes: number, identifier: string): number {
  return CODE_DIRECTORY_BYTES + identifier.length + 1 + pageCount(codeBytes) * SHA256_BYTES
}

export function pageCount(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES)
}

export function pageDigest(code: Buffer, page: number): Buffer {
  const bytes = code.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES)
  return createHash('sha256').update(bytes).digest()
}

function aligned(size: number, alignment: number): number {
  return Math.ceil(size / alignment) * alignment
}
