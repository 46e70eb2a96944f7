/**
 * Our own address: whether it leads to us. A node whose operator set ADDRESS dials it. Only proof
 * counts against it: another node answers there, or a peer that we reached has found one there. No
 * answer proves nothing, since many networks cannot reach their own outer address.
 */

import { CloseCode, closeFrame } from '../wire/close-codes.ts'
import type { Identity, MeshId } from '../wire/headers.ts'
import type { Address } from './address/address.ts'
import type { CoreContext } from './context.ts'
import type { Ending } from './events.ts'
import type { LinkId } from './inputs.ts'
import { OWN_ADDRESS_CHECK_MS } from './limits.ts'
import type { Link } from './links/link.ts'

export class OwnAddress {
  readonly #context: CoreContext
  readonly #address: Address
  readonly #ownId: MeshId
  #state: 'unknown' | 'ours' | 'unanswered' | 'taken' = 'unknown'
  /** Peers that have found another node on our address. */
  readonly #refusedBy = new Set<Address>()

  constructor(context: CoreContext, address: Address, ownId: MeshId) {
    this.#context = context
    this.#address = address
    this.#ownId = ownId
  }

  /** Whether another node was found on it. */
  get isTaken(): boolean {
    return this.#state === 'taken' || this.#refusedBy.size > 0
  }

  /** Dials our address. Not through the dial gate, which refuses it. */
  check(): void {
    const { dialTimeoutMs: timeoutMs } = this.#context.timings
    this.#context.order({ kind: 'dial', address: this.#address, policy: 'operator', timeoutMs })
  }

  /** A node answered on our address. */
  dialed(link: LinkId, identity: Identity | undefined): void {
    const isOurs = identity?.id === this.#ownId
    const frame = isOurs
      ? closeFrame(CloseCode.SELF, 'dialer and acceptor are the same node')
      : closeFrame(CloseCode.ADDRESS_TAKEN, `both nodes announce ${this.#address}`)
    this.#context.order({ kind: 'close', link, frame })
    if (!isOurs && this.#state !== 'taken') this.#report(undefined)
    this.#state = isOurs ? 'ours' : 'taken'
    if (!isOurs) this.#checkAgain()
  }

  dialFailed(reason: string): void {
    if (this.#state === 'taken') return this.#checkAgain()
    this.#state = 'unanswered'
    this.#context.report({ kind: 'own-address-unanswered', address: this.#address, reason })
  }

  /** A peer that we had dialed ended the link. */
  refused(link: Link, peer: Address, { by, code }: Ending): void {
    if (by !== 'peer' || code !== CloseCode.ADDRESS_TAKEN || link.origin.kind !== 'dialed') return
    if (!this.isTaken) this.#report(peer)
    this.#refusedBy.add(peer)
  }

  /** A peer takes a link of ours, so it finds no other node on our address. */
  accepted(peer: Address): void {
    this.#refusedBy.delete(peer)
  }

  #report(foundBy: Address | undefined): void {
    this.#context.report({ kind: 'own-address-taken', address: this.#address, foundBy })
  }

  #checkAgain(): void {
    const { nowMs, timers } = this.#context
    timers.set({ kind: 'own-address', subject: 'mesh' }, nowMs + OWN_ADDRESS_CHECK_MS)
  }
}
