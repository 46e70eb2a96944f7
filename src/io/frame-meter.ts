/**
 * Meters the bytes of one WebSocket before they are decoded (RFC 6455 §5.2): each frame counts,
 * also those for which `ws` emits no event, such as fragments and pings of a message that never
 * ends.
 */

import { PIECE_BYTES } from './limits.ts'

/** In the first byte of a frame: the last of its message. */
const FINAL = 0x80
/** In the opcode: close, ping and pong. */
const CONTROL = 0x08
/** In the second byte: four bytes of a mask follow the length. */
const MASKED = 0x80

export class FrameMeter {
  /** What the message that has begun takes in memory until it ends, in bytes, with overhead. */
  unfinishedBytes = 0
  /** How many pings, pongs and close frames have begun. */
  controlFrames = 0
  #isControl = false
  #isFinal = true
  #payloadLeft = 0
  /** How many bytes of the header have come, where its length ends, and where the header ends. */
  #headerAt = 0
  #lengthEnd = 0
  #headerEnd = 0
  #length = 0

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
      if (this.#headerAt === 0) frames += 1
      this.#takeOfHeader(chunk[at] ?? 0)
      at += 1
    }
    return frames
  }

  #takeOfHeader(byte: number): void {
    const at = this.#headerAt
    this.#headerAt += 1
    if (at === 0) {
      this.#isControl = (byte & CONTROL) !== 0
      if (this.#isControl) this.controlFrames += 1
      this.#isFinal = (byte & FINAL) !== 0
      return
    }
    if (at === 1) {
      const short = byte & 0x7f
      this.#lengthEnd = short === 127 ? 10 : short === 126 ? 4 : 2
      this.#headerEnd = this.#lengthEnd + (byte & MASKED ? 4 : 0)
      this.#length = this.#lengthEnd === 2 ? short : 0
    } else if (at < this.#lengthEnd) this.#length = this.#length * 256 + byte
    if (this.#headerAt < this.#headerEnd) return
    this.#headerAt = 0
    this.#payloadLeft = this.#length
    if (this.#length === 0) this.#grow(0)
  }

  /** Bytes of the payload came, or an empty frame. */
  #grow(bytes: number): void {
    if (this.#isControl) return
    const isEnd = this.#isFinal && this.#payloadLeft === 0
    this.unfinishedBytes = isEnd ? 0 : this.unfinishedBytes + bytes + PIECE_BYTES
  }
}
