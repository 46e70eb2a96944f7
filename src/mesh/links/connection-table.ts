/**
 * The connections: who is linked to us, and for which address each link stands. It keeps
 * `connectedAddresses`, and makes links come and go. Others see for it to links that are dead
 * (liveness.ts), to two links to one peer (duplicates.ts), and to whom an address belongs
 * (ownership.ts). Whom to dial is not its business; it tells whom we lost.
 */

import { CloseCode, closeFrame } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { Quiescence } from '../dialing/quiescence.ts'
import type { Ending } from '../events.ts'
import type { LinkId } from '../inputs.ts'
import type { LastCloseReasons } from '../last-close-reasons.ts'
import { SILENT_LINKS_MAX } from '../limits.ts'
import { Announcement } from '../messages/announcement.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'
import { Duplicates } from './duplicates.ts'
import { type Link, LinkTable, nameOf } from './link.ts'
import { Liveness } from './liveness.ts'
import { Ownership } from './ownership.ts'

/** What the connections works with and whom it tells. */
export interface ConnectionTableOptions {
  readonly identity: Identity
  readonly ownAddress: Address
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  readonly lastCloseReasons: LastCloseReasons
  readonly random: () => number
  /** When somebody joined last. */
  readonly quiescence: Quiescence
  /** A link stands for this address, which may be new to `connectedAddresses`. */
  readonly onReached: (address: Address, link: Link) => void
  /**
   * An address was removed from `connectedAddresses` after its last link, which stood for
   * `livedMs`.
   */
  readonly onLost: (address: Address, livedMs: number) => void
  /** An address that we dialed is not another spelling of the one that its peer claimed. */
  readonly onDisproved: (alias: Address) => void
}

/** Everybody who is linked to us. */
export class ConnectionTable {
  /**
   * The list of the user stories: the addresses that we are connected to, in the order in which
   * they joined.
   */
  readonly connectedAddresses = new Set<Address>()
  readonly links = new LinkTable()
  readonly liveness: Liveness
  readonly duplicates: Duplicates
  readonly ownership: Ownership

  readonly ownAddress: Address
  /** What we tell of our connections. */
  readonly announcement: Announcement
  readonly #options: ConnectionTableOptions

  constructor(options: ConnectionTableOptions) {
    this.#options = options
    const { identity, ownAddress, random } = options
    this.ownAddress = ownAddress
    this.announcement = new Announcement(ownAddress, this.connectedAddresses, random)
    const shared = {
      ...options,
      links: this.links,
      ping: (link: Link) => this.ping(link),
      refuse: (link: Link, code: CloseCode, reason: string) => this.refuse(link, code, reason),
    }
    this.liveness = new Liveness({
      ...shared,
      giveUp: (link) => this.refuse(link, CloseCode.SILENT, 'silent for too long'),
    })
    this.duplicates = new Duplicates({ ...shared, ownId: identity.id })
    this.ownership = new Ownership(shared)
  }

  // --- Links come and go -------------------------------------------------------------------------

  /**
   * Takes in a link that stands for no address: a plain peer called, and is yet to say who it is.
   */
  admit(link: Link): void {
    const { timers, timings, turn } = this.#options
    this.links.add(link)
    if (this.links.silent > SILENT_LINKS_MAX) this.#closeLongestSilent()
    if (link.state === 'greeting') {
      const deadlineMs = turn.nowMs + timings.handshakeTimeoutMs
      timers.set({ kind: 'handshake', subject: link.id }, deadlineMs)
    }
    this.liveness.watch(link)
  }

