/** What we tell of our connections: built once for a list of addresses, sent many times. */

import { encode } from '../../wire/codec.ts'
import type { Address } from '../address/address.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../limits.ts'

/** Our own address, and those that we are connected to, as the text of a frame. */
export class Announcement {
  readonly #own: Address
  readonly #connected: ReadonlySet<Address>
  readonly #random: () => number
  #text: string | undefined
  #revision = 1

  /**
   * @param connected the live list of addresses; say {@link joined} when one was added to its end,
   * and {@link changed} when it changed in another way
   */
  constructor(own: Address, connected: ReadonlySet<Address>, random: () => number) {
    this.#own = own
    this.#connected = connected
    this.#random = random
  }

  /**
   * An address was added. Where nodes join one after the other, each is told of all before it, so
   * the text is made longer instead of anew.
   */
  joined(address: Address): void {
    const text = this.#text
    this.changed()
    if (text === undefined || !this.#isWhole) return
    this.#text = `${text.slice(0, -END.length)},${JSON.stringify(address)}${END}`
  }

  /** The list has changed. */
  changed(): void {
    this.#text = undefined
    this.#revision += 1
  }

  /** A number above 0, another one for each list. */
  get revision(): number {
    return this.#revision
  }

  /** The frame of a HANDSHAKE. */
  text(): string {
    if (this.#isWhole) {
      this.#text ??= encode({ type: 'HANDSHAKE', data: this.addresses() })
      return this.#text
    }
    return encode({ type: 'HANDSHAKE', data: this.addresses() })
  }

  /**
   * Own address first, then the others. In a mesh larger than a HANDSHAKE it is a window of the
   * others, drawn each time.
   */
  addresses(): readonly Address[] {
    const others = [...this.#connected]
    if (this.#isWhole) return [this.#own, ...others]
    const start = Math.floor(this.#random() * others.length)
    const window = [...others.slice(start), ...others.slice(0, start)]
    return [this.#own, ...window.slice(0, HANDSHAKE_ADDRESSES_MAX - 1)]
  }

  get #isWhole(): boolean {
    return this.#connected.size < HANDSHAKE_ADDRESSES_MAX
  }
}

/** What comes after the last address. */
const END = ']}'
