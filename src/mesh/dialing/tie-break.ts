/**
 * The tie-break for simultaneous dials: when two nodes learn of each other, one waits for the dial
 * of the other, and dials anyway when none comes. It only saves connections; a peer need not
 * implement it.
 *
 * It goes by our *introducers*: the known peers that we are linked to. Of any two of its peers, an
 * introducer names the earlier one to the later one. So if it named a node to us in its first
 * HANDSHAKE, it does not name us to that node; otherwise it does, or will.
 *
 *     every introducer named it            only we received its address  we dial at once
 *     some did, or there is none           it may have ours, too         a hash says who dials
 *     none did                             only it received ours         we wait for its dial
 *
 * Known peers are always dialed. We wait until no node has joined for as long as a dial takes, up
 * to the limits of `dueMs`.
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

export class TieBreak {
  readonly #ownAddress: Address
  readonly #quiescence: Quiescence
  readonly #pace: DialPace
  readonly #introducersToCome: () => number
  /** What each introducer named in its first HANDSHAKE; undefined until that has come. */
  readonly #introducers = new Map<Address, ReadonlySet<string> | undefined>()
  /** The nodes whose dial is awaited, and since when, in that order. */
  readonly #awaited = new Map<Address, number>()

  /** @param introducersToCome how many known peers are being dialed, and may become introducers */
  constructor(
    ownAddress: Address,
    quiescence: Quiescence,
    pace: DialPace,
    introducersToCome: () => number,
  ) {
    this.#ownAddress = ownAddress
    this.#quiescence = quiescence
    this.#pace = pace
    this.#introducersToCome = introducersToCome
  }

  /** How many nodes' dials are awaited. */
  get awaiting(): number {
    return this.#awaited.size
  }

  /** A link with a known peer stands, and its HANDSHAKE will come. */
  addIntroducer(peer: Address): void {
    if (this.#introducers.has(peer) || this.#introducers.size >= INTRODUCERS_MAX) return
    this.#introducers.set(peer, undefined)
  }

  /** A HANDSHAKE has come. Whether it was the first of an introducer: later ones do not count. */
  handshakeReceived(peer: Address | undefined, data: readonly string[]): boolean {
    if (peer === undefined || !this.#introducers.has(peer)) return false
    if (this.#introducers.get(peer) !== undefined) return false
    const named = data.filter((text) => text.length <= ADDRESS_BYTES_MAX)
    this.#introducers.set(peer, new Set(named))
    return true
  }

  /** We are no longer connected to this peer. Idempotent. */
  removeIntroducer(peer: Address): void {
    this.#introducers.delete(peer)
  }

  /** Whether the other node is to dial us. */
  peerDials(other: Address): boolean {
    let named = 0
    for (const list of this.#introducers.values()) if (list?.has(other) === true) named += 1
    const introducers = this.#introducers.size + this.#introducersToCome()
    if (introducers > 0 && named === 0) return true
    if (introducers > 0 && named === introducers) return false
    return !dialsFirst(this.#ownAddress, other)
  }

  /** Awaits the dial of a node. */
  startAwaiting(other: Address, nowMs: number): void {
    this.#awaited.set(other, nowMs)
  }

  awaitsDialOf(other: Address): boolean {
    return this.#awaited.has(other)
  }

  /** The node is connected. Idempotent. */
  stopAwaiting(other: Address): void {
    this.#awaited.delete(other)
  }

  /** When the wait for the first of them ends; undefined when none is awaited. */
  dueMs(): number | undefined {
    const oldest = this.#awaited.values().next()
    if (oldest.done) return undefined
    const { boundMs } = this.#pace
    const pauseMs = Math.min(TIE_BREAK_QUIESCENCE_MS_MAX, Math.max(TIE_BREAK_MS_MIN, boundMs))
    const slowMs = Math.min(TIE_BREAK_MS_MAX, TIE_BREAK_DIALS * boundMs)
    const longestMs = Math.max(TIE_BREAK_QUIESCENCE_MS_MAX, slowMs)
    const quiescentMs = Math.max(this.#quiescence.quiescentAtMs(pauseMs), oldest.value + pauseMs)
    return Math.min(quiescentMs, oldest.value + longestMs)
  }

  /** Takes out the nodes that were awaited for long enough. */
  takeDue(nowMs: number): readonly Address[] {
    const due: Address[] = []
    for (let dueMs = this.dueMs(); dueMs !== undefined && dueMs <= nowMs; dueMs = this.dueMs()) {
      const [first] = this.#awaited.keys()
      if (first === undefined) break
      this.#awaited.delete(first)
      due.push(first)
    }
    return due
  }

  /** Takes out the nodes that, as far as is known by now, are ours to dial. */
  takeOursToDial(): readonly Address[] {
    const ours = [...this.#awaited.keys()].filter((other) => !this.peerDials(other))
    for (const other of ours) this.#awaited.delete(other)
    return ours
  }
}

/**
 * Whether we dial, and not the other: true at exactly one of the two. By a hash, so that every node
 * dials about half of the others; by order alone one node would dial all of them.
 */
export function dialsFirst(own: Address, other: Address): boolean {
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
