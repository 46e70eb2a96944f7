/** Reading files of other people's formats: what is not there is an error, not a shorter answer. */

/**
 * A part of the bytes.
 *
 * @throws {RangeError} when they have no such part
 */
export function part(bytes: Buffer, offset: number, length: number): Buffer {
  if (offset + length > bytes.length) throw new RangeError('it ends too early')
  return bytes.subarray(offset, offset + length)
}

/** A number of 64 bits, little end first, as far as it can be an offset. */
export function readOffset(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset))
}
