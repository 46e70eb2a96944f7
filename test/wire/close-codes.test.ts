import test from 'ava'
import fc from 'fast-check'
import { CLOSE_REASON_BYTES_MAX, CloseCode, closeFrame } from '../../src/wire/close-codes.ts'
import { anyCodePoint, holds } from '../helpers/property.ts'

/** The reason of a close frame, given this one. */
function reasonOf(reason: string): string {
  return closeFrame(CloseCode.DUPLICATE, reason).reason
}

/** Bytes on the wire, where a lone surrogate is the three bytes of U+FFFD. */
function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8')
}

test('close codes - have the numbers of docs/PROTOCOL.md', (t) => {
  t.deepEqual(CloseCode, {
    GOING_AWAY: 1001,
    PROTOCOL_ERROR: 1002,
    UNSUPPORTED_DATA: 1003,
    INVALID_PAYLOAD: 1007,
    TOO_BIG: 1009,
    TRY_AGAIN_LATER: 1013,
    DUPLICATE: 4001,
    SELF: 4002,
    OTHER_MESH: 4003,
    NO_HANDSHAKE: 4004,
    SILENT: 4005,
    ADDRESS_TAKEN: 4006,
    BACKLOG: 4007,
    ADDRESS_UNREACHABLE: 4008,
    FLOOD: 4009,
    WRONG_SECRET: 4010,
  })
})

test('close codes - no two are the same', (t) => {
  const codes = Object.values(CloseCode)
  t.is(new Set(codes).size, codes.length)
})

test('close codes - may all be sent (RFC 6455 §7.4)', (t) => {
  const reserved = [1004, 1005, 1006, 1015]
  for (const code of Object.values(CloseCode)) {
    const registered = code >= 1000 && code <= 1014 && !reserved.includes(code)
    t.true(registered || (code >= 4000 && code <= 4999), `${code}`)
  }
})

test('close reason - 123 bytes are sent whole; one more is cut', (t) => {
  const whole = 'x'.repeat(CLOSE_REASON_BYTES_MAX)
  t.is(CLOSE_REASON_BYTES_MAX, 123)
  t.is(reasonOf(''), '')
  t.is(reasonOf(whole), whole)
  t.is(reasonOf(`${whole}x`), whole)
})

const CHARACTERS: readonly (readonly [what: string, character: string, bytes: number])[] = [
  ['two bytes', 'é', 2],
  ['three bytes', '€', 3],
  ['four bytes', '😀', 4],
  ['a lone high surrogate', '\ud83d', 3],
  ['a lone low surrogate', '\ude00', 3],
]

test('close reason - is cut between characters, never inside one', (t) => {
  for (const [what, character, bytes] of CHARACTERS) {
    t.is(bytesOf(character), bytes, what)
    const fitting = 'x'.repeat(CLOSE_REASON_BYTES_MAX - bytes) + character
    t.is(reasonOf(fitting), fitting, `${what} at the limit`)
    const over = `x${fitting}`
    t.is(reasonOf(over), over.slice(0, -character.length), `${what} above the limit`)
  }
})

test('close reason - is the longest beginning that fits', (t) => {
  const text = fc.string({
    unit: fc.oneof(
      fc.string({ unit: anyCodePoint, maxLength: 1 }),
      fc.constantFrom('\ud83d', '\ude00', 'é', 'x'),
    ),
    minLength: 30,
    maxLength: 200,
  })
  holds(
    t,
    1_000,
    fc.property(text, (reason) => {
      const cut = reasonOf(reason)
      if (!reason.startsWith(cut) || bytesOf(cut) > CLOSE_REASON_BYTES_MAX) return false
      const [next = ''] = reason.slice(cut.length)
      return next === '' || bytesOf(cut + next) > CLOSE_REASON_BYTES_MAX
    }),
  )
})

test('close reason - the code is kept', (t) => {
  t.deepEqual(closeFrame(CloseCode.GOING_AWAY, 'node stops'), { code: 1001, reason: 'node stops' })
})
