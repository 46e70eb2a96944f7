/**
 * The connection table: the links, and the addresses that they connect us to. It keeps
 * `connectedAddresses` and sends HANDSHAKE on each new link; what else follows, it returns as
 * facts.
 */

import { CloseCode, closeFrame } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import type { Address } from '../address/address.ts'
import type { CoreContext } from '../context.ts'
import type { Quiescence } from '../dialing/quiescence.ts'
import type { Ending } from '../events.ts'
import type { LinkId } from '../inputs.ts'
import type { LastCloseReasons } from '../last-close-reasons.ts'
import { LINKS_WITHOUT_HANDSHAKE_MAX, NAMED_CLAIMS_PER_HOST_MAX } from '../limits.ts'
import type { Claims } from './claims.ts'
import { ofLargestHost } from './eviction.ts'
import {
  becomeConnected,
  becomeReady,
  isOnThisMachine,
  type Link,
  nameOf,
  roundTripBegan,
} from './link.ts'
import type { LinkTable } from './link-table.ts'
import type { OutgoingHandshake } from './outgoing-handshake.ts'

export interface ConnectionTableOptions {
  /** Who we are. */
  readonly identity: Identity
  /**
   * The list of the user stories: the addresses that we are connected to, in the order in which
   * they joined. Changed here only.
   */
  readonly connectedAddresses: Set<Address>
  readonly links: LinkTable
  readonly claims: Claims
  readonly outgoingHandshake: OutgoingHandshake
  readonly quiescence: Quiescence
  readonly lastCloseReasons: LastCloseReasons
}

/** What happened to links and addresses, in this order. */
export type ConnectionFact =
  /** A link is in the table. */
  | { readonly kind: 'admitted'; readonly link: Link }
  /** It is bound to an address, to which other links may lead already. */
  | { readonly kind: 'reached'; readonly link: Link; readonly address: Address }
  /** Its peer has sent the first HANDSHAKE. */
  | { readonly kind: 'greeted'; readonly link: Link }
  /** A link bound to an address is gone. */
  | {
      readonly kind: 'ended'
      readonly link: Link
      readonly address: Address
      readonly ending: Ending
    }
  /** It was the last one for its address, and was bound to it for `livedMs`. */
  | {
      readonly kind: 'lost'
      readonly link: Link
      readonly address: Address
      readonly livedMs: number
      readonly ending: Ending
    }

export class ConnectionTable {
  readonly #context: CoreContext
  readonly #ownCode: string
  readonly #connected: Set<Address>
  readonly #links: LinkTable
  readonly #claims: Claims
  readonly #outgoingHandshake: OutgoingHandshake
  readonly #quiescence: Quiescence
  readonly #lastCloseReasons: LastCloseReasons
  #facts: ConnectionFact[] = []

  constructor(context: CoreContext, options: ConnectionTableOptions) {
    this.#context = context
    this.#ownCode = options.identity.code
    this.#connected = options.connectedAddresses
    this.#links = options.links
    this.#claims = options.claims
    this.#outgoingHandshake = options.outgoingHandshake
    this.#quiescence = options.quiescence
    this.#lastCloseReasons = options.lastCloseReasons
  }

  /** The facts since the last call. */
  takeFacts(): readonly ConnectionFact[] {
    const facts = this.#facts
    this.#facts = []
    return facts
  }

  // --- Links come --------------------------------------------------------------------------------

  /** Adds a link that is bound to no address: a plain peer dialed, and is to send HANDSHAKE. */
  admit(link: Link): void {
    this.#add(link)
  }

