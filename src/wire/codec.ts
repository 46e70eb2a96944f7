/** Frames to messages and back. Decoding never throws: what is wrong with a frame is a value. */

import { CloseCode } from './close-codes.ts'
import { decodePubSub, isPubSubType } from './feed-codec.ts'
import type { PubSubMessage } from './feed-messages.ts'
import type { Message } from './messages.ts'
import { encodeNodeData, parseNodeData } from './node-data.ts'
import { decodeRequest, isRequestType } from './request-codec.ts'
import type { AnyRequestMessage } from './request-messages.ts'
import { isRecord, isWholeNumber } from './validators.ts'

/** One WebSocket message as it came from the socket, undecoded. */
export type Frame =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly bytes: number }

/** What a frame turned out to be. */
export type Decoded =
  | { readonly kind: 'message'; readonly message: Message | PubSubMessage | AnyRequestMessage }
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
    return malformed('binary frame; the mesh speaks JSON text', CloseCode.UNSUPPORTED_DATA)
  }
  let value: unknown
  try {
    value = JSON.parse(frame.text)
  } catch {
    // A SyntaxError, or a RangeError from a runtime whose parser recurses into 100,000 brackets.
    return malformed('not JSON')
  }
  if (!isRecord(value)) return malformed('not a JSON object with the key type')
  const { type, data } = value
  if (typeof type !== 'string') return malformed('type is not a string')
  switch (type) {
    case 'HANDSHAKE': {
      const addresses = decodeAddresses('HANDSHAKE data', data, addressesMax)
      return 'kind' in addresses ? addresses : decoded({ type, data: addresses })
    }
    case 'LINKS_REQUEST': {
      const have = isRecord(data) ? data['have'] : undefined
      if (!isWholeNumber(have)) return malformed('LINKS_REQUEST data has no whole number as have')
      return decoded({ type, data: { have } })
    }
    case 'LINKS': {
      const { revision, runtime, connected: list } = isRecord(data) ? data : {}
      if (!isWholeNumber(revision) || typeof runtime !== 'string') {
        return malformed('LINKS data has no revision or no runtime')
      }
      if (list === null) return decoded({ type, data: { revision, runtime, connected: null } })
      const connected = decodeAddresses('LINKS connected', list, addressesMax)
      return 'kind' in connected
        ? connected
        : decoded({ type, data: { revision, runtime, connected } })
    }
    case 'NODE_DATA': {
      const encoded = encodeNodeData(data)
      if (encoded.kind === 'text') return decoded({ type, data: parseNodeData(encoded.text) })
      const code = encoded.kind === 'too-large' ? CloseCode.TOO_BIG : CloseCode.INVALID_PAYLOAD
      return malformed(`NODE_DATA data ${encoded.problem}`, code)
    }
    default: {
      if (!isPubSubType(type) && !isRequestType(type)) return { kind: 'unknown-type', type }
      const message = isPubSubType(type) ? decodePubSub(type, data) : decodeRequest(type, data)
      return typeof message === 'string' ? malformed(message) : { kind: 'message', message }
    }
  }
}

function decodeAddresses(
  name: string,
  value: unknown,
  addressesMax: number,
): readonly string[] | Malformed {
  if (!Array.isArray(value)) return malformed(`${name} is not an array`)
  if (value.length > addressesMax) {
    const reason = `${name} of ${value.length} addresses exceeds limit of ${addressesMax}`
    return malformed(reason, CloseCode.TOO_BIG)
  }
  if (value.every((entry) => typeof entry === 'string')) return value
  return malformed(`${name} holds something that is not a string`)
}

function decoded(message: Message): Decoded {
  return { kind: 'message', message }
}

type Malformed = Extract<Decoded, { kind: 'malformed' }>

function malformed(reason: string, code: CloseCode = CloseCode.INVALID_PAYLOAD): Malformed {
  return { kind: 'malformed', code, reason }
}
