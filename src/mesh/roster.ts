/**
 * The roster: who is linked to us, and for which address each link stands. It keeps
 * `connectedAddresses`, makes links come and go, gives up those that are dead (liveness.ts), and
 * settles who is who: two links to one peer (duplicate-rule.ts), and peers that only say that an
 * address is theirs (claims.ts). Whom to dial is not its business; it tells whom we lost.
 */

import { CloseCode, closeFrame } from '../wire/close-codes.ts'
import type { Identity } from '../wire/headers.ts'
import type { Address } from './address.ts'
import { claimOf } from './admission.ts'
import { Announcement } from './announcement.ts'
import type { Calm } from './calm.ts'
import { Claims } from './claims.ts'
import { rule } from './duplicate-rule.ts'
import type { Endings } from './endings.ts'
import type { Ending } from './events.ts'
import type { LinkId } from './inputs.ts'
import { SILENT_LINKS_MAX } from './limits.ts'
import { type Link, LinkTable, nameOf } from './link.ts'
import { Liveness } from './liveness.ts'
import type { Timers } from './timers.ts'
import type { Timings } from './timings.ts'
import type { Turn } from './turn.ts'

/** What the roster works with and whom it tells. */
export interface RosterOptions {
  readonly identity: Identity
  readonly ownAddress: Address
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  readonly endings: Endings
  readonly random: () => number
  /** When somebody joined last. */
  readonly calm: Calm
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
export class Roster {
  /**
   * The list of the user stories: the addresses that we are connected to, in the order in which
   * they joined.
   */
  readonly connectedAddresses = new Set<Address>()
  readonly links = new LinkTable()
  readonly claims = new Claims()
  readonly liveness: Liveness

  readonly ownAddress: Address
  /** What we tell of our connections. */
  readonly announcement: Announcement
  readonly #options: RosterOptions

  constructor(options: RosterOptions) {
    this.#options = options
    const { ownAddress, random } = options
    this.ownAddress = ownAddress
    this.announcement = new Announcement(ownAddress, this.connectedAddresses, random)
    this.liveness = new Liveness({
      ...options,
      links: this.links,
      ping: (link) => this.ping(link),
      giveUp: (link) => this.refuse(link, CloseCode.SILENT, 'silent for too long'),
    })
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
      this.#options.calm.joined(turn.nowMs)
      this.announcement.joined(address)
    }
    onReached(address, link)
    if (isNew) {
      turn.report({ kind: 'peer-joined', address, connected: this.connectedAddresses.size })
      this.#reportOtherCode(address, link.identity)
    }
    this.sayHandshake(link)
    if (verified) {
      this.#closeMisnamed(link)
      this.#settleClaims(link)
    } else this.#openClaim(link)
    this.#settleDuplicates(link)
  }

  /** Says HANDSHAKE on a link. */
  sayHandshake(link: Link): void {
    this.#options.turn.order({ kind: 'send', link: link.id, text: this.announcement.text() })
  }

  /** A link is gone. So is its peer, unless another link stands for the address. */
  becomeDisconnected(link: Link, ending: Ending): void {
    const { endings, turn, onLost } = this.#options
    this.#drop(link)
    const { address } = link
    if (address === undefined) {
      if (ending.by === 'us') turn.report({ kind: 'link-refused', peer: nameOf(link), ending })
      return
    }
    this.#settleRest(link, ending)
    const others = this.links.ofAddress(address)
    if (others.length > 0) return this.#doubt(others, ending)
    this.connectedAddresses.delete(address)
    this.announcement.changed()
    endings.note(address, { kind: 'link-ended', ending }, turn.nowMs)
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
    this.claims.settle(link)
    for (const kind of ['handshake', 'duplicate'] as const) {
      this.#options.timers.stop({ kind, subject: link.id })
    }
  }

  // --- Signs of life -----------------------------------------------------------------------------

  /** Something was received on a link. Gives the link, or undefined for one that is gone. */
  heard(id: LinkId): Link | undefined {
    const link = this.links.get(id)
    if (link === undefined) return undefined
    this.liveness.heard(link)
    if (link.probe === 'asked') {
      this.#options.timers.stop({ kind: 'duplicate', subject: id })
      link.probe = 'answered'
      this.#settleDuplicates(link)
      // An answer is good for the rival of the moment only; by the next one the link may be dead.
      link.probe = 'none'
    }
    return link
  }

  /** An answer to a ping came, as far as the peer can be believed. Gives the link as `heard`. */
  heardPong(id: LinkId): Link | undefined {
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
  hearHandshake(link: Link): void {
    this.#options.timers.stop({ kind: 'handshake', subject: link.id })
    this.links.becomeReady(link)
  }

  /** An accepted link has had its time to say HANDSHAKE. */
  giveUpOnHandshake(id: LinkId): void {
    const link = this.links.get(id)
    if (link !== undefined) this.refuse(link, CloseCode.NO_HANDSHAKE, 'no HANDSHAKE in time')
  }

  // --- Who is who --------------------------------------------------------------------------------

  #settleDuplicates(link: Link): void {
    const { identity, timers, timings, turn } = this.#options
    if (link.identity === undefined) return this.#settlePlainDuplicates(link)
    const peerId = link.identity.id
    const ruling = rule(this.links.ofPeer(link.identity), identity.id, peerId)
    switch (ruling.kind) {
      case 'wait':
        return
      case 'probe': {
        const answerByMs = turn.nowMs + timings.duplicateProbeMs
        timers.set({ kind: 'duplicate', subject: ruling.link.id }, answerByMs)
        ruling.link.probe = 'asked'
        return this.ping(ruling.link)
      }
      case 'close':
        ruling.kept.probe = 'none'
        for (const extra of ruling.extra) this.#closeDuplicate(extra)
        return
      default:
        ruling satisfies never
    }
  }

