/** The events of a node, with what their listeners get. */

import type { NodeEvent } from '../log/events.ts'
import type { LogLine } from '../log/log-messages.ts'
import type { Gap } from './messages.ts'
import type { Peer, PeerEnding } from './peers.ts'

export interface MeshNodeEvents {
  /** A peer is connected: its first link is ready. */
  'peer-up': [peer: Peer]
  /** A connected peer tells something else of itself: {@link Peer.data}. */
  'peer-data': [peer: Peer]
  /** A peer's last link ended, or the node stops. `peer` is as the last event gave it. */
  'peer-down': [peer: Peer, ending: PeerEnding]
  /** The mesh became `complete` of the node, also again. Not when it was from the start. */
  complete: []
  /** Messages of a sender will never come, whoever subscribed. Once for each gap. */
  gap: [gap: Gap]
  /**
   * Every event of the node, such as a failed dial. Peers can cause many, and wrote part of their
   * text.
   */
  event: [event: NodeEvent]
  /** The line for an event, safe to print. */
  log: [line: LogLine]
}
