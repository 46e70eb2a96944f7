/** The addresses that other nodes have announced on the LAN, within bounds. Pure of clocks. */

import type { Address } from '../mesh/address/address.ts'
import { SOURCE_ADDRESSES_MAX } from '../mesh/limits.ts'
import { BoundedMap } from '../structures/bounded-map.ts'
import { TokenBucket } from '../structures/token-bucket.ts'
import { decodeLanPacket, type LanMesh } from './lan-packet.ts'
import {
  LAN_HOST_ADDRESSES_MAX,
  LAN_NAMED_MS,
  LAN_PACKETS_BURST,
  LAN_PACKETS_PER_SECOND,
} from './limits.ts'

/** What a packet is to a node: `flood` when too many come to read them. */
export type Received = 'new' | 'nothing-new' | 'flood'

interface Announcement {
  /** The IP that the packet came from, which anybody can forge. */
  readonly host: string
  readonly atMs: number
}

export class Announcements {
  readonly #ownAddress: Address
  /** In the order in which they were announced last. */
  readonly #named = new BoundedMap<Address, Announcement>(SOURCE_ADDRESSES_MAX)
  readonly #budget: TokenBucket
  #foreignMs = Number.NEGATIVE_INFINITY

  constructor(ownAddress: Address, nowMs: number) {
    this.#ownAddress = ownAddress
    this.#budget = new TokenBucket(LAN_PACKETS_BURST, LAN_PACKETS_PER_SECOND, nowMs)
  }

  /** Takes a packet that came from an IP. */
  receive(mesh: LanMesh, bytes: Buffer, host: string, nowMs: number): Received {
    if (!this.#budget.take(nowMs)) return 'flood'
    const packet = decodeLanPacket(mesh, bytes)
    if (packet.kind === 'foreign') this.#foreignMs = nowMs
    if (packet.kind !== 'announcement') return 'nothing-new'
    const { address } = packet
    // Each packet also comes back to its sender.
    if (address === this.#ownAddress) return 'nothing-new'
    this.#forget(nowMs)
    const isNew = !this.#named.has(address)
    if (isNew && this.#countOf(host) >= LAN_HOST_ADDRESSES_MAX) return 'nothing-new'
    this.#named.set(address, { host, atMs: nowMs })
    return isNew ? 'new' : 'nothing-new'
  }

  /** Those of the last two minutes. */
  addresses(nowMs: number): readonly Address[] {
    this.#forget(nowMs)
    return [...this.#named].map(([address]) => address)
  }

  /** Whether nodes of another mesh, or with another secret, have announced themselves. */
  areForeign(nowMs: number): boolean {
    return nowMs < this.#foreignMs + LAN_NAMED_MS
  }

  #forget(nowMs: number): void {
    for (const [address, { atMs }] of this.#named) {
      if (nowMs < atMs + LAN_NAMED_MS) return
      this.#named.delete(address)
    }
  }

  #countOf(host: string): number {
    return [...this.#named].filter(([, announced]) => announced.host === host).length
  }
}
