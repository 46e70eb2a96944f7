/**
 * What the core knows of everybody, for people and programs that look: a picture, of which nothing
 * leads back. Times are the core's own, in ms (see Mesh.handle).
 */

import type { Identity, MeshId } from '../wire/headers.ts'
import type { Address } from './address.ts'
import type { Ending } from './events.ts'

/** One node's view of the mesh. */
export interface Overview {
  readonly own: Identity
  /**
   * Everybody but ourselves, each address once: the connected in the order in which they joined,
   * then the rest. No other spellings of an address that is here.
   */
  readonly nodes: readonly NodeView[]
}

/** One other node. */
export interface NodeView {
  readonly address: Address
  /** Whether it is in known-peers.json. */
  readonly known: boolean
  readonly state: NodeState
  /** How the last link to it, or the last attempt at one, ended. */
  readonly lastEnding: PastEnding | undefined
}

/** How it stands between us and another node. */
export type NodeState =
  /** A link stands. */
  | { readonly kind: 'connected'; readonly link: LinkView }
  /** A dial is under way, or waits for its turn. */
  | { readonly kind: 'attempting' }
  /** Dials failed; the next one is due at `untilMs`. */
  | { readonly kind: 'backing-off'; readonly untilMs: number; readonly failures: number }
  /** It left or never answered, and is not looked for any more. */
  | { readonly kind: 'gone' }

/** The link that stands for a node. */
export interface LinkView {
  readonly dialedBy: 'us' | 'peer'
  readonly openedMs: number
  /** Time from a ping to its answer, or undefined when none was measured yet. */
  readonly roundTripMs: number | undefined
  /** Undefined for a plain peer. */
  readonly peer: { readonly id: MeshId; readonly code: string } | undefined
  /** What the peer tells of itself when it is asked, or undefined: not asked, or no answer yet. */
  readonly told: Told | undefined
}

/** What a peer tells of itself. */
export interface Told {
  /** Such as `Node.js 22.23.2`. The peer's text, not yet made harmless. */
  readonly runtime: string
  /** Whom it is connected to, as far as we know them; may have ourselves. */
  readonly connectedAddresses: readonly Address[]
}

/** An ending, with its time. */
export interface PastEnding {
  readonly atMs: number
  readonly ending: Ending
}
