/** Aliases: other spellings of a peer's address, each with the address that the peer announces. */

import { ALIASES_MAX } from '../limits.ts'
import type { Address } from './address.ts'

export class Aliases {
  readonly #targets = new Map<Address, Address>()
  readonly #isKnown: (address: Address) => boolean

  /** @param isKnown whether an address is the operator's: it is not dropped for those of others */
  constructor(isKnown: (address: Address) => boolean) {
    this.#isKnown = isKnown
  }

  get size(): number {
    return this.#targets.size
  }

  /** The address that `alias` is an alias of, or undefined. */
  targetOf(alias: Address): Address | undefined {
    return this.#targets.get(alias)
  }

  /** All aliases of an address. */
  of(target: Address): readonly Address[] {
    return [...this.#targets].flatMap(([alias, of]) => (of === target ? [alias] : []))
  }

  /**
   * A target is no alias, and aliases of `alias` become aliases of `target`: peers that name each
   * other must not make both undialable.
   */
  add(alias: Address, target: Address): void {
    this.#targets.delete(alias)
    this.#targets.delete(target)
    for (const other of this.of(alias)) this.#targets.set(other, target)
    if (this.#targets.size >= ALIASES_MAX) this.#dropOldest()
    this.#targets.set(alias, target)
  }

  /** A known peer is tried again once its target is gone. */
  #dropOldest(): void {
    const oldest = [...this.#targets.keys()].find((alias) => !this.#isKnown(alias))
    if (oldest !== undefined) this.#targets.delete(oldest)
  }

  /** Idempotent. */
  remove(alias: Address): void {
    this.#targets.delete(alias)
  }

  /** Removes the aliases of an address. Returns those that are known peers. */
  release(target: Address): readonly Address[] {
    const released = this.of(target)
    for (const alias of released) this.#targets.delete(alias)
    return released.filter((alias) => this.#isKnown(alias))
  }
}
