/**
 * Claims: addresses that peers say are theirs, which nobody has verified. A node that dials us
 * names its address in a header; to believe it at once is what makes one connection a pair
 * possible, and to believe it for good would let any stranger stand in the place of a node that we
 * then never dial. So every claim is looked into once, by a dial, at a steady pace that does not
 * grow with the number of claims.
 */

import type { Address } from '../address/address.ts'
import type { Link } from './link.ts'

/** Links whose address is the peer's word, in the order in which they are looked into. */
export class Claims {
  readonly #open = new Map<Link, number>()

  /** How many claims are open. */
  get size(): number {
    return this.#open.size
  }

  /** Whether a link's claim is open. */
  has(link: Link): boolean {
    return this.#open.has(link)
  }

  /** Opens a claim that is to be looked into at this time. */
  open(link: Link, atMs: number): void {
    this.#open.delete(link)
    this.#open.set(link, atMs)
  }

  /** Settles a claim, or forgets it with its link. Idempotent. */
  settle(link: Link): void {
    this.#open.delete(link)
  }

  /** When the next claim is due, or undefined when none is open. */
  dueMs(): number | undefined {
    const times = [...this.#open.values()]
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /**
   * The address of the first claim that is due and may be dialed, or undefined. Claims that are due
   * are put off until `retryAtMs`, in case they may not be dialed or nobody answers.
   */
  next(
    nowMs: number,
    retryAtMs: number,
    mayDial: (address: Address) => boolean,
  ): Address | undefined {
    for (const [link, atMs] of [...this.#open]) {
      if (atMs > nowMs) continue
      this.open(link, retryAtMs)
      if (link.address !== undefined && mayDial(link.address)) return link.address
    }
    return undefined
  }
}
