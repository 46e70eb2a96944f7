/** The HANDSHAKE that we send: built once for a list of addresses, sent many times. */

import { encode } from '../../wire/codec.ts'
import type { Address } from '../address/address.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../limits.ts'

export class OutgoingHandshake {
  readonly #ownAddress: Address
  readonly #connected: ReadonlySet<Address>
  readonly #hostOf: (connected: Address) => string
  readonly #random: () => number
  /** Connected addresses that are not named. */
  readonly #withheld = new Set<Address>()
  #text: string | undefined
  #revision = 1

  /**
   * @param connected the live list of addresses; call {@link joined} after one was added to its
   * end, and {@link changed} after any other change
   * @param hostOf the host that a connected address leads to
   */
  constructor(
    ownAddress: Address,
    connected: ReadonlySet<Address>,
    hostOf: (connected: Address) => string,
    random: () => number,
  ) {
    this.#ownAddress = ownAddress
    this.#connected = connected
    this.#hostOf = hostOf
    this.#random = random
  }

  /**
   * An address was added, and is named from now on. Nodes that join one after the other are each
   * sent all before it, so the text is appended to instead of built anew.
   */
  joined(address: Address): void {
    const text = this.#text
    this.changed()
    if (text === undefined || !this.#isWhole) return
    this.#text = `${text.slice(0, -END.length)},${JSON.stringify(address)}${END}`
  }

  /** An address is not named for now. It may be one that is about to be added. Idempotent. */
  withhold(address: Address): void {
    if (this.#withheld.has(address)) return
    this.#withheld.add(address)
    this.changed()
  }

  /** An address is named again, or it was removed. Idempotent. */
  release(address: Address): void {
    if (this.#withheld.delete(address)) this.changed()
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
    if (!this.#isWhole) return encode({ type: 'HANDSHAKE', data: this.#named() })
    this.#text ??= encode({ type: 'HANDSHAKE', data: this.#named() })
    return this.#text
  }

  #named(): readonly Address[] {
    return this.#window([...this.#connected].filter((address) => !this.#withheld.has(address)))
  }

  /** Our own address, then all others that we are connected to, as far as a message has room. */
  addresses(): readonly Address[] {
    return this.#window([...this.#connected])
  }

  /**
   * In a mesh larger than a message, half of it names the hosts in turn, and what was connected
   * first: a stranger that answers on more addresses than fit must not hide all others. The rest is
   * a window of what is left, drawn each time.
   */
  #window(others: readonly Address[]): readonly Address[] {
    if (others.length < HANDSHAKE_ADDRESSES_MAX) return [this.#ownAddress, ...others]
    const inTurn = this.#byHostInTurn(others)
    const fixed = inTurn.slice(0, HANDSHAKE_ADDRESSES_MAX / 2)
    const rest = inTurn.slice(fixed.length)
    const start = Math.floor(this.#random() * rest.length)
    const window = [...rest.slice(start), ...rest.slice(0, start)]
    return [this.#ownAddress, ...fixed, ...window].slice(0, HANDSHAKE_ADDRESSES_MAX)
  }

  /** The first address of each host, then the second of each, and so on. */
  #byHostInTurn(addresses: readonly Address[]): readonly Address[] {
    const turns: Address[][] = []
    const countOf = new Map<string, number>()
    for (const address of addresses) {
      const host = this.#hostOf(address)
      const turn = countOf.get(host) ?? 0
      countOf.set(host, turn + 1)
      turns[turn] ??= []
      turns[turn].push(address)
    }
    return turns.flat()
  }

  get #isWhole(): boolean {
    return this.#connected.size - this.#withheld.size < HANDSHAKE_ADDRESSES_MAX
  }
}

/** What comes after the last address. */
const END = ']}'
