/**
 * Probes what answers at an address: opens a WebSocket as the dialer does, reads the identity from
 * the answer to the upgrade, and closes. A probe sends no identity, so no node counts it as a peer
 * or logs it above `debug`.
 */

import type { Address } from '../mesh/address/address.ts'
import { DIALS_MAX } from '../mesh/limits.ts'
import { NORMAL_CLOSURE } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { DialFailed } from './dial.ts'
import { Dialer, type DialOrder } from './dialer.ts'
import { closeInTime } from './mesh-socket.ts'

/** The result of a probe. Text in it is from the peer, and not yet safe to print. */
export type Probe =
  /** A WebSocket server; without an identity it is a plain peer. */
  { readonly kind: 'answered'; readonly identity: Identity | undefined } | DialFailed

/**
 * Probes each address once, {@link DIALS_MAX} at a time, each for `timeoutMs` at most, as the
 * dialer counts it. Resolves when all sockets are closed. Never rejects.
 */
export async function probeAll(
  addresses: readonly Address[],
  timeoutMs: number,
): Promise<ReadonlyMap<Address, Probe>> {
  const dialer = new Dialer({ identity: undefined, onNoDescriptors: () => {} })
  const probes = new Map<Address, Probe>()
  const waiting = new Set(addresses).values()
  const probeNext = async (): Promise<void> => {
    for (const address of waiting) {
      probes.set(address, await probe(dialer, { address, policy: 'operator', timeoutMs }))
    }
  }
  await Promise.all(Array.from({ length: DIALS_MAX }, probeNext))
  return probes
}

function probe(dialer: Dialer, order: DialOrder): Promise<Probe> {
  return new Promise((resolve) => {
    dialer.dial(order, (result) => {
      if (result.kind === 'failed') return resolve(result)
      const { socket, identity } = result
      // The answer is complete; later frames do not matter, even invalid ones.
      socket.on('error', () => {})
      closeInTime(socket, NORMAL_CLOSURE, '', () => resolve({ kind: 'answered', identity }))
    })
  })
}
