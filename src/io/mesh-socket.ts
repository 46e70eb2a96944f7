/** Limits and close reasons of all sockets, accepted and dialed, and how they close. */

import { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { FRAME_BYTES_MAX } from '../mesh/limits.ts'
import { CloseCode, type CloseFrame, closeFrame } from '../wire/close-codes.ts'
import { FrameMeter } from './frame-meter.ts'
import { CLOSE_TIMEOUT_MS, FRAGMENTS_MAX } from './limits.ts'

/**
 * Options of `ws` for every socket. No compression: it costs memory per link, and a small
 * compressed frame can expand to gigabytes.
 */
export const SOCKET_OPTIONS = {
  // Pings are answered in link-socket.ts: `ws` resets a connection with many unsent pongs.
  autoPong: false,
  maxBufferedChunks: FRAGMENTS_MAX,
  maxFragments: FRAGMENTS_MAX,
  maxPayload: FRAME_BYTES_MAX,
  perMessageDeflate: false,
} as const

/** The close frame for what `ws` does not read, by the code that `ws` has for it (receiver.js). */
const UNREADABLE: Readonly<Record<number, CloseFrame>> = {
  1002: closeFrame(CloseCode.PROTOCOL_ERROR, 'not WebSocket'),
  1007: closeFrame(CloseCode.INVALID_PAYLOAD, 'not UTF-8'),
  // `ws` uses it only for too many fragments.
  1008: closeFrame(CloseCode.TOO_BIG, `message exceeds limit of ${FRAGMENTS_MAX} fragments`),
  1009: closeFrame(CloseCode.TOO_BIG, `message exceeds limit of ${FRAME_BYTES_MAX} bytes`),
}

/** A WebSocket that closes with a reason. `ws` itself closes what it cannot read without one. */
export class MeshSocket extends WebSocket {
  /** Of all that came, also before it is a link: a chunk may end inside a frame. */
  readonly meter = new FrameMeter()

  override close(code?: number, reason?: string | Buffer): void {
    const frame = code === undefined || reason !== undefined ? undefined : UNREADABLE[code]
    super.close(frame?.code ?? code, frame?.reason ?? reason)
  }
}

/** Closes a socket, and terminates it when the peer does not close in `CLOSE_TIMEOUT_MS`. */
export function closeInTime(
  socket: WebSocket,
  code: number,
  reason: string,
  onClosed: () => void,
): void {
  const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS)
  socket.once('close', () => {
    clearTimeout(timer)
    onClosed()
  })
  socket.close(code, reason)
}

/**
 * The close code that `ws` sends for a frame that it does not read, or undefined for any other
 * error.
 */
export function closeCodeOf(error: Error): CloseCode | undefined {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  switch (code) {
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return CloseCode.TOO_BIG
    case 'WS_ERR_INVALID_UTF8':
      return CloseCode.INVALID_PAYLOAD
    default:
      return code.startsWith('WS_ERR_') ? CloseCode.PROTOCOL_ERROR : undefined
  }
}

/** `ws` does not export the connection under a WebSocket. */
export function tcpOf(socket: WebSocket): Socket | undefined {
  const tcp: unknown = Reflect.get(socket, '_socket')
  return tcp instanceof Socket ? tcp : undefined
}
