/** The events of a node, as the log, programs and `npm start` read them. */

import type { MeshEvent } from '../mesh/events.ts'

/** An event of the node itself, from its start to its stop. */
export type LifecycleEvent =
  /** The node accepts connections; other nodes dial it at `address`. */
  | { readonly kind: 'listening'; readonly address: string }
  /** Where a browser on this machine shows the mesh. Only from the program. */
  | { readonly kind: 'page'; readonly url: string }
  /** No address to dial: `file` is missing, or names no other node. Only from the program. */
  | { readonly kind: 'no-known-peers'; readonly file: string; readonly isMissing: boolean }
  /** All known peers failed to answer twice, and no peer is connected. Once at most. */
  | { readonly kind: 'no-answer-yet'; readonly knownPeers: readonly string[] }
  /** A probable mistake, such as a misspelt key in `.env`. Only from the program. */
  | { readonly kind: 'warning'; readonly text: string }
  /**
   * A known peer is on another machine, and this node announces an address that only its own one
   * can dial. `text` has both and the fix. Only from the program.
   */
  | { readonly kind: 'address-missing'; readonly text: string }
  /** No interface of this machine has an IP that `setting` names; the node listens on others. */
  | { readonly kind: 'listen-ip-missing'; readonly ip: string; readonly setting: string }
  /**
   * The node connects only to nodes that prove one of these keys, by their fingerprints. The first
   * one proves. At the start, and when they change.
   */
  | { readonly kind: 'secret-used'; readonly keys: readonly string[] }
  /**
   * Not connected because of the secret: `peer`, an address or a host, has another one, or one of
   * the two nodes has none. Once for each peer.
   */
  | {
      readonly kind: 'secret-problem'
      readonly peer: string
      readonly problem: 'differs' | 'missing-here' | 'missing-there'
    }
  /** The process has no file descriptor left: links stay, new ones fail. Can come often. */
  | { readonly kind: 'no-descriptors' }
  /** A request or a web page was refused with 403 or 421: why, and the fix. Can come often. */
  | { readonly kind: 'request-refused'; readonly reason: string }
  /** The handler of a subscription threw; it is called again with the same message. */
  | {
      readonly kind: 'handler-failed'
      readonly pattern: string
      readonly reason: string
      readonly retryInMs: number
    }
  /** As many TCP connections are open as a node accepts; one more was closed. Can come often. */
  | { readonly kind: 'connections-full' }
  /**
   * A signal ends the node, which has `connected` peers; `secondCtrlC` when a terminal can send
   * another one. Only from the program.
   */
  | { readonly kind: 'stopping'; readonly connected: number; readonly secondCtrlC: boolean }

/** Everything that a node reports. Later versions may add kinds. */
export type NodeEvent = MeshEvent | LifecycleEvent
