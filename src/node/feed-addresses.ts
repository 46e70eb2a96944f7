/** Where the process runs are whose messages a node has, by their ids. */

import { FEEDS_MAX } from '../pubsub/limits.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import type { Peer } from './peers.ts'

export class FeedAddresses {
  readonly #own: { readonly id: string; readonly address: string }
  /** Of those that are connected. The first one counts, as ids can be copied. */
  readonly #connected = new Map<string, readonly string[]>()
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
    if (id === undefined) return
    const addresses = this.#connected.get(id) ?? []
    if (!addresses.includes(address)) this.#connected.set(id, [...addresses, address])
  }

  peerDown({ id, address }: Peer): void {
    if (id === undefined) return
    const others = (this.#connected.get(id) ?? []).filter((one) => one !== address)
    if (others.length === 0) this.#connected.delete(id)
    else this.#connected.set(id, others)
    this.#gone.set(id, address)
  }

  /** Undefined for an id that was never connected, or that {@link FEEDS_MAX} have followed. */
  of(id: string): string | undefined {
    if (id === this.#own.id) return this.#own.address
    return this.#connected.get(id)?.[0] ?? this.#gone.get(id)
  }
}
