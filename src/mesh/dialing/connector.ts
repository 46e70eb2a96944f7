/**
 * The connector: whom we look for. It holds the address book and the dial gate, and decides after
 * every success and every failure what is dialed next, and when. Links are not its business; it is
 * told when an address is reached and lost.
 */

import { type Address, parseAddress } from '../address/address.ts'
import { AddressBook, type Verdict } from '../address/address-book.ts'
import type { LastCloseReasons } from '../last-close-reasons.ts'
import { CALL_BACK_MS_MIN } from '../limits.ts'
import { type Link, nameOf } from '../links/link.ts'
import type { Timers } from '../timers.ts'
import type { Timings } from '../timings.ts'
import type { Turn } from '../turn.ts'
import { Dialing } from './dial-queue.ts'
import type { Quiescence } from './quiescence.ts'
import { TieBreak } from './tie-break.ts'

/** What the connector works with. */
export interface ConnectorOptions {
  readonly ownAddresses: readonly [Address, ...Address[]]
  /** Without our own. */
  readonly knownPeers: readonly Address[]
  /** The live list of addresses that we are connected to. */
  readonly connectedAddresses: ReadonlySet<Address>
  readonly quiescence: Quiescence
  readonly timings: Timings
  readonly timers: Timers
  readonly turn: Turn
  readonly lastCloseReasons: LastCloseReasons
  readonly random: () => number
}

/** Looks for peers. */
export class Connector {
  readonly book: AddressBook
  readonly dialing: Dialing
  readonly tieBreak: TieBreak
  readonly #options: ConnectorOptions

  constructor(options: ConnectorOptions) {
    const { knownPeers, timings, ownAddresses, connectedAddresses, quiescence } = options
    this.#options = options
    this.book = new AddressBook(knownPeers, timings)
    this.dialing = new Dialing(ownAddresses, this.book, connectedAddresses)
    const { attemptingToConnectToAddress: attempting, pace } = this.dialing
    this.tieBreak = new TieBreak({
      ownAddress: ownAddresses[0],
      quiescence,
      pace,
      introducersToCome: () => knownPeers.filter((known) => attempting.has(known)).length,
    })
  }

  /** Stops looking. */
  stop(): void {
    this.dialing.clear()
  }

