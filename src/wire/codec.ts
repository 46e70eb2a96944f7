/**
 * Bytes to messages and back. Decoding never throws: what is wrong with a frame is a value, and
 * whether it costs the peer its link is decided here, once, for all callers. Knows nothing of
 * links.
 */

import { CloseCode } from './close-codes.ts'
import type { Message } from './messages.ts'

/** One WebSocket message as it came from the socket, undecoded. */
export type Frame =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: number }

/** What a frame turned out to be. */
export type Decoded =
  | { readonly kind: 'message'; readonly message: Message }
  /**
   * A type that we do not know, perhaps of a later version: ignored, the link stays. `type` is the
   * peer's text.
   */
  | { readonly kind: 'unknown-type'; readonly type: string }
  /** Not of this protocol: the link is closed with this code and reason. */
  | { readonly kind: 'malformed'; readonly code: CloseCode; readonly reason: string }

/** The text of a message, as it goes into one WebSocket text frame. */
export function encode(message: Message): string {
  // Spelled out, so that no key that an object happens to carry ever reaches the wire.
  return JSON.stringify({ type: message.type, data: message.data })
}

/**
 * Reads one frame. Never throws.
 *
 * @param addressesMax the most addresses that a HANDSHAKE may carry; one more is malformed
 */
export function decode(frame: Frame, addressesMax: number): Decoded {
  if (frame.kind === 'binary') {
    return malformed(CloseCode.UNSUPPORTED_DATA, 'binary frame; the mesh speaks JSON text')
  }
  let value: unknown
  try {
    value = JSON.parse(frame.text)
  } catch {
    // A SyntaxError, or a RangeError from a runtime whose parser recurses into 100,000 brackets.
    return malformed(CloseCode.INVALID_PAYLOAD, 'not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return malformed(CloseCode.INVALID_PAYLOAD, 'not a JSON object with the key type')
  }
  const { type, data } = value as { readonly type?: unknown; readonly data?: unknown }
  if (typeof type !== 'string') return malformed(CloseCode.INVALID_PAYLOAD, 'type is not a string')
  switch (type) {
    case 'HANDSHAKE':
      return decodeHandshake(data, addressesMax)
    default:
      return { kind: 'unknown-type', type }
  }
}

function decodeHandshake(data: unknown, addressesMax: number): Decoded {
  if (!Array.isArray(data)) {
    return malformed(CloseCode.INVALID_PAYLOAD, 'HANDSHAKE data is not an array')
  }
  if (data.length > addressesMax) {
    const reason = `HANDSHAKE of ${data.length} addresses exceeds limit of ${addressesMax}`
    return malformed(CloseCode.TOO_BIG, reason)
  }
  if (!data.every((entry) => typeof entry === 'string')) {
    return malformed(
      CloseCode.INVALID_PAYLOAD,
      'HANDSHAKE data holds something that is not a string',
    )
  }
  return { kind: 'message', message: { type: 'HANDSHAKE', data } }
}

function malformed(code: CloseCode, reason: string): Decoded {
  return { kind: 'malformed', code, reason }
}
