/**
 * A stranger who lies: it connects to a node, perhaps in the name of another one, and names an
 * address that nobody may dial, and some where nobody answers.
 */

import type { Address } from '../../../src/mesh/address/address.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION } from '../../../src/wire/headers.ts'
import type { Socket } from '../../sim/network.ts'
import { newPlace, type Place } from '../../sim/place.ts'
import { Process } from '../../sim/process.ts'
import type { Random } from '../../sim/random.ts'
import type { World } from '../../sim/world.ts'

/** The index of its place, with port 4666: no node of a scene listens there. */
const INDEX = 665

const DIAL_TIMEOUT_MS = 10_000

/** The address that machines in a cloud get their keys from, and two ports without a program. */
const BAIT = ['ws://169.254.169.254:80', 'ws://localhost:4777', 'ws://localhost:4888'] as const

export class Stranger extends Process {
  readonly #identity: Identity
  readonly #target: Address

  constructor(
    place: Place,
    world: World,
    random: Random,
    target: Address,
    claimed = place.address,
  ) {
    super(place, world.network)
    this.#target = target
    this.#identity = {
      version: PROTOCOL_VERSION,
      mesh: 'default',
      id: random.hex(32) as MeshId,
      address: claimed,
      code: '',
      messages: false,
    }
  }

  static place(): Place {
    return { ...newPlace(INDEX, 'loopback', false), name: 'stranger' }
  }

  start(): void {
    const options = { identity: this.#identity, timeoutMs: DIAL_TIMEOUT_MS }
    this.network.dial(this, this.#target, options)
  }

  identityFor(): Identity {
    return this.#identity
  }

  onOpened(_address: Address, socket: Socket): void {
    const data = [this.#identity.address, ...BAIT]
    this.network.send(socket, { kind: 'text', text: JSON.stringify({ type: 'HANDSHAKE', data }) })
  }

  onAccepted(): void {}
  onDialFailed(): void {}
  onText(): void {}
  onPing(): void {}
  onPong(): void {}
  onClosed(): void {}
}
