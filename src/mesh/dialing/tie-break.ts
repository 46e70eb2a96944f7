/**
 * Who dials whom when two nodes hear of each other. Both could, and one of the two connections
 * would have been made in vain; so one leaves it to the other, and dials all the same when no call
 * comes. It is politeness, not a rule: nothing is wrong when a peer knows nothing of it.
 *
 * It goes by the known peers that we are linked to, our introducers. Of any two of its peers, a
 * introducer tells the later one of the earlier. So if it named a node to us when we came, it does
 * not tell that node of us; and if it did not, it will tell that node of us, or has done so.
 *
 *     every introducer named it            only we were told             we dial at once
 *     some did, or there is none           it may have been told, too    a hash says who goes first
 *     none did                             only it was told              we wait for its dial
 *
 * We wait until the mesh around us has come to rest, for a time in which a dial should end.
 */

import type { Address } from '../address/address.ts'
import {
  ADDRESS_BYTES_MAX,
  INTRODUCERS_MAX,
  TIE_BREAK_DIALS,
  TIE_BREAK_MS_MAX,
  TIE_BREAK_MS_MIN,
  TIE_BREAK_QUIESCENCE_MS_MAX,
} from '../limits.ts'
import type { DialPace } from './dial-pace.ts'
import type { Quiescence } from './quiescence.ts'

/** What tieBreak is a matter of. */
export interface TieBreakOptions {
  readonly ownAddress: Address
  readonly quiescence: Quiescence
  readonly pace: DialPace
  /** How many known peers are being dialed, and may become introducers. */
  readonly introducersToCome: () => number
}

/** The nodes whose call we wait for. */
export class TieBreak {
  readonly #options: TieBreakOptions
  /** Whom each introducer named when we came, or undefined while it has said nothing. */
  readonly #introducers = new Map<Address, ReadonlySet<string> | undefined>()
  /** Since when, in that order. */
  readonly #waiting = new Map<Address, number>()

  constructor(options: TieBreakOptions) {
    this.#options = options
  }

  /** How many nodes' calls we wait for. */
  get waiting(): number {
    return this.#waiting.size
  }

  // --- Introducers -------------------------------------------------------------------------------

  /** A link with a known peer stands, and it will say HANDSHAKE. */
  expectIntroducer(peer: Address): void {
    if (this.#introducers.has(peer) || this.#introducers.size >= INTRODUCERS_MAX) return
    this.#introducers.set(peer, undefined)
  }

  /**
   * A peer said HANDSHAKE. Only the first one of a introducer counts; tells whether this was one,
   * so that others may turn out to wait for us.
   */
  hear(peer: Address | undefined, data: readonly string[]): boolean {
    if (peer === undefined || !this.#introducers.has(peer)) return false
    if (this.#introducers.get(peer) !== undefined) return false
    const named = data.filter((text) => text.length <= ADDRESS_BYTES_MAX)
    this.#introducers.set(peer, new Set(named))
    return true
  }

  /** We are connected to this peer no more. Idempotent. */
  dismissIntroducer(peer: Address): void {
    this.#introducers.delete(peer)
  }

  // --- Waiting -----------------------------------------------------------------------------------

  /** Whether we leave it to this node to dial us. */
  leavesTo(other: Address): boolean {
    let named = 0
    for (const list of this.#introducers.values()) if (list?.has(other) === true) named += 1
    const introducers = this.#introducers.size + this.#options.introducersToCome()
    if (introducers > 0 && named === 0) return true
    if (introducers > 0 && named === introducers) return false
    return !goesFirst(this.#options.ownAddress, other)
  }

  /** Waits for a node's call. */
  waitFor(other: Address, nowMs: number): void {
    this.#waiting.set(other, nowMs)
  }

  isWaitingFor(other: Address): boolean {
    return this.#waiting.has(other)
  }

  /** A node has called, or is not looked for any more. Idempotent. */
  cease(other: Address): void {
    this.#waiting.delete(other)
  }

  /** When we have waited long enough for the first of them; undefined when we wait for nobody. */
  dueMs(): number | undefined {
    const oldest = this.#waiting.values().next()
    if (oldest.done) return undefined
    const { quiescence, pace } = this.#options
    const pauseMs = Math.min(TIE_BREAK_QUIESCENCE_MS_MAX, Math.max(TIE_BREAK_MS_MIN, pace.boundMs))
    const restMs = quiescence.sinceMs(pauseMs, Number.POSITIVE_INFINITY)
    const slowMs = Math.min(TIE_BREAK_MS_MAX, TIE_BREAK_DIALS * pace.boundMs)
    const longestMs = Math.max(TIE_BREAK_QUIESCENCE_MS_MAX, slowMs)
    return Math.min(Math.max(restMs, oldest.value + pauseMs), oldest.value + longestMs)
  }

  /** Takes out those that we have waited for long enough. */
  takeDue(nowMs: number): readonly Address[] {
    const due: Address[] = []
    for (let dueMs = this.dueMs(); dueMs !== undefined && dueMs <= nowMs; dueMs = this.dueMs()) {
      const [first] = this.#waiting.keys()
      if (first === undefined) break
      this.#waiting.delete(first)
      due.push(first)
    }
    return due
  }

  /** Takes out those that, as we know now, wait for us. */
  takeOurs(): readonly Address[] {
    const ours = [...this.#waiting.keys()].filter((other) => !this.leavesTo(other))
    for (const other of ours) this.#waiting.delete(other)
    return ours
  }
}

/**
 * Whether we go first, and not the other: true at exactly one of the two. A hash decides, so that
 * every node goes first to about half of the others; by size alone one node would dial all of them.
 */
export function goesFirst(own: Address, other: Address): boolean {
  const isSmaller = own < other
  const hash = isSmaller ? hashOf(own, other) : hashOf(other, own)
  return ((hash & 1) === 1) === isSmaller
}

/**
 * Java's string hash of both, with the end of MurmurHash3 (fmix32), without which addresses that
 * differ in their last digit only would nearly all fall on one side.
 */
function hashOf(smaller: Address, larger: Address): number {
  let hash = 0
  for (const text of [smaller, larger]) {
    for (let index = 0; index < text.length; index += 1) {
      hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35)
  return hash ^ (hash >>> 16)
}
