/**
 * Duplicates: several links to one peer, of which one is to stay. Which one is the business of
 * duplicate-rule.ts; here it is asked when it matters, and what it says is done. Two cases need no
 * rule: plain peers, and a peer that was reached on the address that it tells.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { MeshId } from '../../wire/headers.ts'
import type { Ending } from '../events.ts'
import type { LinkId } from '../inputs.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'
import { claimOf } from './admission.ts'
import { rule } from './duplicate-rule.ts'
import { type Link, type LinkTable, nameOf } from './link.ts'

/** What duplicates are settled with. */
export interface DuplicatesOptions {
  readonly ownId: MeshId
  readonly links: LinkTable
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  /** Asks for a sign of life. */
  readonly ping: (link: Link) => void
  /** Ends a link for a reason that people should hear of. */
  readonly refuse: (link: Link, code: CloseCode, reason: string) => void
}

/** Sees to it that of several links to one peer only one stays. */
export class Duplicates {
  readonly #options: DuplicatesOptions

  constructor(options: DuplicatesOptions) {
    this.#options = options
  }

  /** A link to the peer of this one came or fell, or this one has shown that it lives. */
  settle(link: Link): void {
    const { ownId, links, timers, timings, turn, ping } = this.#options
    if (link.identity === undefined) return this.#settlePlain(link)
    const ruling = rule(links.ofPeer(link.identity), ownId, link.identity.id)
    switch (ruling.kind) {
      case 'wait':
        return
      case 'probe': {
        const answerByMs = turn.nowMs + timings.duplicateProbeMs
        timers.set({ kind: 'duplicate', subject: ruling.link.id }, answerByMs)
        ruling.link.probe = 'asked'
        return ping(ruling.link)
      }
      case 'close':
        ruling.kept.probe = 'none'
        for (const extra of ruling.extra) this.#close(extra)
        return
      default:
        ruling satisfies never
    }
  }

  /**
   * A plain peer was dialed although we had a link to it, because somebody else claimed its
   * address. The new one works.
   */
  #settlePlain(link: Link): void {
    const { links } = this.#options
    for (const other of link.address === undefined ? [] : links.ofAddress(link.address)) {
      if (other !== link && other.identity === undefined) this.#close(other)
    }
  }

  /**
   * A peer answered on the address that it tells. What stands for it elsewhere is a duplicate,
   * whoever decides: a restarted node may have been reached by another spelling while its old link
   * still seemed alive, and would stay there for good.
   */
  closeMisnamed(link: Link): void {
    if (link.identity === undefined || link.address !== claimOf(link.identity)) return
    for (const other of this.#options.links.ofPeer(link.identity)) {
      if (other.address !== link.address) this.#close(other)
    }
  }

  #close(link: Link): void {
    const { turn, refuse } = this.#options
    turn.report({ kind: 'duplicate-closed', peer: nameOf(link) })
    // Not just turned away: the two links of one peer may stand for different addresses.
    refuse(link, CloseCode.DUPLICATE, 'duplicate')
  }

  // --- Proof of life -----------------------------------------------------------------------------

  /** Something was received on a link. */
  heard(link: Link): void {
    if (link.probe !== 'asked') return
    this.stopWaiting(link)
    link.probe = 'answered'
    this.settle(link)
    // An answer is good for the rival of the moment only; by the next one the link may be dead.
    link.probe = 'none'
  }

  /** The older of two links to one peer was asked for a sign of life and gave none. */
  probeTimedOut(id: LinkId): void {
    const { links, refuse } = this.#options
    const link = links.get(id)
    if (link === undefined) return
    link.probe = 'none'
    const siblings = link.identity === undefined ? [] : links.ofPeer(link.identity)
    // Without a rival there is no hurry: liveness decides.
    if (siblings.length < 2) return
    refuse(link, CloseCode.SILENT, 'silent while a newer link waited')
  }

  /** Waits no more for an answer on a link. Idempotent. */
  stopWaiting(link: Link): void {
    this.#options.timers.stop({ kind: 'duplicate', subject: link.id })
  }

  /**
   * A link of a peer fell that others had to wait for, perhaps, until it showed whether it lives.
   * What we end because of who is who is part of a ruling already.
   */
  settleRest(gone: Link, { by, code }: Ending): void {
    const isRuling = code === CloseCode.DUPLICATE || code === CloseCode.ADDRESS_TAKEN
    if (gone.identity === undefined || (by === 'us' && isRuling)) return
    const [next] = this.#options.links.ofPeer(gone.identity)
    if (next !== undefined) this.settle(next)
  }
}
