/**
 * Identity: what a node announces of itself in the headers of the HTTP upgrade, the dialer in the
 * request and the acceptor in the 101 response. A plain peer sends none. Nothing in it is verified.
 */

/** The version of the protocol, as in `Mesh-Version`. */
export const PROTOCOL_VERSION = '1'

/** The version of the messages about feeds, as in `Mesh-Messages`. */
const MESSAGES_VERSION = '1'

/** The version of requests, as in `Mesh-Requests`. */
const REQUESTS_VERSION = '1'

/** The most characters in the name of a mesh. */
const NAME_LENGTH_MAX = 64

/** What a node announces of itself. */
export interface Identity {
  /** `Mesh-Version`. */
  readonly version: string
  /** `Mesh-Name`: the network it belongs to. 1–64 characters of `A–Z a–z 0–9 . _ -`. */
  readonly mesh: string
  /** `Mesh-Id`: 128 random bits, drawn at each start of the process. */
  readonly id: MeshId
  /** `Mesh-Address`: where it can be dialed. Text, not yet admitted. */
  readonly address: string
  /** `Mesh-Code`: SHA-256 of the running code as 64 lower-case hex digits; empty when unknown. */
  readonly code: string
  /** `Mesh-Messages`: whether it carries what nodes publish. */
  readonly messages: boolean
  /** `Mesh-Requests`: whether it takes requests, too. Left out for one that does not. */
  readonly requests?: true
}

declare const meshId: unique symbol

/** 32 lower-case hex digits. Made only by {@link parseMeshId}. */
export type MeshId = string & { readonly [meshId]: true }

/** Upgrade headers, with names in lower case as every HTTP stack gives them. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** A mesh id, or undefined when the text is none. */
export function parseMeshId(text: string): MeshId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as MeshId) : undefined
}

/** Whether text can be the name of a mesh. */
export function isMeshName(text: string): boolean {
  return text.length <= NAME_LENGTH_MAX && /^[A-Za-z0-9._-]+$/.test(text)
}

export function headersOf(identity: Identity): Record<string, string> {
  return {
    'Mesh-Version': identity.version,
    'Mesh-Name': identity.mesh,
    'Mesh-Id': identity.id,
    'Mesh-Address': identity.address,
    'Mesh-Code': identity.code,
    ...(identity.messages && { 'Mesh-Messages': MESSAGES_VERSION }),
    ...(identity.requests && { 'Mesh-Requests': REQUESTS_VERSION }),
  }
}

/**
 * The identity in a set of upgrade headers, or undefined: with headers that are incomplete or not
 * of the form above, the peer counts as a plain peer. Never throws.
 */
export function identityIn(headers: Headers): Identity | undefined {
  const version = single(headers['mesh-version'])
  const mesh = single(headers['mesh-name'])
  const id = parseMeshId(single(headers['mesh-id']))
  const address = single(headers['mesh-address'])
  const code = single(headers['mesh-code'])
  if (!/^[0-9]{1,4}$/.test(version) || !isMeshName(mesh) || id === undefined || address === '') {
    return undefined
  }
  const messages = single(headers['mesh-messages']) === MESSAGES_VERSION
  const takesRequests = messages && single(headers['mesh-requests']) === REQUESTS_VERSION
  const requests = takesRequests ? ({ requests: true } as const) : {}
  const digest = /^[0-9a-f]{64}$/.test(code) ? code : ''
  return { version, mesh, id, address, code: digest, messages, ...requests }
}

/** The value of a header, or empty when it is absent or repeated. */
function single(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}
