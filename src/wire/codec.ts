/** Frames to messages and back. Decoding never throws: what is wrong with a frame is a value. */

import { CloseCode } from './close-codes.ts'
import type { Message } from './messages.ts'

/** One WebSocket message as it came from the socket, undecoded. */
export type Frame =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: number }

/** What a frame turned out to be. */
export type Decoded =
  | { readonly kind: 'message'; readonly message: Message }
  /** A type of a later version, perhaps: ignored, the link stays. `type` is the peer's text. */
  | { readonly kind: 'unknown-type'; readonly type: string }
  /** Not of this protocol: the link is closed with this code and reason. */
  | { readonly kind: 'malformed'; readonly code: CloseCode; readonly reason: string }

/** The text of a message, as it goes into one WebSocket text frame. */
export function encode(message: Message): string {
  // Spelled out, so that no other key of the object reaches the wire.
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
  if (!isRecord(value)) {
    return malformed(CloseCode.INVALID_PAYLOAD, 'not a JSON object with the key type')
  }
  const { type, data } = value
  if (typeof type !== 'string') return malformed(CloseCode.INVALID_PAYLOAD, 'type is not a string')
  switch (type) {
    case 'HANDSHAKE':
      return decodeHandshake(data, addressesMax)
    case 'LINKS_REQUEST':
      return decodeLinksRequest(data)
    case 'LINKS':
      return decodeLinks(data, addressesMax)
    default:
      return { kind: 'unknown-type', type }
  }
}

function decodeHandshake(data: unknown, addressesMax: number): Decoded {
  const list = decodeAddresses('HANDSHAKE data', data, addressesMax)
  if (list.kind === 'malformed') return list
  return { kind: 'message', message: { type: 'HANDSHAKE', data: list.addresses } }
}

function decodeLinksRequest(data: unknown): Decoded {
  const have = isRecord(data) ? data['have'] : undefined
  if (!isRevision(have)) {
    return malformed(CloseCode.INVALID_PAYLOAD, 'LINKS_REQUEST data has no whole number as have')
  }
  return { kind: 'message', message: { type: 'LINKS_REQUEST', data: { have } } }
}

function decodeLinks(data: unknown, addressesMax: number): Decoded {
  const { revision, runtime, connected } = isRecord(data) ? data : {}
  if (!isRevision(revision) || typeof runtime !== 'string') {
    return malformed(CloseCode.INVALID_PAYLOAD, 'LINKS data has no revision or no runtime')
  }
  const list =
    connected === null
      ? ({ kind: 'addresses', addresses: null } as const)
      : decodeAddresses('LINKS connected', connected, addressesMax)
  if (list.kind === 'malformed') return list
  return {
    kind: 'message',
    message: { type: 'LINKS', data: { revision, runtime, connected: list.addresses } },
  }
}

type Malformed = Extract<Decoded, { kind: 'malformed' }>
type Addresses = { readonly kind: 'addresses'; readonly addresses: readonly string[] }

function decodeAddresses(
  name: string,
  value: unknown,
  addressesMax: number,
): Addresses | Malformed {
  if (!Array.isArray(value)) {
    return malformed(CloseCode.INVALID_PAYLOAD, `${name} is not an array`)
  }
  if (value.length > addressesMax) {
    const reason = `${name} of ${value.length} addresses exceeds limit of ${addressesMax}`
    return malformed(CloseCode.TOO_BIG, reason)
  }
  if (!value.every((entry) => typeof entry === 'string')) {
    return malformed(CloseCode.INVALID_PAYLOAD, `${name} holds something that is not a string`)
  }
  return { kind: 'addresses', addresses: value }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function malformed(code: CloseCode, reason: string): Malformed {
  return { kind: 'malformed', code, reason }
}
