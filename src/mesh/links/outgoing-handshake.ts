/** The HANDSHAKE that we send: built once for a list of addresses, sent many times. */

import { encode } from '../../wire/codec.ts'
import type { Address } from '../address/address.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../limits.ts'

export class OutgoingHandshake {
  readonly #ownAddress: Address
  readonly #connected: ReadonlySet<Address>
  readonly #random: () => number
  #text: string | undefined
  #revision = 1

  /**
   * @param connected the live list of addresses; call {@link joined} after one was added to its
   * end, and {@link changed} after any other change
   */
  constructor(ownAddress: Address, connected: ReadonlySet<Address>, random: () => number) {
    this.#ownAddress = ownAddress
    this.#connected = connected
    this.#random = random
  }

  /**
   * An address was added. Nodes that join one after the other are each sent all before it, so the
   * text is appended to instead of built anew.
   */
  joined(address: Address): void {
    const text = this.#text
    this.changed()
    if (text === undefined || !this.#isWhole) return
    this.#text = `${text.slice(0, -END.length)},${JSON.stringify(address)}${END}`
  }

  changed(): void {
    this.#text = undefined
    this.#revision += 1
  }

  /** A number above 0, another one for each list. */
  get revision(): number {
    return this.#revision
  }

  /** The frame. */
  text(): string {
    if (!this.#isWhole) return encode({ type: 'HANDSHAKE', data: this.addresses() })
    this.#text ??= encode({ type: 'HANDSHAKE', data: this.addresses() })
    return this.#text
  }

  /**
   * Our own address, then the others. In a mesh larger than a HANDSHAKE, a window of the others,
   * drawn each time.
   */
  addresses(): readonly Address[] {
    const others = [...this.#connected]
    if (this.#isWhole) return [this.#ownAddress, ...others]
    const start = Math.floor(this.#random() * others.length)
    const window = [...others.slice(start), ...others.slice(0, start)]
    return [this.#ownAddress, ...window.slice(0, HANDSHAKE_ADDRESSES_MAX - 1)]
  }

  get #isWhole(): boolean {
    return this.#connected.size < HANDSHAKE_ADDRESSES_MAX
  }
}

/** What comes after the last address. */
const END = ']}'