  /** Orders all dials that are wanted and for which there is a place. */
  dialWanted(): void {
    for (;;) {
      const address = this.dialing.next(this.#options.turn.nowMs)
      if (address === undefined) return
      this.dial(address)
    }
  }

  /** Orders a dial that the gate has let through. */
  dial(address: Address): void {
    const { turn, timings } = this.#options
    const policy = this.dialing.policyFor(address)
    const { dialTimeoutMs: timeoutMs } = timings
    this.dialing.begin(address, turn.nowMs, timeoutMs)
    turn.order({ kind: 'dial', address, policy, timeoutMs })
  }

  // --- How it went -------------------------------------------------------------------------------

  /** A dial failed, or reached somebody with whom there can be no link. */
  failed(address: Address, reason: string): void {
    const { lastCloseReasons, turn, random } = this.#options
    const known = this.book.entry(address)?.known === true
    // It might have said whom it tells of us.
    if (known) this.#reconsider()
    lastCloseReasons.note(address, { kind: 'dial-failed', reason }, turn.nowMs)
    const verdict = this.book.failed(address, turn.nowMs, random())
    this.#wantAliasesOf(address)
    this.#redial(address, verdict)
    const retryInMs = verdict.kind === 'retry' ? verdict.atMs - turn.nowMs : undefined
    turn.report({ kind: 'dial-failed', address, known, reason, retryInMs })
  }

  /** A link stands for the address. */
  reached(address: Address, { identity, verified }: Readonly<Link>): void {
    this.book.learn(address)
    // Who only says that it can be dialed there is not remembered for it: strangers could fill the
    // book for a day.
    if (verified) this.book.reached(address, this.#options.turn.nowMs)
    this.dialing.track(address)
    this.tieBreak.cease(address)
    // A plain peer says nothing to those whom it did not dial.
    const isTelling = identity !== undefined
    if (isTelling && this.#isKnown(address)) this.tieBreak.expectIntroducer(address)
  }

  /** Whether it is the operator's, by this spelling or by another. */
  #isKnown(address: Address): boolean {
    const { knownPeers } = this.#options
    return knownPeers.some((known) => (this.book.targetOf(known) ?? known) === address)
  }

  /** The last link that stood for the address is gone, after `livedMs`. */
  lost(address: Address, livedMs: number): void {
    const { turn, random } = this.#options
    this.dialing.track(address)
    this.tieBreak.dismissIntroducer(address)
    if (!this.dialing.admits(address)) return this.book.forget(address)
    const verdict = this.book.lost(address, livedMs, turn.nowMs, random())
    if (verdict.kind === 'forgotten') this.#wantAliasesOf(address)
    this.#redial(address, verdict)
  }

  /** Dialing the address has reached ourselves. */
  foundOurselves(address: Address): void {
    const { turn } = this.#options
    this.dialing.addOwnSpelling(address, turn.nowMs)
    this.book.forget(address)
    // Nobody else would name the operator's again once it is believed no more.
    if (this.book.entry(address) !== undefined) this.#redialAt(address, turn.nowMs)
    this.#wantAliasesOf(address)
    turn.report({ kind: 'self-found', address })
  }

  /** Dialing `alias` has reached the peer whose own address is `target`. */
  foundAlias(alias: Address, target: Address): void {
    this.book.addAlias(alias, target)
    this.#options.turn.report({ kind: 'alias-found', address: alias, of: target })
  }

  /**
   * What we took for another spelling of a peer's address is not: the peer's address is another
   * node's.
   */
  disproveAlias(alias: Address): void {
    this.book.removeAlias(alias)
    if (this.book.entry(alias) !== undefined) this.dialing.want(alias)
  }

  // --- What peers say ----------------------------------------------------------------------------

  /**
   * Looks for what a HANDSHAKE on this link names, as far as we are not connected to it and may
   * dial it. False when the peer gives us more to read than it may.
   */
  learn(data: readonly string[], link: Link): boolean {
    const { turn } = this.#options
    const fromOurs = link.identity !== undefined
    const connected: ReadonlySet<string> = this.#options.connectedAddresses
    if (this.tieBreak.hear(link.address, data)) this.#reconsider()
    const refused = { malformed: 0, refusedByPolicy: 0, tooMany: 0 }
    // In a large mesh we are connected to nearly all of it.
    const unread = data.filter((text) => !connected.has(text))
    if (!link.readBudget.take(turn.nowMs, Math.max(1, unread.length))) return false
    for (const text of unread) {
      if (this.#isInHand(text)) continue
      const parsed = parseAddress(text)
      if (parsed.kind === 'rejected') {
        refused.malformed += 1
        continue
      }
      const { address } = parsed
      const verdict = this.dialing.gate(address, 'join', turn.nowMs)
      if (verdict === 'dial') this.dialing.want(address)
      if (verdict === 'refused-by-policy') refused.refusedByPolicy += 1
      if (verdict !== 'unknown') continue
      if (link.learnBudget.take(turn.nowMs) && this.book.learn(address))
        this.#seek(address, fromOurs)
      else refused.tooMany += 1
    }
    if (refused.malformed + refused.refusedByPolicy + refused.tooMany > 0) {
      turn.report({ kind: 'addresses-refused', peer: nameOf(link), ...refused })
    }
    return true
  }

  /**
   * Whether an address is remembered and will be dialed anyway. So it is with most that is named
   * while a large mesh comes together; text that equals a canonical address need not be parsed.
   */
  #isInHand(text: string): boolean {
    const entry = this.book.find(text)
    if (entry === undefined) return false
    const { address, notBeforeMs } = entry
    if (notBeforeMs > this.#options.turn.nowMs) return true
    return this.tieBreak.isWaitingFor(address) || this.dialing.isAwaited(address)
  }

  /**
   * Dials a node that we just learned of, or leaves it to that node to dial us first. Plain peers'
   * mates wait for nobody.
   */
  #seek(address: Address, fromOurs: boolean): void {
    if (!fromOurs || !this.tieBreak.leavesTo(address)) return this.dialing.want(address)
    this.tieBreak.waitFor(address, this.#options.turn.nowMs)
    this.#awaitCalls()
  }

  /** Dials those that had the time to dial us, and comes back for the others. */
  goOn(): void {
    for (const address of this.tieBreak.takeDue(this.#options.turn.nowMs)) {
      this.dialing.want(address)
    }
    this.#awaitCalls()
  }

  /** Dials those that wait for us, as it turns out. */
  #reconsider(): void {
    for (const address of this.tieBreak.takeOurs()) this.dialing.want(address)
  }

  #awaitCalls(): void {
    const dueMs = this.tieBreak.dueMs()
    if (dueMs === undefined) return
    this.#options.timers.bringForward({ kind: 'tie-break', subject: 'mesh' }, dueMs)
  }

  /**
   * A plain peer that dials us expects to be dialed at once, even if we had given it time to come
   * back.
   */
  callBack(text: string | undefined): void {
    const { turn } = this.#options
    const parsed = parseAddress(text)
    const entry = parsed.kind === 'address' ? this.book.entry(parsed.address) : undefined
    if (entry === undefined) return
    const { address } = entry
    const atMs = Math.max(turn.nowMs, entry.lastDialedMs + CALL_BACK_MS_MIN)
    if (atMs < entry.notBeforeMs) {
      entry.notBeforeMs = atMs
      this.#redialAt(address, atMs)
    }
    if (entry.notBeforeMs <= turn.nowMs) this.dialing.want(address, true)
  }

  // --- Later -------------------------------------------------------------------------------------

  /** It is time to dial an address again. */
  redial(address: Address): void {
    this.dialing.want(address)
    // The book may have given its place to another address meanwhile.
    if (this.book.entry(address) === undefined) this.#wantAliasesOf(address)
  }

  #redial(address: Address, verdict: Verdict): void {
    if (verdict.kind === 'retry') this.#redialAt(address, verdict.atMs)
  }

  /** Not while it is taken for ours: the gate would refuse it, and nobody would ask again. */
  #redialAt(address: Address, atMs: number): void {
    const notBeforeMs = this.dialing.believedOursUntilMs(address)
    this.#options.timers.set({ kind: 'redial', subject: address }, Math.max(atMs, notBeforeMs))
  }

  /**
   * The operator may have named an address that is out of reach in another spelling too, which
   * could still work.
   */
  #wantAliasesOf(address: Address): void {
    for (const alias of this.book.releaseAliases(address)) this.dialing.want(alias)
  }
}
