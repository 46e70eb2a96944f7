/** The events of a node, with what their listeners get. */

import { EventEmitter } from 'node:events'
import type { NodeError } from '../errors/node-error.ts'
import { guarded } from '../io/guarded.ts'
import type { LagEvent, NodeEvent } from '../log/events.ts'
import { type LogLine, logLineFor } from '../log/log-messages.ts'
import type { Gap, Message } from './messages.ts'
import type { Peer, PeerChange, PeerEnding } from './peers.ts'

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

type Listener<Name extends keyof MeshNodeEvents> = (...facts: MeshNodeEvents[Name]) => void

/** Has types of its own for what most programs use: TypeScript may lack those of Node. */
export class NodeEmitter extends EventEmitter<MeshNodeEvents> {
  override on<Name extends keyof MeshNodeEvents>(name: Name, listener: Listener<Name>): this {
    return super.on<keyof MeshNodeEvents>(name, listener)
  }

  override once<Name extends keyof MeshNodeEvents>(name: Name, listener: Listener<Name>): this {
    return super.once<keyof MeshNodeEvents>(name, listener)
  }

  override off<Name extends keyof MeshNodeEvents>(name: Name, listener: Listener<Name>): this {
    return super.off<keyof MeshNodeEvents>(name, listener)
  }

  /**
   * Emits an event, and its line. The program reports events of its own, such as its page.
   *
   * @internal
   */
  report(event: NodeEvent): void {
    this.emitGuarded('event', event)
    // A sentence costs more than its event, and few programs listen to it.
    if (this.listenerCount('log') > 0) this.emitGuarded('log', logLineFor(event))
  }

  /** @internal */
  protected emitChange(change: PeerChange): void {
    switch (change.kind) {
      case 'up':
        return this.emitGuarded('peer-up', change.peer)
      case 'data':
        return this.emitGuarded('peer-data', change.peer)
      case 'down':
        return this.emitGuarded('peer-down', change.peer, change.ending)
      default:
        change satisfies never
    }
  }

  /**
   * An event is emitted also when a listener of the one before it throws.
   *
   * @internal
   */
  protected emitGuarded<Name extends keyof MeshNodeEvents>(
    name: Name,
    ...facts: MeshNodeEvents[Name]
  ): void {
    guarded(() => this.emit<keyof MeshNodeEvents>(name, ...facts))()
  }
}
