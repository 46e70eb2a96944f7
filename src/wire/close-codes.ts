/**
 * Close codes: those that we send, and those that stand for the lack of one. Codes below 4000 keep
 * their meaning from RFC 6455 §7.4.1; 4000–4999 are private use (§7.4.2).
 */

/** One close frame: code and reason. */
export interface CloseFrame {
  readonly code: number
  readonly reason: string
}

/** RFC 6455 §5.5: a control frame carries at most 125 bytes, two of which are the code. */
export const CLOSE_REASON_BYTES_MAX = 125 - 2

/** What a probe closes with (io/probe.ts), never a node. RFC 6455 §7.4.1. */
export const NORMAL_CLOSURE = 1000

/** What an end reports when the close frame had no code. Never sent. RFC 6455 §7.4.1. */
export const NO_STATUS_RECEIVED = 1005

/** What an end reports when the connection just broke. Never sent. RFC 6455 §7.4.1. */
export const ABNORMAL_CLOSURE = 1006

/** Every code that a node ever sends. Numbers are never reused for another meaning. */
export const CloseCode = {
  /** The node stops. RFC 6455 §7.4.1. */
  GOING_AWAY: 1001,
  /** Bytes that break the WebSocket framing itself. RFC 6455 §7.4.1. */
  PROTOCOL_ERROR: 1002,
  /** A binary frame: the mesh speaks text only. RFC 6455 §7.4.1. */
  UNSUPPORTED_DATA: 1003,
  /** Text that is no message: not JSON, or not of the shape `{ type, data }`. RFC 6455 §7.4.1. */
  INVALID_PAYLOAD: 1007,
  /** A HANDSHAKE with more addresses, or a frame with more bytes, than allowed. RFC 6455 §7.4.1. */
  TOO_BIG: 1009,
  /** Too many links at the moment. IANA registry of close codes. */
  TRY_AGAIN_LATER: 1013,
  /** Another link to the same peer exists and is kept. Part of normal operation. */
  DUPLICATE: 4001,
  /** The node dialed itself under another spelling of its address. */
  SELF: 4002,
  /** The two nodes belong to networks of different names. */
  OTHER_MESH: 4003,
  /** The link was accepted, but no HANDSHAKE came in time. */
  NO_HANDSHAKE: 4004,
  /** Nothing was received on the link for too long, not even an answer to a ping. */
  SILENT: 4005,
  /** The peer claims an address that belongs to another node. */
  ADDRESS_TAKEN: 4006,
  /** The peer does not read what we send. */
  BACKLOG: 4007,
  /** The peer claims an address that we may not dial, such as localhost from another machine. */
  ADDRESS_UNREACHABLE: 4008,
  /** The peer exceeds a rate limit. */
  FLOOD: 4009,
  /** The peer did not prove the secret of this mesh, or not one that is still in use. */
  WRONG_SECRET: 4010,
} as const

/** One of {@link CloseCode}. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/**
 * A close frame with its reason cut to {@link CLOSE_REASON_BYTES_MAX} UTF-8 bytes, on a code point
 * boundary. Never throws.
 */
export function closeFrame(code: CloseCode, reason: string): CloseFrame {
  const { read } = new TextEncoder().encodeInto(reason, new Uint8Array(CLOSE_REASON_BYTES_MAX))
  return { code, reason: reason.slice(0, read) }
}
