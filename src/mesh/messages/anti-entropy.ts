/**
 * Anti-entropy: now and then sends HANDSHAKE to one random peer, to repair what was missed.
 *
 * Each round sends it to one peer that a dial has verified and to one that none has: a stranger
 * that claims many addresses would otherwise receive nearly all of them.
 */

import type { Address } from '../address/address.ts'
import { antiEntropyDelayMs } from '../address/backoff.ts'
import type { CoreContext } from '../context.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import type { Link } from '../links/link.ts'
import type { LinkTable } from '../links/link-table.ts'

export class AntiEntropy {
  readonly #context: CoreContext
  readonly #links: LinkTable
  readonly #connections: ConnectionTable
  readonly #connected: ReadonlySet<Address>

  /** @param connected the live list of addresses that we are connected to */
  constructor(
    context: CoreContext,
    links: LinkTable,
    connections: ConnectionTable,
    connected: ReadonlySet<Address>,
  ) {
    this.#context = context
    this.#links = links
    this.#connections = connections
    this.#connected = connected
  }

  /** Sets the time of the next round. */
  schedule(): void {
    this.#schedule(this.#peers().verified.length)
  }

  /**
   * Sends HANDSHAKE to a random peer that is verified, and to one of those that only claim their
   * addresses; sets the time of the next round.
   */
  run(): void {
    const { verified, claimed } = this.#peers()
    this.#schedule(verified.length)
    this.#sendToOneOf(verified)
    this.#sendToOneOf(claimed)
  }

  #schedule(verified: number): void {
    const { nowMs, random, timers, timings } = this.#context
    const delayMs = antiEntropyDelayMs(verified, random(), timings)
    timers.set({ kind: 'anti-entropy', subject: 'mesh' }, nowMs + delayMs)
  }

  /** A link to each peer. */
  #peers(): { readonly verified: readonly Link[]; readonly claimed: readonly Link[] } {
    const [verified, claimed]: [Link[], Link[]] = [[], []]
    for (const address of this.#connected) {
      const links = this.#links.ofAddress(address)
      const proven = links.find((link) => link.verified)
      if (proven !== undefined) verified.push(proven)
      else claimed.push(...links.slice(0, 1))
    }
    return { verified, claimed }
  }

  #sendToOneOf(peers: readonly Link[]): void {
    if (peers.length === 0) return
    const link = peers[Math.floor(this.#context.random() * peers.length)]
    if (link !== undefined) this.#connections.sendHandshake(link, true)
  }
}
