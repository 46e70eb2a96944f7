/** The message AUTH: the text of its frame, and back. Reading never throws. */

import type { Claims } from './transcript.ts'

/** The longest text of AUTH, in bytes. Larger: a stranger makes us read more. */
export const AUTH_BYTES_MAX = 1_024

export interface AuthMessage {
  /** The address as it was dialed; empty from the acceptor. */
  readonly dialed: string
  readonly claims: Claims
  readonly mac: string
}

export function encodeAuth({ dialed, claims, mac }: AuthMessage): string {
  const to = dialed === '' ? {} : { dialed }
  return JSON.stringify({ type: 'AUTH', data: { ...to, identity: claims, mac } })
}

/** The message in a text, or undefined when it is none. */
export function decodeAuth(text: string): AuthMessage | undefined {
  if (Buffer.byteLength(text) > AUTH_BYTES_MAX) return undefined
  const { type, data } = recordIn(parsed(text))
  const { dialed = '', identity, mac } = recordIn(data)
  const claims: Record<string, string> = {}
  for (const [name, value] of Object.entries(recordIn(identity))) {
    if (!/^Mesh-[A-Za-z-]+$/.test(name) || !isLine(value)) return undefined
    claims[name] = value
  }
  if (type !== 'AUTH' || !isLine(dialed) || !isMac(mac)) return undefined
  return { dialed, claims, mac }
}

/** Text that ends no line of a transcript. */
function isLine(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)
}

/** 256 bits in base64url. */
function isMac(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{43}$/.test(value)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function recordIn(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? { ...value } : {}
}
