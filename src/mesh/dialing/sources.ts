/**
 * Sources of addresses, such as a name in DNS: what they name is dialed like what strangers name,
 * within the same policy and budgets, and is no member before it was reached.
 */

import type { Address } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import type { CoreContext } from '../context.ts'
import { SOURCE_ADDRESSES_MAX } from '../limits.ts'
import type { DialGate } from './dial-gate.ts'
import type { DialQueue } from './dial-queue.ts'

export class Sources {
  readonly #context: CoreContext
  readonly #book: AddressBook
  readonly #gate: DialGate
  readonly #queue: DialQueue
  /** What each named last. */
  readonly #named = new Map<string, ReadonlySet<Address>>()

  constructor(context: CoreContext, book: AddressBook, gate: DialGate, queue: DialQueue) {
    this.#context = context
    this.#book = book
    this.#gate = gate
    this.#queue = queue
  }

  /** How many there are. */
  get size(): number {
    return this.#named.size
  }

  /** Whether any source named the address in its last answer. */
  names(address: Address): boolean {
    return [...this.#named.values()].some((addresses) => addresses.has(address))
  }

  /** A source names these addresses now, and no others. */
  answered(source: string, addresses: readonly Address[]): void {
    const { nowMs } = this.#context
    const named = new Set(addresses.slice(0, SOURCE_ADDRESSES_MAX))
    const teacher = { name: source, verified: false }
    const refused = { malformed: 0, refusedByPolicy: 0, tooMany: addresses.length - named.size }
    this.#named.set(source, named)
    for (const address of named) {
      const verdict = this.#gate.verdict(address, 'join', nowMs)
      if (verdict === 'refused-by-policy') refused.refusedByPolicy += 1
      else if (verdict === 'dial' || verdict === 'unknown') {
        if (this.#book.learn(address, teacher)) this.#queue.add(address)
        else refused.tooMany += 1
      }
    }
    if (refused.refusedByPolicy + refused.tooMany === 0) return
    this.#context.report({ kind: 'addresses-refused', peer: source, ...refused })
  }

  /** What it named is dialed on as if a peer had named it. */
  removed(source: string): void {
    this.#named.delete(source)
  }
}
