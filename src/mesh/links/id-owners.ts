/**
 * Whose an id is. It is no secret, so a stranger can announce the id of another node at an address
 * of its own, where a dial verifies it. An id is of the peer that was verified with it first and
 * linked with it before others, or that has proven the secret. Whoever announces it at another
 * address is another peer, under a name that is no id.
 */

import { BoundedMap } from '../../structures/bounded-map.ts'
import type { Identity, MeshId } from '../../wire/headers.ts'
import { BOOK_ADDRESSES_MAX } from '../limits.ts'
import type { Link } from './link.ts'
import type { LinkTable } from './link-table.ts'
import { announcedAddressOf } from './objections.ts'

export class IdOwners {
  readonly #links: LinkTable
  /** By id, the address that its owner announces, whether it is still linked or not. */
  readonly #addresses = new BoundedMap<MeshId, string>(BOOK_ADDRESSES_MAX)
  readonly #names = new WeakMap<Readonly<Link>, string>()

  constructor(links: LinkTable) {
    this.#links = links
  }

  /** The peer of a link is verified, or trusted. Whether its id is its own. Idempotent. */
  verified({ identity, trusted }: Readonly<Link>): boolean {
    if (identity === undefined || !(trusted || this.#owns(identity))) return false
    this.#addresses.set(identity.id, addressIn(identity))
    return true
  }

  /** The peer of a link for messages and requests, as long as the link stands. */
  nameOf(link: Readonly<Link>, identity: Identity): string {
    const known = this.#names.get(link)
    if (known !== undefined) return known
    const isOwn = link.trusted || this.#owns(identity)
    const name = isOwn ? identity.id : `${identity.id} ${addressIn(identity)}`
    this.#names.set(link, name)
    return name
  }

  #owns(identity: Identity): boolean {
    const owner = this.#addresses.get(identity.id) ?? this.#firstAddressOf(identity.id)
    return owner === undefined || owner === addressIn(identity)
  }

  /** The address that the oldest link with an id announces. */
  #firstAddressOf(id: MeshId): string | undefined {
    for (const { identity } of this.#links.all()) {
      if (identity?.id === id) return addressIn(identity)
    }
    return undefined
  }
}

function addressIn(identity: Identity): string {
  return announcedAddressOf(identity) ?? identity.address
}
