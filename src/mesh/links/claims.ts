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
  /** How many of them each host has. */
  readonly #ofHost = new Map<string, number>()
  /** Addresses that several links claim, and how far the dial is that shows whose each is. */
  readonly #contested = new Map<Address, 'paused' | 'due' | 'dialed'>()

  /** How many claims are open. */
  get size(): number {
    return this.#open.size
  }

  /** How many claims of a host's links are open. */
  countOf(host: string): number {
    return this.#ofHost.get(host) ?? 0
  }

  /** Opens a claim that is due at this time. */
  open(link: Link, atMs: number): void {
    if (!this.#open.delete(link)) this.#changeCountOf(link, 1)
    this.#open.set(link, atMs)
  }

  /** The claim is verified, or its link is gone. Idempotent. */
  settle(link: Link): void {
    if (this.#open.delete(link)) this.#changeCountOf(link, -1)
  }

  #changeCountOf({ origin }: Link, change: number): void {
    const count = this.countOf(origin.host) + change
    if (count === 0) this.#ofHost.delete(origin.host)
    else this.#ofHost.set(origin.host, count)
  }

  /** Several links claim an address: it is to be dialed, soon or now. */
  contest(address: Address, isDue: boolean): void {
    if (!this.isContested(address)) this.#contested.set(address, isDue ? 'due' : 'paused')
  }

  /** The pause since the last dial of a contested address is over. */
  contestPauseEnded(address: Address): void {
    if (this.#contested.get(address) === 'paused') this.#contested.set(address, 'due')
  }

  /** A due contest has to wait. */
  pauseContest(address: Address): void {
    if (this.isContested(address)) this.#contested.set(address, 'paused')
  }

  /** A dial of the address has begun; if it is contested, no other is due. */
  dialed(address: Address): void {
    if (this.isContested(address)) this.#contested.set(address, 'dialed')
  }

  isContested(address: Address): boolean {
    return this.#contested.has(address)
  }

  /** A dial has shown who answers, or that nobody does. Whether the address was contested. */
  settleContest(address: Address): boolean {
    return this.#contested.delete(address)
  }

  /** The contested addresses to dial now. */
  dueContests(): readonly Address[] {
    return [...this.#contested].flatMap(([address, state]) => (state === 'due' ? [address] : []))
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