  #closeLongestSilent(): void {
    const link = this.links.longestSilent
    if (link !== undefined)
      this.refuse(link, CloseCode.NO_HANDSHAKE, 'no HANDSHAKE, and others wait')
  }

  /**
   * Takes in a link that stands for an address: the peer counts as connected, and is told
   * HANDSHAKE.
   */
  becomeConnected(link: Link, address: Address, verified: boolean): void {
    const { turn, onReached } = this.#options
    link.address = address
    link.verified = verified
    this.admit(link)
    const isNew = !this.connectedAddresses.has(address)
    if (isNew) {
      this.connectedAddresses.add(address)
      this.#options.quiescence.joined(turn.nowMs)
      this.announcement.joined(address)
    }
    onReached(address, link)
    if (isNew) {
      turn.report({ kind: 'peer-joined', address, connected: this.connectedAddresses.size })
      this.#reportOtherCode(address, link.identity)
    }
    this.sendHandshake(link)
    if (verified) {
      this.duplicates.closeMisnamed(link)
      this.ownership.settleClaims(link)
    } else this.ownership.openClaim(link)
    this.duplicates.settle(link)
  }

  #reportOtherCode(address: Address, identity: Identity | undefined): void {
    const code = identity?.code ?? ''
    const ownCode = this.#options.identity.code
    if (code === '' || ownCode === '' || code === ownCode) return
    this.#options.turn.report({ kind: 'other-code', address, code })
  }

  /** Says HANDSHAKE on a link. */
  sendHandshake(link: Link): void {
    this.#options.turn.order({ kind: 'send', link: link.id, text: this.announcement.text() })
  }

  /** A link is gone. So is its peer, unless another link stands for the address. */
  becomeDisconnected(link: Link, ending: Ending): void {
    const { lastCloseReasons, turn, onLost } = this.#options
    this.#drop(link)
    const { address } = link
    if (address === undefined) {
      if (ending.by === 'us') turn.report({ kind: 'link-refused', peer: nameOf(link), ending })
      return
    }
    this.duplicates.settleRest(link, ending)
    const others = this.links.ofAddress(address)
    if (others.length > 0) return this.ownership.doubt(others, ending)
    this.connectedAddresses.delete(address)
    this.announcement.changed()
    lastCloseReasons.note(address, { kind: 'link-ended', ending }, turn.nowMs)
    onLost(address, turn.nowMs - link.openedMs)
    turn.report({ kind: 'peer-left', address, connected: this.connectedAddresses.size, ending })
  }

  /** Ends a link for a reason that people should hear of. */
  refuse(link: Link, code: CloseCode, reason: string): void {
    const frame = closeFrame(code, reason)
    this.#options.turn.order({ kind: 'close', link: link.id, frame })
    this.becomeDisconnected(link, { by: 'us', ...frame })
  }

  /** Ends a link that nobody will miss, in the normal course of things. */
  closeQuietly(link: Link, code: CloseCode, reason: string): void {
    this.#options.turn.order({ kind: 'close', link: link.id, frame: closeFrame(code, reason) })
    this.#drop(link)
  }

  /** Ends all links. */
  closeAll(code: CloseCode, reason: string): void {
    for (const link of [...this.links.all()]) this.closeQuietly(link, code, reason)
    this.connectedAddresses.clear()
    this.announcement.changed()
  }

  #drop(link: Link): void {
    this.links.remove(link)
    this.ownership.claims.settle(link)
    this.duplicates.stopWaiting(link)
    this.#options.timers.stop({ kind: 'handshake', subject: link.id })
  }

  // --- Signs of life -----------------------------------------------------------------------------

  /** Something was received on a link. Gives the link, or undefined for one that is gone. */
  heard(id: LinkId): Link | undefined {
    const link = this.links.get(id)
    if (link === undefined) return undefined
    this.liveness.heard(link)
    this.duplicates.heard(link)
    return link
  }

  /** An answer to a ping came, as far as the peer can be believed. Gives the link as `heard`. */
  pongReceived(id: LinkId): Link | undefined {
    const link = this.heard(id)
    if (link?.roundTripSinceMs === undefined) return link
    link.roundTripMs = this.#options.turn.nowMs - link.roundTripSinceMs
    link.roundTripSinceMs = undefined
    return link
  }

  /** Asks for a sign of life, and measures how long it takes. */
  ping(link: Link): void {
    const { turn } = this.#options
    // The first answer is to the first ping.
    link.roundTripSinceMs ??= turn.nowMs
    turn.order({ kind: 'ping', link: link.id })
  }

  /** The peer of a link said HANDSHAKE. */
  handshakeReceived(link: Link): void {
    this.#options.timers.stop({ kind: 'handshake', subject: link.id })
    this.links.becomeReady(link)
  }

  /** An accepted link has had its time to say HANDSHAKE. */
  handshakeTimedOut(id: LinkId): void {
    const link = this.links.get(id)
    if (link !== undefined) this.refuse(link, CloseCode.NO_HANDSHAKE, 'no HANDSHAKE in time')
  }
}
