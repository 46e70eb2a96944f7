/** The HANDSHAKE that we send: built once for a list of addresses, sent many times. */

import { encode } from '../wire/codec.ts'
import type { Address } from './address.ts'
import { HANDSHAKE_ADDRESSES_MAX } from './limits.ts'

/** Our own address, and those that we are connected to, as the text of a frame. */
export class Announcement {
  readonly #own: Address
  readonly #connected: ReadonlySet<Address>
  readonly #random: () => number
  #text: string | undefined

  /** @param connected the live list of addresses; say {@link changed} whenever it changes */
  constructor(own: Address, connected: ReadonlySet<Address>, random: () => number) {
    this.#own = own
    this.#connected = connected
    this.#random = random
  }

  /** The list has changed. */
  changed(): void {
    this.#text = undefined
  }

  /**
   * The frame: own address first. In a mesh larger than a HANDSHAKE it names a window of the
   * others, drawn each time.
   */
  text(): string {
    const othersMax = HANDSHAKE_ADDRESSES_MAX - 1
    if (this.#connected.size <= othersMax) {
      this.#text ??= encode({ type: 'HANDSHAKE', data: [this.#own, ...this.#connected] })
      return this.#text
    }
    const others = [...this.#connected]
    const start = Math.floor(this.#random() * others.length)
    const window = [...others.slice(start), ...others.slice(0, start)].slice(0, othersMax)
    return encode({ type: 'HANDSHAKE', data: [this.#own, ...window] })
  }
}
