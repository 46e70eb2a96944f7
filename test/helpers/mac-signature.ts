/** Reads signatures of macOS, of any signer. */

import {
  CS_HASHTYPE_SHA256,
  CSMAGIC_CODEDIRECTORY,
  PAGE_BITS,
  pageCount,
  pageDigest,
  part,
  SHA256_BYTES,
  signatureCommand,
} from '../../build/mac-signature.ts'

/**
 * The problem of the signature of an executable: whether it fits the bytes, of any signer.
 * Undefined when it fits.
 *
 * @throws {RangeError} when it is not all there
 */
export function signatureProblem(executable: Buffer): string | undefined {
  const command = signatureCommand(executable)
  if (command === undefined) return 'it has no signature'
  const start = command.readUInt32LE(8)
  const signature = part(executable, start, command.readUInt32LE(12))
  const directory = blobsIn(signature).find((blob) => {
    return blob.readUInt32BE(0) === CSMAGIC_CODEDIRECTORY && blob[37] === CS_HASHTYPE_SHA256
  })
  if (directory === undefined) return 'its signature has no SHA-256'
  if (directory.readUInt32BE(32) !== start || directory[39] !== PAGE_BITS) {
    return 'its signature is for another file'
  }
  const [hashes, count] = [directory.readUInt32BE(16), directory.readUInt32BE(28)]
  if (count !== pageCount(start)) return `its signature has ${count} pages`
  const code = executable.subarray(0, start)
  for (let page = 0; page < count; page += 1) {
    const signed = part(directory, hashes + page * SHA256_BYTES, SHA256_BYTES)
    if (!signed.equals(pageDigest(code, page))) return `its signature does not fit page ${page}`
  }
  return undefined
}

function blobsIn(signature: Buffer): readonly Buffer[] {
  return Array.from({ length: signature.readUInt32BE(8) }, (_, index) => {
    const offset = signature.readUInt32BE(12 + index * 8 + 4)
    return part(signature, offset, signature.readUInt32BE(offset + 4))
  })
}
