/** Anti-entropy: now and then sends HANDSHAKE to one random peer, to repair what was missed. */

import type { Address } from '../address/address.ts'
import { antiEntropyDelayMs } from '../address/backoff.ts'
import type { CoreContext } from '../context.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import type { LinkTable } from '../links/link-table.ts'

export interface AntiEntropyOptions {
  readonly links: LinkTable
  readonly connections: ConnectionTable
  /** The live list of addresses that we are connected to. */
  readonly connectedAddresses: ReadonlySet<Address>
}

export class AntiEntropy {
  readonly #context: CoreContext
  readonly #options: AntiEntropyOptions

  constructor(context: CoreContext, options: AntiEntropyOptions) {
    this.#context = context
    this.#options = options
  }

  /** Sets the time of the next round. */
  schedule(): void {
    const { random, timers, timings, turn } = this.#context
    const delayMs = antiEntropyDelayMs(this.#options.connectedAddresses.size, random(), timings)
    timers.set({ kind: 'anti-entropy', subject: 'mesh' }, turn.nowMs + delayMs)
  }

  /** Sends HANDSHAKE to a random peer, and sets the time of the next round. */
  run(): void {
    const { links, connections, connectedAddresses } = this.#options
    this.schedule()
    const addresses = [...connectedAddresses]
    const address = addresses[Math.floor(this.#context.random() * addresses.length)]
    const link = address === undefined ? undefined : links.ofAddress(address)[0]
    if (link !== undefined) connections.sendHandshake(link)
  }
}
