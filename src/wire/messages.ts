/** The messages of the protocol, decoded. docs/PROTOCOL.md describes each. */

import type { NodeData } from './node-data.ts'

/**
 * The one message of the user stories: the sender's own address, then those that it is connected
 * to. On the wire it has exactly the keys `type` and `data`. Unparsed text.
 */
export interface Handshake {
  readonly type: 'HANDSHAKE'
  readonly data: readonly string[]
}

/** Asks a peer for its links, which people are shown. Only to peers that sent `Mesh-Version`. */
export interface LinksRequest {
  readonly type: 'LINKS_REQUEST'
  readonly data: {
    /** The `revision` of the last answer, 0 for none. */
    readonly have: number
  }
}

/** The answer to {@link LinksRequest}. */
export interface Links {
  readonly type: 'LINKS'
  readonly data: {
    /** A whole number above 0, another one after each change of the list. */
    readonly revision: number
    /** What runs the sender, such as `Node.js 22.23.2`. */
    readonly runtime: string
    /** The addresses that it is connected to; null when `have` is this revision. */
    readonly connected: readonly string[] | null
  }
}

/**
 * What the sender tells of itself: all of it, in place of what it told before. Only to peers that
 * sent `Mesh-Messages`.
 */
export interface NodeDataMessage {
  readonly type: 'NODE_DATA'
  readonly data: NodeData
}

/** Any message that we send or read. */
export type Message = Handshake | LinksRequest | Links | NodeDataMessage
