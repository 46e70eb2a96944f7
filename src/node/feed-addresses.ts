/** Where the process runs are whose messages a node has, by their ids. */

import { FEEDS_MAX } from '../pubsub/limits.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import type { Peer } from './peers.ts'

export class FeedAddresses {
  readonly #own: { readonly id: string; readonly address: string }
  readonly #connected = new Map<string, string>()
  readonly #gone = new BoundedMap<string, string>(FEEDS_MAX)

  /** @param own this process run */
  constructor(own: { readonly id: string; readonly address: string }) {
    this.#own = own
  }

  /** @param earlier the ids that this node had in earlier runs */
  addEarlier(earlier: Iterable<string>): void {
    for (const id of earlier) this.#gone.set(id, this.#own.address)
  }

  peerUp({ id, address }: Peer): void {
    if (id !== undefined) this.#connected.set(id, address)
  }

  peerDown({ id, address }: Peer): void {
    if (id === undefined) return
    // Another node may have copied the id, and still be connected.
    if (this.#connected.get(id) === address) this.#connected.delete(id)
    this.#gone.set(id, address)
  }

  /** Undefined for an id that was never connected, or that {@link FEEDS_MAX} have followed. */
  of(id: string): string | undefined {
    if (id === this.#own.id) return this.#own.address
    return this.#connected.get(id) ?? this.#gone.get(id)
  }
}
