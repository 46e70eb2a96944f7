/**
 * A plain peer: the user stories and nothing else. It dials, sends HANDSHAKE on links that it
 * dialed, reads HANDSHAKE on links that others dialed, and dials the addresses in it. It sends no
 * identity, never pings, and never redials.
 */

import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import { HANDSHAKE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { decode } from '../../src/wire/codec.ts'
import type { Identity } from '../../src/wire/headers.ts'
import type { Socket } from './network.ts'
import type { Place } from './place.ts'
import { Process } from './process.ts'
import { Violation } from './violation.ts'
import type { World } from './world.ts'

/** After this time its operating system gives up a dial, in ms. */
const DIAL_TIMEOUT_MS = 30_000

/** A plain peer. */
export class PlainPeer extends Process {
  readonly connectedAddresses = new Set<Address>()
  readonly attemptingToConnectToAddress = new Set<Address>()
  readonly #dialed = new Map<Socket, Address>()
  readonly knownPeers: readonly Address[]
  readonly #world: World

  constructor(place: Place, world: World, knownPeers: readonly Address[]) {
    super(place, world.network)
    this.#world = world
    this.knownPeers = knownPeers
  }

  start(): void {
    for (const address of this.knownPeers) this.#dial(address)
  }

  identityFor(): undefined {
    return undefined
  }

  onAccepted(): void {}

  onOpened(address: Address, socket: Socket, _identity: Identity | undefined): void {
    this.attemptingToConnectToAddress.delete(address)
    this.connectedAddresses.add(address)
    this.#dialed.set(socket, address)
    const data = [this.place.address, ...this.connectedAddresses]
    this.network.send(socket, { kind: 'text', text: JSON.stringify({ type: 'HANDSHAKE', data }) })
  }

  onDialFailed(address: Address): void {
    this.attemptingToConnectToAddress.delete(address)
  }

  onText(socket: Socket, text: string): void {
    if (this.#dialed.has(socket)) return
    const decoded = decode({ kind: 'text', text }, HANDSHAKE_ADDRESSES_MAX)
    if (decoded.kind !== 'message') return
    if (decoded.message.type !== 'HANDSHAKE') {
      throw new Violation(
        `${this.name} receives ${decoded.message.type}, which a plain peer must not get`,
      )
    }
    for (const entry of decoded.message.data) {
      const parsed = parseAddress(entry)
      if (parsed.kind === 'address') this.#dial(parsed.address)
    }
  }

  onPing(): void {}

  onPong(): void {}

  onClosed(socket: Socket): void {
    const address = this.#dialed.get(socket)
    this.#dialed.delete(socket)
    if (address !== undefined) this.connectedAddresses.delete(address)
    this.#world.trace.note(
      this.network.time.nowMs,
      this.name,
      () => `lost ${address ?? 'an accepted link'}`,
    )
  }

  #dial(address: Address): void {
    if (address === this.place.address) return
    const { attemptingToConnectToAddress: attempting, connectedAddresses } = this
    if (connectedAddresses.has(address) || attempting.has(address)) return
    attempting.add(address)
    this.#world.trace.note(this.network.time.nowMs, this.name, () => `dials ${address}`)
    this.network.dial(this, address, { identity: undefined, timeoutMs: DIAL_TIMEOUT_MS })
  }
}
