/**
 * Meters the bytes of one WebSocket before they are decoded (RFC 6455 §5.2): each frame counts,
 * also those for which `ws` emits no event, such as fragments and pings of a message that never
 * ends.
 */

import { PIECE_BYTES } from '../mesh/limits.ts'

/** In the first byte of a frame: the last of its message. */
const FINAL = 0x80
/** In the opcode: close, ping and pong. */
const CONTROL = 0x08
/** In the second byte: four bytes of a mask follow the length. */
const MASKED = 0x80

export class FrameMeter {
  /** What the message that has begun takes in memory until it ends, in bytes, with overhead. */
  unfinishedBytes = 0
  readonly #header: number[] = []
  #payloadLeft = 0
  #isControl = false
  #isFinal = true

  /** Takes the next bytes of the connection. Returns how many frames begin in them. */
  take(chunk: Uint8Array): number {
    let frames = 0
    for (let at = 0; at < chunk.length; ) {
      if (this.#payloadLeft > 0) {
        const bytes = Math.min(this.#payloadLeft, chunk.length - at)
        at += bytes
        this.#payloadLeft -= bytes
        this.#grow(bytes)
        continue
      }
      const byte = chunk[at] ?? 0
      at += 1
      if (this.#header.length === 0) frames += 1
      this.#header.push(byte)
      this.#endHeader()
    }
    return frames
  }

  #endHeader(): void {
    const [first = 0, second, ...rest] = this.#header
    if (second === undefined) return
    const short = second & 0x7f
    const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0
    if (rest.length < lengthBytes + (second & MASKED ? 4 : 0)) return
    const long = rest.slice(0, lengthBytes).reduce((sum, byte) => sum * 256 + byte, 0)
    this.#header.length = 0
    this.#isControl = (first & CONTROL) !== 0
    this.#isFinal = (first & FINAL) !== 0
    this.#payloadLeft = lengthBytes === 0 ? short : long
    if (this.#payloadLeft === 0) this.#grow(0)
  }

  /** Bytes of the payload came, or an empty frame. */
  #grow(bytes: number): void {
    if (this.#isControl) return
    const isEnd = this.#isFinal && this.#payloadLeft === 0
    this.unfinishedBytes = isEnd ? 0 : this.unfinishedBytes + bytes + PIECE_BYTES
  }
}
