/**
 * Records, as they lie in a file one after the other: four bytes that begin each, the length, the
 * time, a checksum over all of that, and a text. Pure.
 */

import { crc32 } from '../runtime/on-demand.ts'
import { RECORD_BYTES_MAX } from './limits.ts'

/** The first byte is in no UTF-8, so that no text has what looks like a record. */
const MAGIC = Buffer.from([0xff, 0x46, 0x4d, 0x01])
const HEADER_BYTES = 20

export interface StoredText {
  readonly kind: 'record'
  /** When it was written, in ms since 1970. */
  readonly atMs: number
  readonly text: string
  /** Where the next one begins. */
  readonly end: number
}

/** Bytes that are no record. */
export interface Damage {
  readonly kind: 'damage'
  readonly start: number
  readonly end: number
}

export function encodeRecord(text: string, atMs: number): Buffer {
  const length = Buffer.byteLength(text)
  const record = Buffer.allocUnsafe(HEADER_BYTES + length)
  MAGIC.copy(record)
  record.writeUInt32LE(length, 4)
  record.writeDoubleLE(atMs, 8)
  record.write(text, HEADER_BYTES)
  record.writeUInt32LE(checksum(record), 16)
  return record
}

/** The records of a file, and what is between them. What is behind the last one may be torn. */
export function* recordsIn(bytes: Buffer): Iterable<StoredText | Damage> {
  let at = 0
  while (at < bytes.length) {
    const record = recordAt(bytes, at)
    if (record !== undefined) {
      yield record
      at = record.end
      continue
    }
    const start = at
    do {
      const next = bytes.indexOf(MAGIC, at + 1)
      at = next === -1 ? bytes.length : next
    } while (at < bytes.length && recordAt(bytes, at) === undefined)
    yield { kind: 'damage', start, end: at }
  }
}

function recordAt(bytes: Buffer, at: number): StoredText | undefined {
  if (bytes.length - at < HEADER_BYTES || bytes.compare(MAGIC, 0, 4, at, at + 4) !== 0) {
    return undefined
  }
  const length = bytes.readUInt32LE(at + 4)
  const end = at + HEADER_BYTES + length
  if (length > RECORD_BYTES_MAX || end > bytes.length) return undefined
  const record = bytes.subarray(at, end)
  if (record.readUInt32LE(16) !== checksum(record)) return undefined
  const text = record.toString('utf8', HEADER_BYTES)
  return { kind: 'record', atMs: record.readDoubleLE(8), text, end }
}

/** Of all bytes but its own. */
function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, 16)))
}