  /** Adds a link; an accepted one has to send HANDSHAKE in time. */
  #add(link: Link): void {
    const { nowMs, timers, timings } = this.#context
    this.#links.add(link)
    this.#limitWithoutHandshake(link)
    if (link.origin.kind === 'accepted') {
      const deadlineMs = nowMs + timings.handshakeTimeoutMs
      timers.set({ kind: 'handshake', subject: link.id }, deadlineMs)
    }
    this.#facts.push({ kind: 'admitted', link })
  }

  /** Of the host with most links without HANDSHAKE the oldest goes: it has had most time. */
  #limitWithoutHandshake(newcomer: Link): void {
    const { withoutHandshake } = this.#links
    if (withoutHandshake.size <= LINKS_WITHOUT_HANDSHAKE_MAX) return
    const [oldest] = ofLargestHost(withoutHandshake, newcomer)
    if (oldest === undefined) return
    this.close(oldest, CloseCode.NO_HANDSHAKE, 'no HANDSHAKE, and links are full')
  }

  /**
   * Adds a link that is bound to an address. Story: whenever a connection is established, HANDSHAKE
   * is sent.
   */
  connect(link: Link, address: Address, verified: boolean): void {
    const { nowMs } = this.#context
    becomeConnected(link, address, verified)
    this.#add(link)
    this.#facts.push({ kind: 'reached', link, address })
    if (!this.#connected.has(address)) {
      this.#connected.add(address)
      this.#quiescence.joined(nowMs)
      if (this.#isBeyondClaims(link)) this.#outgoingHandshake.withhold(address)
      else this.#outgoingHandshake.joined(address)
      this.#context.report({ kind: 'peer-joined', address, connected: this.#connected.size })
      this.#reportOtherCode(address, link.identity)
    }
    this.sendHandshake(link, false)
  }

  /** Whether a host claims more addresses than we name unverified. This machine is exempt. */
  #isBeyondClaims(link: Link): boolean {
    if (link.verified || isOnThisMachine(link)) return false
    return this.#claims.countOf(link.origin.host) >= NAMED_CLAIMS_PER_HOST_MAX
  }

  /** A dial has shown who answers on a connected address: it is named. */
  verified(address: Address): void {
    this.#outgoingHandshake.release(address)
  }

  /**
   * A dial reached nobody on an address. If only another machine claims it, peers would dial it in
   * vain.
   */
  doubted(address: Address): void {
    const links = this.#links.ofAddress(address)
    const isDoubtful = links.every((link) => !link.verified && !isOnThisMachine(link))
    if (links.length > 0 && isDoubtful) this.#outgoingHandshake.withhold(address)
  }

  #reportOtherCode(address: Address, peer: Identity | undefined): void {
    const code = peer?.code ?? ''
    if (code === '' || this.#ownCode === '' || code === this.#ownCode) return
    this.#context.report({ kind: 'other-code', address, code })
  }

  // --- Links go ----------------------------------------------------------------------------------

  /** A link is gone. So is its peer, unless another link is bound to the address. */
  disconnected(link: Link, ending: Ending): void {
    const { nowMs } = this.#context
    this.#remove(link)
    const { address } = link
    if (address === undefined) {
      if (ending.by === 'us')
        this.#context.report({ kind: 'link-refused', peer: nameOf(link), ending })
      return
    }
    this.#facts.push({ kind: 'ended', link, address, ending })
    if (this.#links.ofAddress(address).length > 0) return
    this.#connected.delete(address)
    this.#claims.settleContest(address)
    this.#outgoingHandshake.release(address)
    this.#outgoingHandshake.changed()
    this.#lastCloseReasons.set(address, { atMs: nowMs, what: { kind: 'link-ended', ending } })
    this.#facts.push({ kind: 'lost', link, address, livedMs: nowMs - link.openedMs, ending })
    this.#context.report({ kind: 'peer-left', address, connected: this.#connected.size, ending })
  }

  /** Closes a link for a reason that is reported. */
  close(link: Link, code: CloseCode, reason: string): void {
    const frame = closeFrame(code, reason)
    this.#context.order({ kind: 'close', link: link.id, frame })
    this.disconnected(link, { by: 'us', ...frame })
  }

  /** Closes a link in the normal course of events. No address may be lost with it. */
  closeUnreported(link: Link, code: CloseCode, reason: string): void {
    this.#context.order({ kind: 'close', link: link.id, frame: closeFrame(code, reason) })
    this.#remove(link)
  }

  /** Closes all links, without facts. */
  closeAll(code: CloseCode, reason: string): void {
    for (const link of [...this.#links.all()]) this.closeUnreported(link, code, reason)
    for (const address of this.#connected) this.#outgoingHandshake.release(address)
    this.#connected.clear()
    this.#outgoingHandshake.changed()
  }

  #remove(link: Link): void {
    const { timers } = this.#context
    this.#links.remove(link)
    this.#claims.settle(link)
    timers.stop({ kind: 'duplicate', subject: link.id })
    timers.stop({ kind: 'handshake', subject: link.id })
    timers.stop({ kind: 'peer-data', subject: link.id })
  }

  // --- HANDSHAKE and ping ------------------------------------------------------------------------

  /** @param canWait it repairs what was missed, and comes again */
  sendHandshake(link: Link, canWait: boolean): void {
    const text = this.#outgoingHandshake.text()
    this.#context.order({ kind: 'send', link: link.id, type: 'HANDSHAKE', text, canWait })
  }

  handshakeReceived(link: Link): void {
    const { timers } = this.#context
    timers.stop({ kind: 'handshake', subject: link.id })
    this.#links.handshakeReceived(link)
    if (link.state === 'ready') return
    becomeReady(link)
    this.#facts.push({ kind: 'greeted', link })
  }

  /** An accepted link has had its time to send HANDSHAKE. */
  handshakeTimedOut(id: LinkId): void {
    const link = this.#links.get(id)
    if (link !== undefined) this.close(link, CloseCode.NO_HANDSHAKE, 'no HANDSHAKE in time')
  }

  /** Sends a ping, which also measures the round trip. */
  ping(link: Link): void {
    const { nowMs } = this.#context
    roundTripBegan(link, nowMs)
    this.#context.order({ kind: 'ping', link: link.id })
  }
}
