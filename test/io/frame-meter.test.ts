import test from 'ava'
import { FrameMeter } from '../../src/io/frame-meter.ts'
import { PIECE_BYTES } from '../../src/io/limits.ts'
import { frameOf } from '../attack/attacker.ts'

/** What a server sends: not masked. */
const UNMASKED = Buffer.from([0x81, 2, 0x7b, 0x7d])

const EACH: readonly (readonly [what: string, frame: Buffer])[] = [
  ['an empty pong', frameOf(0xa, '')],
  ['a ping', frameOf(0x9, 'x'.repeat(125))],
  ['a short text', frameOf(0x1, '{}')],
  ['a text of 126 bytes', frameOf(0x1, 'x'.repeat(126))],
  ['a text of 70,000 bytes', frameOf(0x1, 'x'.repeat(70_000))],
  ['a text of a server', UNMASKED],
]

for (const [what, frame] of EACH) {
  test(`frame meter - counts ${what} once, however its bytes are cut`, (t) => {
    const bytes = Buffer.concat([frame, frame, frame])
    for (const size of [1, 2, 3, 7, 1_460, bytes.length]) {
      const meter = new FrameMeter()
      let frames = 0
      for (let at = 0; at < bytes.length; at += size) {
        frames += meter.take(bytes.subarray(at, at + size))
      }
      t.is(frames, 3, `${size}`)
      t.is(meter.unfinishedBytes, 0, `${size}`)
    }
  })
}

test('frame meter - counts each fragment, also empty ones', (t) => {
  const meter = new FrameMeter()
  t.is(meter.take(frameOf(0x1, '', false)), 1)
  t.is(meter.take(Buffer.concat(Array<Buffer>(99).fill(frameOf(0x0, '', false)))), 99)
  t.is(meter.unfinishedBytes, 100 * PIECE_BYTES)
  t.is(meter.take(frameOf(0x0, 'end')), 1)
  t.is(meter.unfinishedBytes, 0)
})

test('frame meter - a ping within a message does not end it', (t) => {
  const meter = new FrameMeter()
  meter.take(frameOf(0x1, 'half', false))
  meter.take(frameOf(0x9, ''))
  t.is(meter.unfinishedBytes, 4 + PIECE_BYTES)
})

test('frame meter - a frame that is not complete counts with what came of it', (t) => {
  const meter = new FrameMeter()
  const frame = frameOf(0x1, 'x'.repeat(1_000))
  meter.take(frame.subarray(0, 14 + 600))
  t.is(meter.unfinishedBytes, 600 + PIECE_BYTES)
  meter.take(frame.subarray(14 + 600, 14 + 999))
  t.is(meter.unfinishedBytes, 999 + 2 * PIECE_BYTES)
})
