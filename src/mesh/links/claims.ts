/**
 * Claims: addresses that peers announce and no dial has verified. A claim is believed at once,
 * which makes one connection a pair possible, and verified once by a dial, or any stranger could
 * take the place of a node that we then never dial. Verified at a steady pace, however many there
 * are.
 */

import type { Address } from '../address/address.ts'
import type { Link } from './link.ts'

/** Links with open claims, in the order in which they are verified. */
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

  /** Opens a claim that is due at this time. */
  open(link: Link, atMs: number): void {
    this.#open.delete(link)
    this.#open.set(link, atMs)
  }

  /** The claim is verified, or its link is gone. Idempotent. */
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
   * are put off until `retryAtMs`, in case they may not be dialed or the dial fails.
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
