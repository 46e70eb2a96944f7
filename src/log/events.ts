/** The events of a node, as the log, programs and `npm start` read them. */

import type { MeshEvent } from '../mesh/events.ts'

/**
 * The secrets differ, or one of the two nodes has none: this one, or the other one. `encrypts`: the
 * other one speaks TLS, and its address was dialed without. `uncertified-…`: that node has no
 * certificate that the authorities of the other one have signed.
 */
export type SecretProblem =
  | 'differs'
  | 'missing-here'
  | 'missing-there'
  | 'encrypts'
  | 'uncertified-here'
  | 'uncertified-there'

/** Who has not read how much. */
interface Lagging {
  /**
   * `behind`: 4 MiB of messages wait, or a quarter of what is kept of one sender. Then once, when
   * it is over: `caught-up`, or `gap` when some were not kept for so long.
   */
  readonly state: 'behind' | 'caught-up' | 'gap'
  /** The messages that wait, of all topics, and their bytes. */
  readonly items: number
  readonly bytes: number
}

/** A peer reads what this node publishes more slowly than it comes, or a subscription does. */
export type LagEvent =
  | ({ readonly kind: 'peer-lag'; readonly peer: string } & Lagging)
  | ({ readonly kind: 'subscription-lag'; readonly pattern: string } & Lagging)

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
  /**
   * A source of addresses, such as a name in DNS, has answered for the first time, or not as it did
   * before: it names `found` addresses, or there is a `problem`. It is asked again without end.
   */
  | {
      readonly kind: 'source-answered'
      readonly source: string
      readonly found: number
      readonly problem: string | undefined
    }
  /** A probable mistake, such as a misspelt key in `.env`. Only from the program. */
  | { readonly kind: 'warning'; readonly text: string }
  /**
   * A known peer is on another machine, and this node announces an address that only its own one
   * can dial. `text` has both and the fix. Only from the program.
   */
  | { readonly kind: 'address-missing'; readonly text: string }
  /**
   * The known peers were read again from the files: so many entries are new, so many were forgotten
   * because the files have them no more, and so many of those stay because they are connected. Only
   * from the program.
   */
  | {
      readonly kind: 'known-peers-read'
      readonly added: number
      readonly forgotten: number
      readonly kept: number
    }
  /**
   * With `auto` in ADDRESS: the IP of this machine is another one, for which another node starts.
   * Only from the program.
   */
  | { readonly kind: 'address-changed'; readonly from: string; readonly to: string }
  /** No interface of this machine has an IP that `setting` names; the node listens on others. */
  | { readonly kind: 'listen-ip-missing'; readonly ip: string; readonly setting: string }
  /**
   * The node connects only to nodes that prove one of these keys, by their fingerprints, or to all
   * where it accepts others. The first one proves. At the start, and when they change.
   */
  | {
      readonly kind: 'secret-used'
      readonly keys: readonly string[]
      readonly mode: 'require' | 'accept'
      /**
       * What proves the certificates of encrypted links: `authorities` are those of the system,
       * `ca` are those of TLS_CA. `none`: this node does not encrypt.
       */
      readonly certificates: 'secret' | 'authorities' | 'ca' | 'none'
    }
  /**
   * Not connected because of the secret: `peer`, an address or a host, has another one, or one of
   * the two nodes has none. Or because of TLS: `peer` encrypts, and its address begins with `ws:`;
   * or one of the two nodes has no certificate that the authorities of the other one have signed.
   * Once for each peer.
   */
  | {
      readonly kind: 'secret-problem'
      readonly peer: string
      readonly problem: SecretProblem
      /** Whether a proxy that encrypts may be the cause: a proof covers the certificate. */
      readonly mayBeProxy: boolean
    }
  /** The process has no file descriptor left: links stay, new ones fail. Can come often. */
  | { readonly kind: 'no-descriptors' }
  /** A request or a web page was refused with 401, 403 or 421: why, and the fix. Can come often. */
  | { readonly kind: 'request-refused'; readonly reason: string }
  /**
   * The handler of a subscription, or of requests, threw; `pattern` is its pattern or its topic.
   * Null: it is not called again with that message or request.
   */
  | {
      readonly kind: 'handler-failed'
      readonly pattern: string
      readonly reason: string
      readonly retryInMs: number | null
    }
  | LagEvent
  /**
   * A file of DATA is damaged. `isCut`: the last `bytes` bytes, which a crash left incomplete, were
   * cut off. Otherwise so many bytes in the file cannot be read; 0 means the whole file.
   */
  | {
      readonly kind: 'data-damaged'
      readonly path: string
      readonly bytes: number
      readonly isCut: boolean
    }
  /**
   * A file of DATA cannot be read at the moment, such as without a file descriptor. A named
   * subscription tries again after a second, and reports it again. At a start, its messages do not
   * go to peers in that run. If it is deleted meanwhile, there may be no gap.
   */
  | { readonly kind: 'data-unreadable'; readonly path: string; readonly reason: string }
  /** Nothing more is stored in DATA until the node restarts. */
  | { readonly kind: 'data-failed'; readonly folder: string; readonly reason: string }
  /**
   * The place of a named subscription cannot be written to its file; the next message tries again.
   * Once, until that succeeds.
   */
  | { readonly kind: 'place-failed'; readonly path: string; readonly reason: string }
  /** As many TCP connections are open as a node accepts; one more was closed. Can come often. */
  | { readonly kind: 'connections-full' }
  /**
   * A signal ends the node, which has `connected` peers; `secondCtrlC` when a terminal can send
   * another one. Only from the program.
   */
  | { readonly kind: 'stopping'; readonly connected: number; readonly secondCtrlC: boolean }

/** Everything that a node reports. Later versions may add kinds. */
export type NodeEvent = MeshEvent | LifecycleEvent
