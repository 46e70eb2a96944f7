/**
 * What all our sockets have in common, accepted and dialed: their limits, and what they say when
 * one is exceeded.
 */

import { WebSocket } from 'ws'
import { FRAGMENTS_MAX, FRAME_BYTES_MAX } from '../mesh/limits.ts'
import { CloseCode, type CloseFrame, closeFrame } from '../wire/close-codes.ts'

/**
 * Options of `ws` for every socket. No compression: it costs memory per link, and a bomb is small
 * before it is read.
 */
export const SOCKET_OPTIONS = {
  maxBufferedChunks: FRAGMENTS_MAX,
  maxFragments: FRAGMENTS_MAX,
  maxPayload: FRAME_BYTES_MAX,
  perMessageDeflate: false,
} as const

/** Why a peer sent what `ws` does not read, by the code that `ws` has for it (its receiver.js). */
const UNREADABLE: Readonly<Record<number, CloseFrame>> = {
  1002: closeFrame(CloseCode.PROTOCOL_ERROR, 'not WebSocket'),
  1007: closeFrame(CloseCode.INVALID_PAYLOAD, 'not UTF-8'),
  // Only for fragments, which are a size to us.
  1008: closeFrame(CloseCode.TOO_BIG, `message exceeds limit of ${FRAGMENTS_MAX} fragments`),
  1009: closeFrame(CloseCode.TOO_BIG, `message exceeds limit of ${FRAME_BYTES_MAX} bytes`),
}

/**
 * A WebSocket that tells the peer why. `ws` itself closes what it cannot read, before we hear of it
 * and without a reason.
 */
export class MeshSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    const frame = code === undefined || reason !== undefined ? undefined : UNREADABLE[code]
    super.close(frame?.code ?? code, frame?.reason ?? reason)
  }
}
