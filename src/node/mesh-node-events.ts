/** The events of a node, with what their listeners get. */

import type { NodeError } from '../errors/node-error.ts'
import type { LagEvent, NodeEvent } from '../log/events.ts'
import type { LogLine } from '../log/log-messages.ts'
import type { Gap, Message } from './messages.ts'
import type { Peer, PeerEnding } from './peers.ts'

export interface MeshNodeEvents {
  /** A peer is connected: its first link is ready. */
  'peer-up': [peer: Peer]
  /** A peer's last link ended, or the node stops. `peer` is what `peer-up` gave. */
  'peer-down': [peer: Peer, ending: PeerEnding]
  /** The mesh became `complete` of the node, also again. Not when it was from the start. */
  complete: []
  /** Messages of a sender will never come, whoever subscribed. Once for each gap. */
  gap: [gap: Gap]
  /**
   * A peer falls behind with what this node publishes, or a subscription of this node with what it
   * gets; and once more when that is over.
   */
  lag: [lag: LagEvent]
  /**
   * HANDLER_FAILED: a handler threw for the same message, or gap, eight times. It gets the next one
   * now. The `cause` is what it threw last. Without a listener this is an uncaught error, as for
   * each EventEmitter.
   */
  error: [error: NodeError, item: Message | Gap]
  /**
   * Every event of the node, such as a failed dial. Peers can cause many, and wrote part of their
   * text.
   */
  event: [event: NodeEvent]
  /** The line for an event, safe to print. */
  log: [line: LogLine]
}
