import test from 'ava'
import { RECORD_BYTES_MAX } from '../../src/storage/limits.ts'
import { encodeRecord, recordsIn } from '../../src/storage/record.ts'

const TEXTS = ['', 'a', '{"ü":[1,2,3]}', 'x'.repeat(70), 'last']
const AT_MS = 1_700_000_000_123
const FACTS = { atMs: AT_MS, from: 7, end: 2 ** 52 }
const RECORDS = TEXTS.map((text) => encodeRecord(text, FACTS))
const FILE = Buffer.concat(RECORDS)

function textsIn(bytes: Buffer): readonly string[] {
  return [...recordsIn(bytes)].flatMap((one) => (one.kind === 'record' ? [one.text()] : []))
}

test('record - what is written is read again, with its time', (t) => {
  const found = [...recordsIn(FILE)]
  t.deepEqual(textsIn(FILE), TEXTS)
  t.true(found.every((one) => one.kind === 'record' && one.atMs === AT_MS && one.from === 7))
  t.true(found.every((one) => one.kind === 'record' && one.end === 2 ** 52))
  t.deepEqual([...recordsIn(Buffer.alloc(0))], [])
})

test('record - a flipped bit anywhere costs one record, and makes up none', (t) => {
  let start = 0
  for (const [index, { length }] of RECORDS.entries()) {
    const others = TEXTS.filter((_, other) => other !== index)
    for (let at = start; at < start + length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const bytes = Buffer.from(FILE)
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
        const found = [...recordsIn(bytes)]
        t.deepEqual(textsIn(bytes), others)
        t.deepEqual(
          found.filter(({ kind }) => kind === 'damage'),
          [{ kind: 'damage', start, end: start + length }],
        )
      }
    }
    start += length
  }
})

test('record - a file that ends anywhere has the records before', (t) => {
  const ends = RECORDS.map((_, index) => Buffer.concat(RECORDS.slice(0, index + 1)).length)
  for (let length = 0; length <= FILE.length; length += 1) {
    const whole = ends.filter((end) => end <= length)
    const found = [...recordsIn(FILE.subarray(0, length))]
    t.deepEqual(textsIn(FILE.subarray(0, length)), TEXTS.slice(0, whole.length))
    const start = whole.at(-1) ?? 0
    const tail = start === length ? [] : [{ kind: 'damage', start, end: length }]
    t.deepEqual(
      found.filter(({ kind }) => kind === 'damage'),
      tail,
    )
  }
})

test('record - a text that has the bytes of a record is not read as one', (t) => {
  const hostile = `x${encodeRecord('evil', FACTS).toString('latin1')}`
  const bytes = encodeRecord(hostile, FACTS)
  bytes.writeUInt8(bytes.readUInt8(35) ^ 1, 35)
  t.deepEqual(textsIn(bytes), [])
})

test('record - has at most RECORD_BYTES_MAX', (t) => {
  const largest = 'x'.repeat(RECORD_BYTES_MAX)
  t.deepEqual(textsIn(encodeRecord(largest, FACTS)), [largest])
  t.deepEqual(textsIn(encodeRecord(`${largest}x`, FACTS)), [])
})
