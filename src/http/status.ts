/**
 * The status of a node as programs get it: what `/peers` serves, what each event of `/events`
 * carries and what `status --json` prints. docs/PROTOCOL.md has it as a schema. Text of peers in it
 * is harmless: printable, and of bounded length.
 */

/** One node's view of the mesh. Times are ISO 8601 in UTC, durations whole milliseconds. */
export interface Status {
  /** The version of this format. What is added to it later does not change that. */
  readonly format: 1
  readonly node: OwnStatus
  /** Whether every known address is connected or given up, and nobody is being attempted. */
  readonly complete: boolean
  /** The same in words: `5 of 5 connected, complete`. Both numbers count this node. */
  readonly summary: string
  /** Everybody else, in the order of their addresses. */
  readonly peers: readonly PeerStatus[]
  /** The latest joins and leaves, oldest first, at most 100. */
  readonly log: readonly LogLine[]
}

/** The node that tells. */
export interface OwnStatus {
  readonly address: string
  /** Its Mesh-Id: 32 hex digits, another at each start. */
  readonly id: string
  /** The name of its network. */
  readonly mesh: string
  /** Its version, such as `0.1.0`. */
  readonly version: string
  /** Such as `Node.js 22.23.2`. */
  readonly runtime: string
  /** SHA-256 of the running code, 64 hex digits; null when it cannot be read. */
  readonly code: string | null
  readonly startedAt: string
}

/** Another node, as the node that tells sees it. */
export interface PeerStatus {
  readonly address: string
  /** Whether known-peers.json has it. */
  readonly known: boolean
  readonly state: 'connected' | 'attempting' | 'backing-off' | 'gone'
  /** When backing off: how long until the next attempt. Else null. */
  readonly retryInMs: number | null
  /** When connected. Else null. */
  readonly link: LinkStatus | null
  /** Whom it says it is connected to; null when it was not asked or does not tell. */
  readonly connectedTo: readonly string[] | null
  /** How the last link or attempt ended: `closed by peer: 1001 'node stops'`. Null for none. */
  readonly lastEnding: { readonly at: string; readonly text: string } | null
}

/** A connection. */
export interface LinkStatus {
  readonly dialedBy: 'us' | 'peer'
  readonly since: string
  /** Null as long as none was measured. */
  readonly roundTripMs: number | null
  /** Null for a plain peer, which tells none. */
  readonly id: string | null
  /** Null when it does not tell. */
  readonly runtime: string | null
  /** Whether its code is ours; null when one of the two is not known. */
  readonly sameCode: boolean | null
}

/** Something that happened. */
export interface LogLine {
  readonly at: string
  readonly text: string
}
