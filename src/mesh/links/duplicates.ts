/**
 * Duplicates: asks the duplicate rule when a link to a peer comes, goes or proves that it is alive,
 * and acts on the ruling. Plain peers, and a peer that was reached on the address that it
 * announces, need no rule.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { MeshId } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { CoreContext } from '../context.ts'
import type { Ending } from '../events.ts'
import type { LinkId } from '../inputs.ts'
import type { Claims } from './claims.ts'
import type { ConnectionTable } from './connection-table.ts'
import { rule } from './duplicate-rule.ts'
import { type Link, nameOf, probeBecame } from './link.ts'
import type { LinkTable } from './link-table.ts'
import { announcedAddressOf } from './objections.ts'

export class Duplicates {
  readonly #context: CoreContext
  readonly #ownId: MeshId
  readonly #links: LinkTable
  readonly #claims: Claims
  readonly #connections: ConnectionTable

  constructor(
    context: CoreContext,
    ownId: MeshId,
    links: LinkTable,
    claims: Claims,
    connections: ConnectionTable,
  ) {
    this.#context = context
    this.#ownId = ownId
    this.#links = links
    this.#claims = claims
    this.#connections = connections
  }

  /** A link is bound to an address now. */
  connected(link: Link): void {
    this.#settle(link)
  }

  /** The peer has sent HANDSHAKE on a link, so it does not refuse it. */
  greeted(link: Link): void {
    if (link.verified) this.#closeMisnamed(link)
    this.#settle(link)
  }

  /** A dial has not shown who answers on an address: the links to it are judged as they are. */
  settle(address: Address): void {
    for (const link of [...this.#links.ofAddress(address)]) this.#settle(link)
  }

  /**
   * The peer answered on the address that it announces, so its links that are bound to another
   * address are duplicates, whichever node decides: a restarted node may have been reached by
   * an alias while its old link still seemed alive.
   */
  #closeMisnamed(link: Link): void {
    if (link.identity === undefined || link.address !== announcedAddressOf(link.identity)) return
    for (const other of this.#links.ofPeer(link.identity)) {
      if (other.address !== link.address) this.#close(other)
    }
  }

  #settle(link: Link): void {
    if (link.identity === undefined) return this.#settlePlain(link)
    const { address, identity } = link
    const isContested = address !== undefined && this.#claims.isContested(address)
    const siblings = this.#links.ofPeer(identity)
    const ruling = rule(siblings, this.#ownId, identity.id, isContested)
    switch (ruling.kind) {
      case 'wait':
        return
      case 'probe': {
        const { nowMs, timers, timings } = this.#context
        const answerByMs = nowMs + timings.duplicateProbeMs
        timers.set({ kind: 'duplicate', subject: ruling.link.id }, answerByMs)
        probeBecame(ruling.link, 'asked')
        return this.#connections.ping(ruling.link)
      }
      case 'close':
        probeBecame(ruling.kept, 'none')
        for (const extra of ruling.extra) this.#close(extra)
        return
      default:
        ruling satisfies never
    }
  }

  /**
   * A plain peer was dialed although a link was bound to its address: another node had claimed it.
   * The new link is known to work.
   */
  #settlePlain(link: Link): void {
    for (const other of link.address === undefined ? [] : this.#links.ofAddress(link.address)) {
      if (other !== link && other.identity === undefined) this.#close(other)
    }
  }

  #close(link: Link): void {
    this.#context.report({ kind: 'duplicate-closed', peer: nameOf(link) })
    // Not `closeUnreported`: the two links may be bound to different addresses, and one be lost.
    this.#connections.close(link, CloseCode.DUPLICATE, 'duplicate')
  }

  /** Anything was received on a link. */
  received(link: Link): void {
    if (link.probe !== 'asked') return
    const { timers } = this.#context
    timers.stop({ kind: 'duplicate', subject: link.id })
    probeBecame(link, 'answered')
    this.#settle(link)
    // Only for this decision; by the next one the link may be dead.
    probeBecame(link, 'none')
  }

  /** The older of two links to one peer has not answered its ping in time. */
  probeTimedOut(id: LinkId): void {
    const link = this.#links.get(id)
    if (link === undefined) return
    probeBecame(link, 'none')
    const siblings = link.identity === undefined ? [] : this.#links.ofPeer(link.identity)
    // Without another link liveness decides.
    if (siblings.length < 2) return
    this.#connections.close(link, CloseCode.SILENT, 'no answer to a ping, and a newer link exists')
  }

  /** A link is gone, for whose answer to a ping others may have waited. */
  ended(gone: Link, { by, code }: Ending): void {
    // Closed by a ruling, which is complete.
    const isRuling = code === CloseCode.DUPLICATE || code === CloseCode.ADDRESS_TAKEN
    if (gone.identity === undefined || (by === 'us' && isRuling)) return
    const [next] = this.#links.ofPeer(gone.identity)
    if (next !== undefined) this.#settle(next)
  }
}
