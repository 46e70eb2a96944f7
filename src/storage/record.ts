/**
 * Records, as they lie in a file one after the other: four bytes that begin each, the length, the
 * time, which messages it has, a checksum over all of that, and a text. Pure.
 */

import { crc32 } from '../runtime/on-demand.ts'
import { RECORD_BYTES_MAX } from './limits.ts'

/** The first byte is in no UTF-8, so that no text has what looks like a record. */
const MAGIC = Buffer.from([0xff, 0x46, 0x4d, 0x01])
const HEADER_BYTES = 36
const CHECKSUM_AT = 32

/** What a record says beside its text, so that a file is searched without decoding that. */
export interface RecordFacts {
  /** When it was written, in ms since 1970. */
  readonly atMs: number
  /** The numbers of the messages in it, without the last one; 0 when it has none. */
  readonly from: number
  readonly end: number
}

export interface StoredText extends RecordFacts {
  readonly kind: 'record'
  readonly text: () => string
  /** Where the next one begins. */
  readonly nextAt: number
}

/** Bytes that are no record. */
export interface Damage {
  readonly kind: 'damage'
  readonly start: number
  readonly end: number
}

export function encodeRecord(text: string, { atMs, end, from }: RecordFacts): Buffer {
  const length = Buffer.byteLength(text)
  const record = Buffer.allocUnsafe(HEADER_BYTES + length)
  MAGIC.copy(record)
  record.writeUInt32LE(length, 4)
  record.writeDoubleLE(atMs, 8)
  record.writeDoubleLE(from, 16)
  record.writeDoubleLE(end, 24)
  record.write(text, HEADER_BYTES)
  record.writeUInt32LE(checksum(record), CHECKSUM_AT)
  return record
}

/** The records of a file, and what is between them. What is behind the last one may be torn. */
export function* recordsIn(bytes: Buffer): Iterable<StoredText | Damage> {
  let at = 0
  while (at < bytes.length) {
    const record = recordAt(bytes, at)
    if (record !== undefined) {
      yield record
      at = record.nextAt
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
  const nextAt = at + HEADER_BYTES + length
  if (length > RECORD_BYTES_MAX || nextAt > bytes.length) return undefined
  const record = bytes.subarray(at, nextAt)
  if (record.readUInt32LE(CHECKSUM_AT) !== checksum(record)) return undefined
  return {
    kind: 'record',
    atMs: record.readDoubleLE(8),
    from: record.readDoubleLE(16),
    end: record.readDoubleLE(24),
    text: () => record.toString('utf8', HEADER_BYTES),
    nextAt,
  }
}

/** Of all bytes but its own. */
function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, CHECKSUM_AT)))
}
