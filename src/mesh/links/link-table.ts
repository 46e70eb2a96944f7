/** All links, by id, by peer and by address. */

import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { LinkId } from '../inputs.ts'
import type { Link } from './link.ts'

export class LinkTable {
  readonly #byId = new Map<LinkId, Link>()
  readonly #byPeer = new Map<string, Link[]>()
  readonly #byAddress = new Map<Address, Link[]>()
  #accepted = 0
  readonly #withoutHandshake = new Set<Link>()

  /** How many links peers dialed. */
  get accepted(): number {
    return this.#accepted
  }

  /** Those of plain peers that have not sent HANDSHAKE, in the order in which they were opened. */
  get withoutHandshake(): ReadonlySet<Link> {
    return this.#withoutHandshake
  }

  get size(): number {
    return this.#byId.size
  }

  get(id: LinkId): Link | undefined {
    return this.#byId.get(id)
  }

  /** All links, in the order in which they were opened. */
  all(): IterableIterator<Link> {
    return this.#byId.values()
  }

  /**
   * The links to one identity, oldest first. The same id with another address is another peer: an
   * id is no secret, and no node announces two addresses.
   */
  ofPeer(identity: Identity): readonly Link[] {
    return this.#byPeer.get(peerKeyOf(identity)) ?? []
  }

  /** The links that are bound to an address, oldest first. */
  ofAddress(address: Address): readonly Link[] {
    return this.#byAddress.get(address) ?? []
  }

  /** The host that an address leads to, by the oldest link that is bound to it; '' for none. */
  hostOf(address: Address): string {
    return this.ofAddress(address)[0]?.origin.host ?? ''
  }

  add(link: Link): void {
    this.#byId.set(link.id, link)
    if (link.origin.kind === 'accepted') this.#accepted += 1
    if (link.state === 'awaiting-handshake' && link.identity === undefined)
      this.#withoutHandshake.add(link)
    if (link.identity !== undefined) append(this.#byPeer, peerKeyOf(link.identity), link)
    if (link.address !== undefined) append(this.#byAddress, link.address, link)
  }

  /** Idempotent. */
  remove(link: Link): void {
    if (!this.#byId.delete(link.id)) return
    if (link.origin.kind === 'accepted') this.#accepted -= 1
    this.#withoutHandshake.delete(link)
    if (link.identity !== undefined) detach(this.#byPeer, peerKeyOf(link.identity), link)
    if (link.address !== undefined) detach(this.#byAddress, link.address, link)
  }

  /** The peer of this link has sent HANDSHAKE. Idempotent. */
  handshakeReceived(link: Link): void {
    this.#withoutHandshake.delete(link)
  }
}

function peerKeyOf({ id, address }: Identity): string {
  return `${id} ${address}`
}

function append<Key>(index: Map<Key, Link[]>, key: Key, link: Link): void {
  const links = index.get(key)
  if (links === undefined) index.set(key, [link])
  else links.push(link)
}

/** Removes just this link: the late end of one must not remove another. */
function detach<Key>(index: Map<Key, Link[]>, key: Key, link: Link): void {
  const rest = (index.get(key) ?? []).filter((other) => other !== link)
  if (rest.length === 0) index.delete(key)
  else index.set(key, rest)
}
