/**
 * Visits: who answers at an address? Opens a WebSocket as the dialer does, reads who is there from
 * the answer to the upgrade, and leaves. A visitor says nothing of itself, so nobody takes it for a
 * peer, and a node that is visited logs nothing above `debug`.
 */

import type { WebSocket } from 'ws'
import type { Address } from '../mesh/address/address.ts'
import { CLOSE_TIMEOUT_MS, DIALS_MAX } from '../mesh/limits.ts'
import { NORMAL_CLOSURE } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { DialFailed } from './dial-result.ts'
import { Dialer, type DialOrder } from './dialer.ts'

/** What came of a visit. Text in it is the peer's word, not yet made harmless. */
export type Probe =
  /** Somebody speaks WebSocket there; without an identity it is a plain peer. */
  { readonly kind: 'met'; readonly identity: Identity | undefined } | DialFailed

/**
 * Visits each address once, {@link DIALS_MAX} at a time, each for `timeoutMs` at most, as the
 * dialer counts it. Resolves when the sockets of all are closed. Never rejects.
 */
export async function probeAll(
  addresses: readonly Address[],
  timeoutMs: number,
): Promise<ReadonlyMap<Address, Probe>> {
  const dialer = new Dialer({ identity: undefined, onNoDescriptors: () => {} })
  const visits = new Map<Address, Probe>()
  const waiting = new Set(addresses).values()
  const visitNext = async (): Promise<void> => {
    for (const address of waiting) {
      visits.set(address, await visit(dialer, { address, policy: 'operator', timeoutMs }))
    }
  }
  await Promise.all(Array.from({ length: DIALS_MAX }, visitNext))
  return visits
}

function visit(dialer: Dialer, order: DialOrder): Promise<Probe> {
  return new Promise((resolve) => {
    dialer.dial(order, (result) => {
      if (result.kind === 'failed') return resolve(result)
      const { socket, identity } = result
      leave(socket, () => resolve({ kind: 'met', identity }))
    })
  })
}

function leave(socket: WebSocket, onLeft: () => void): void {
  const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS)
  // What it still sends is not for us, also when it breaks the protocol.
  socket.on('error', () => {})
  socket.once('close', () => {
    clearTimeout(timer)
    onLeft()
  })
  socket.close(NORMAL_CLOSURE)
}
