/**
 * How the last link to an address, or the last attempt at one, ended. Only for people who look; no
 * decision depends on it.
 */

import type { Address } from './address/address.ts'
import { LAST_CLOSE_REASONS_MAX } from './limits.ts'
import type { LastClose } from './overview.ts'

/** The latest ending of each address. */
export class LastCloseReasons {
  readonly #byAddress = new Map<Address, LastClose>()

  /** How many are remembered. */
  get size(): number {
    return this.#byAddress.size
  }

  /** Notes an ending, in the place of an earlier one. */
  note(address: Address, what: LastClose['what'], atMs: number): void {
    this.#byAddress.delete(address)
    if (this.#byAddress.size >= LAST_CLOSE_REASONS_MAX) {
      const oldest = this.#byAddress.keys().next()
      if (!oldest.done) this.#byAddress.delete(oldest.value)
    }
    this.#byAddress.set(address, { atMs, what })
  }

  /** The latest ending, or undefined when there was none. */
  of(address: Address): LastClose | undefined {
    return this.#byAddress.get(address)
  }

  /** All of them, oldest first. */
  all(): Iterable<readonly [Address, LastClose]> {
    return this.#byAddress
  }
}