  /**
   * A plain peer was dialed although we had a link to it, because somebody else claimed its
   * address. The new one works.
   */
  #settlePlainDuplicates(link: Link): void {
    for (const other of link.address === undefined ? [] : this.links.ofAddress(link.address)) {
      if (other !== link && other.identity === undefined) this.#closeDuplicate(other)
    }
  }

  /**
   * A peer answered on the address that it tells. What stands for it elsewhere is a duplicate,
   * whoever decides: a restarted node may have been reached by another spelling while its old link
   * still seemed alive, and would stay there for good.
   */
  #closeMisnamed(link: Link): void {
    if (link.identity === undefined || link.address !== claimOf(link.identity)) return
    for (const other of this.links.ofPeer(link.identity)) {
      if (other.address !== link.address) this.#closeDuplicate(other)
    }
  }

  #closeDuplicate(link: Link): void {
    this.#options.turn.report({ kind: 'duplicate-closed', peer: nameOf(link) })
    // Not just turned away: the two links of one peer may stand for different addresses.
    this.refuse(link, CloseCode.DUPLICATE, 'duplicate')
  }

  /** The older of two links to one peer was asked for a sign of life and gave none. */
  giveUpOnProbe(id: LinkId): void {
    const link = this.links.get(id)
    if (link === undefined) return
    link.probe = 'none'
    const siblings = link.identity === undefined ? [] : this.links.ofPeer(link.identity)
    // Without a rival there is no hurry: liveness decides.
    if (siblings.length < 2) return
    this.refuse(link, CloseCode.SILENT, 'silent while a newer link waited')
  }

  /**
   * A link of a peer fell that others had to wait for, perhaps, until it showed whether it lives.
   * What we end because of who is who is part of a ruling already.
   */
  #settleRest(gone: Link, { by, code }: Ending): void {
    const isRuling = code === CloseCode.DUPLICATE || code === CloseCode.ADDRESS_TAKEN
    if (gone.identity === undefined || (by === 'us' && isRuling)) return
    const [next] = this.links.ofPeer(gone.identity)
    if (next !== undefined) this.#settleDuplicates(next)
  }

  /** Who answers on an address owns it: whoever else only said that it was theirs has to go. */
  evictPretenders(address: Address, owner: Identity | undefined): void {
    for (const link of this.links.ofAddress(address)) {
      if (link.identity?.id === owner?.id) continue
      this.refuse(link, CloseCode.ADDRESS_TAKEN, `another node answers on ${address}`)
      if (link.origin.kind === 'dialed' && link.origin.address !== address) {
        this.#options.onDisproved(link.origin.address)
      }
    }
  }

  /** Whether somebody else was reached on an address than who says that it is theirs. */
  isOwnedByOther(address: Address, claimant: Identity | undefined): boolean {
    const owners = this.links.ofAddress(address).filter((link) => link.verified)
    return owners.some((link) => link.identity?.id !== claimant?.id)
  }

  #openClaim(link: Link): void {
    const { timers, timings, turn } = this.#options
    this.claims.open(link, turn.nowMs)
    // However far off the next look is; the pause keeps the pace, since the last one may have been
    // just now.
    timers.bringForward({ kind: 'verify', subject: 'mesh' }, turn.nowMs + timings.verifyMs)
  }

  /**
   * The peer of this link was reached on its address, so what its other links say of that address
   * is true.
   */
  #settleClaims(link: Link): void {
    if (link.address === undefined) return
    for (const other of this.links.ofAddress(link.address)) {
      if (other.identity?.id !== link.identity?.id) continue
      other.verified = true
      this.claims.settle(other)
    }
  }

  /**
   * A link fell, and others stand for its address. Some count as verified for its sake, since they
   * came with the same id; but an id is no secret. Unless the link was a mere duplicate, they have
   * to be looked into again.
   */
  #doubt(others: readonly Link[], ending: Ending): void {
    if (ending.code === CloseCode.DUPLICATE) return
    for (const other of others) {
      if (other.origin.kind === 'dialed' && other.origin.address === other.address) continue
      other.verified = false
      this.#openClaim(other)
    }
  }

  /**
   * A peer has as many links as it may, and called once more. Perhaps somebody who copied its
   * identity holds them, and keeps it out: then a dial of ours must reach it. One claim is enough.
   */
  doubtPeer(identity: Identity): void {
    const links = this.links.ofPeer(identity)
    if (links.some((link) => link.origin.kind === 'dialed')) return
    const [link] = links
    if (link === undefined || this.claims.has(link)) return
    link.verified = false
    this.#openClaim(link)
  }

  #reportOtherCode(address: Address, identity: Identity | undefined): void {
    const code = identity?.code ?? ''
    const ownCode = this.#options.identity.code
    if (code === '' || ownCode === '' || code === ownCode) return
    this.#options.turn.report({ kind: 'other-code', address, code })
  }
}
