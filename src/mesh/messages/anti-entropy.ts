/** Anti-entropy: now and then sends HANDSHAKE to one random peer, to repair what was missed. */

import type { Address } from '../address/address.ts'
import { antiEntropyDelayMs } from '../address/backoff.ts'
import type { CoreContext } from '../context.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
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
    const { nowMs, random, timers, timings } = this.#context
    const delayMs = antiEntropyDelayMs(this.#connected.size, random(), timings)
    timers.set({ kind: 'anti-entropy', subject: 'mesh' }, nowMs + delayMs)
  }

  /** Sends HANDSHAKE to a random peer, and sets the time of the next round. */
  run(): void {
    this.schedule()
    const addresses = [...this.#connected]
    const address = addresses[Math.floor(this.#context.random() * addresses.length)]
    const link = address === undefined ? undefined : this.#links.ofAddress(address)[0]
    if (link !== undefined) this.#connections.sendHandshake(link, true)
  }
}
