/**
 * The messages of the mesh, as they are once decoded. What is not here is not part of the protocol.
 * docs/PROTOCOL.md describes each for whoever writes a compatible peer.
 */

/**
 * The one message of the user stories: the addresses that its sender is connected to, its own
 * first. On the wire it has exactly the keys `type` and `data`. The addresses are as they came:
 * text, not yet admitted.
 */
export interface Handshake {
  readonly type: 'HANDSHAKE'
  readonly data: readonly string[]
}

/**
 * Asks a peer whom it is connected to, so that people can see the whole mesh. Only to peers that
 * sent `Mesh-Version`.
 */
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
    /** A whole number above 0, another one whenever the list has changed. */
    readonly revision: number
    /** What runs the sender, such as `Node.js 22.23.2`: text for people. */
    readonly runtime: string
    /** The addresses that it is connected to; null when the asker has this revision. */
    readonly connected: readonly string[] | null
  }
}

/** Any message that we send or understand. */
export type Message = Handshake | LinksRequest | Links
