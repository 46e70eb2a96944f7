/** Frames as bytes and back (RFC 6455 §5.2), also those that no implementation sends. */

export const Opcode = {
  CONTINUATION: 0x0,
  TEXT: 0x1,
  BINARY: 0x2,
  CLOSE: 0x8,
  PING: 0x9,
  PONG: 0xa,
} as const

/** What is not given is as in the frame of a whole message, with the shortest length. */
export interface FrameParts {
  readonly opcode: number
  /** Default: empty. */
  readonly payload?: string | Uint8Array
  /** Default: true. */
  readonly fin?: boolean
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. Default: 0. */
  readonly rsv?: number
  /** Bytes of the extended length. Default: as few as possible. */
  readonly lengthBytes?: 2 | 8
  /** What the length says. Default: the length of the payload. */
  readonly length?: bigint
  /** Default: masked as the sender must, that is only if it is the dialer. */
  readonly masked?: 'wrongly'
  /** Four bytes. Default: others than 0. */
  readonly mask?: readonly number[]
}

/** @param isMasked whether the sender is the dialer, which masks its frames (RFC 6455 §5.1) */
export function encodeFrame(parts: FrameParts, isMasked: boolean): Buffer {
  const { opcode, fin = true, rsv = 0, mask = [0x37, 0xfa, 0x21, 0x3d] } = parts
  const payload = Buffer.from(parts.payload ?? '')
  const length = parts.length ?? BigInt(payload.length)
  const lengthBytes = parts.lengthBytes ?? (length > 65_535n ? 8 : length > 125n ? 2 : 0)
  const hasMask = isMasked !== (parts.masked === 'wrongly')
  const short = lengthBytes === 8 ? 127 : lengthBytes === 2 ? 126 : Number(length)
  const extended = Buffer.alloc(lengthBytes)
  if (lengthBytes === 8) extended.writeBigUInt64BE(length)
  if (lengthBytes === 2) extended.writeUInt16BE(Number(length))
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (hasMask ? 0x80 : 0) | short]
  if (!hasMask) return Buffer.concat([Buffer.from(head), extended, payload])
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from(head), extended, Buffer.from(mask), masked])
}

/** A frame that was received. */
export interface ReceivedFrame {
  readonly opcode: number
  readonly payload: Buffer
  /** What is left of the bytes. */
  readonly rest: Buffer
}

/**
 * The first frame in these bytes, or undefined when it is not all there.
 *
 * @throws when it is not as every frame of a node: whole, without RSV, of the shortest length, and
 * masked only by a dialer
 */
export function decodeFrame(bytes: Buffer, isMasked: boolean): ReceivedFrame | undefined {
  if (bytes.length < 2) return undefined
  const [first = 0, second = 0] = bytes
  if ((first & 0xf0) !== 0x80) throw new Error('a frame that is no whole message, or has RSV')
  if (second >= 0x80 !== isMasked) throw new Error('a frame that is masked wrongly')
  const short = second & 0x7f
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
  const start = 2 + lengthBytes + (isMasked ? 4 : 0)
  if (bytes.length < start) return undefined
  const length =
    lengthBytes === 8
      ? Number(bytes.readBigUInt64BE(2))
      : lengthBytes === 2
        ? bytes.readUInt16BE(2)
        : short
  if (lengthBytes === 8 ? length < 65_536 : lengthBytes === 2 && length < 126) {
    throw new Error('a length that could be shorter')
  }
  if (bytes.length < start + length) return undefined
  const mask = bytes.subarray(start - 4, start)
  const payload = Buffer.from(bytes.subarray(start, start + length))
  if (isMasked) for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at % 4] ?? 0)
  return { opcode: first & 0x0f, payload, rest: bytes.subarray(start + length) }
}
