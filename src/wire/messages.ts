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

/** Any message that we send or understand. */
export type Message = Handshake
