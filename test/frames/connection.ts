/** One connection with a node, and what came through it, as the cases have it. */

import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { waitUntil } from '../helpers/wait-until.ts'
import { decodeFrame, encodeFrame, type FrameParts, Opcode } from './frame.ts'

/** The last ping of a case. */
export const LAST = 'the last ping'

export class FrameConnection {
  readonly received: string[] = []
  readonly #tcp: Socket
  readonly #isDialedByNode: boolean
  #head = ''
  #bytes: Buffer = Buffer.alloc(0)

  constructor(tcp: Socket, isDialedByNode: boolean) {
    this.#tcp = tcp
    this.#isDialedByNode = isDialedByNode
    tcp.on('data', (chunk) => this.#take(chunk))
    tcp.on('end', () => this.received.push('ended'))
    tcp.on('error', (error) => this.received.push(error.message))
  }

  /** Waits for the request or the response of the upgrade. */
  async head(): Promise<string> {
    await waitUntil(
      () => this.#head !== '' || this.#tcp.closed,
      () => 'an HTTP head',
    )
    return this.#head
  }

  bytesOf(step: FrameParts | Uint8Array): Uint8Array {
    return step instanceof Uint8Array ? step : encodeFrame(step, !this.#isDialedByNode)
  }

  /** @param chunkBytes how many bytes one write has */
  async send(bytes: Buffer, chunkBytes = bytes.length): Promise<void> {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      this.#tcp.write(bytes.subarray(at, at + chunkBytes))
      if (chunkBytes < bytes.length) await nextTurn()
    }
  }

  end(): void {
    this.#tcp.end()
  }

  /** Waits until one of these was received, or the connection ended. */
  async receives(...wanted: readonly string[]): Promise<void> {
    await waitUntil(
      () => this.#tcp.closed || wanted.some((what) => this.received.includes(what)),
      () => `${wanted.join(' or ')}, received ${JSON.stringify(this.received)}`,
    )
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (this.#head === '') {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end === -1) return
      this.#head = this.#bytes.toString('latin1', 0, end)
      this.#bytes = this.#bytes.subarray(end + 4)
    }
    try {
      for (
        let frame = decodeFrame(this.#bytes, this.#isDialedByNode);
        frame !== undefined;
        frame = decodeFrame(this.#bytes, this.#isDialedByNode)
      ) {
        this.#bytes = frame.rest
        this.#takeFrame(frame.opcode, frame.payload)
      }
    } catch (error) {
      this.received.push(String(error))
      this.#tcp.destroy()
    }
  }

  #takeFrame(opcode: number, payload: Buffer): void {
    switch (opcode) {
      case Opcode.TEXT: {
        const { type }: Record<string, unknown> = JSON.parse(String(payload))
        this.received.push(String(type))
        return
      }
      case Opcode.PONG: {
        const what = payload.toString('latin1')
        this.received.push(what === LAST ? 'open' : `pong ${what}`.trimEnd())
        return
      }
      case Opcode.CLOSE: {
        const code = payload.length === 0 ? '' : payload.readUInt16BE(0)
        this.received.push(`close ${code} ${payload.toString('utf8', 2)}`.trimEnd())
        return
      }
      case Opcode.PING:
        // A node asks whether a link is alive when nothing has come for a while.
        return
      default:
        this.received.push(`opcode ${opcode}`)
    }
  }
}
