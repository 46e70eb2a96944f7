/**
 * The connector: which addresses are dialed, and what follows when a dial ends or a connection
 * comes or goes.
 */

import { CloseCode } from '../../wire/close-codes.ts'
import type { Identity } from '../../wire/headers.ts'
import { type Address, hostOf } from '../address/address.ts'
import type { AddressBook, Verdict } from '../address/address-book.ts'
import type { Teacher } from '../address/entry.ts'
import { isLoopbackHost } from '../address/scope.ts'
import type { CoreContext } from '../context.ts'
import type { Ending } from '../events.ts'
import type { DialFailure } from '../inputs.ts'
import type { LastCloseReasons } from '../last-close-reasons.ts'
import { DIALS_LIMITED_PAUSE_MS, SHARED_NAME_REDIAL_MS } from '../limits.ts'
import type { DialGate } from './dial-gate.ts'
import type { DialQueue } from './dial-queue.ts'
import type { Sources } from './sources.ts'
import type { TieBreak } from './tie-break.ts'

export class Connector {
  readonly #context: CoreContext
  readonly #book: AddressBook
  readonly #gate: DialGate
  readonly #queue: DialQueue
  readonly #sources: Sources
  readonly #tieBreak: TieBreak
  readonly #lastCloseReasons: LastCloseReasons
  /** Known names that lead to several IPs. */
  readonly #sharedNames = new Set<Address>()
  #limitedReportedMs = Number.NEGATIVE_INFINITY

  constructor(
    context: CoreContext,
    book: AddressBook,
    gate: DialGate,
    queue: DialQueue,
    sources: Sources,
    tieBreak: TieBreak,
    lastCloseReasons: LastCloseReasons,
  ) {
    this.#context = context
    this.#book = book
    this.#gate = gate
    this.#queue = queue
    this.#sources = sources
    this.#tieBreak = tieBreak
    this.#lastCloseReasons = lastCloseReasons
  }

  /** Story: when it starts, a node attempts to connect to all addresses in known-peers.json. */
  start(): void {
    for (const address of this.#book.knownPeers) this.#queue.add(address)
  }

  /** Dials an address of the operator, like all known peers, at once and for ever. */
  add(address: Address): void {
    const { nowMs } = this.#context
    this.#book.addKnown(address, nowMs)
    this.redialAt(address, nowMs)
  }

  /** Dials an address no more, under all its spellings, which it returns. */
  forget(address: Address): readonly Address[] {
    const { nowMs } = this.#context
    const spellings = this.#book.spellingsOf(address)
    for (const spelling of spellings) {
      this.#book.remove(spelling, nowMs)
      this.#sharedNames.delete(spelling)
      this.#lastCloseReasons.delete(spelling)
    }
    return spellings
  }

  stop(): void {
    this.#queue.clear()
  }

  /** Dials all addresses of the queue for which there is a place. */
  dialQueued(): void {
    for (;;) {
      const address = this.#queue.next(this.#context.nowMs)
      if (address === undefined) return this.#awaitBudget()
      this.dial(address)
    }
  }

  /** Dials may wait for their budgets. */
  #awaitBudget(): void {
    const { nowMs, timers } = this.#context
    const { budgetMs } = this.#queue
    if (budgetMs === undefined || budgetMs <= nowMs) return
    timers.bringForward({ kind: 'dial-budget', subject: 'mesh' }, budgetMs)
    if (nowMs < this.#limitedReportedMs + DIALS_LIMITED_PAUSE_MS) return
    this.#limitedReportedMs = nowMs
    const { group: teacher, host, waiting } = this.#queue.longest
    this.#context.report({ kind: 'dials-limited', teacher, host, waiting })
  }

  /** Dials an address that the gate has let through. */
  dial(address: Address): void {
    const { nowMs, timings } = this.#context
    const { dialTimeoutMs: timeoutMs } = timings
    const policy = this.#gate.policyFor(address)
    this.#gate.begin(address, nowMs, timeoutMs)
    this.#context.order({ kind: 'dial', address, policy, timeoutMs })
  }

  /** A dial failed, or reached a peer with which there can be no link. */
  failed(address: Address, reason: string, failure: DialFailure = 'other'): void {
    const { nowMs, random } = this.#context
    const known = this.#book.entry(address)?.known === true
    // It might have become an introducer.
    if (known) this.dialOurs()
    const what = { kind: 'dial-failed', failure, reason } as const
    this.#lastCloseReasons.set(address, { atMs: nowMs, what })
    const isRefused = failure === 'refused'
    const isCrowded = this.#queue.isCrowded(address, nowMs)
    const isNamed = this.#sources.names(address)
    const verdict = this.#book.failed(address, nowMs, random(), { isRefused, isCrowded, isNamed })
    this.#dialAliasesOf(address)
    this.#redial(address, verdict)
    const retryInMs = verdict.kind === 'retry' ? verdict.atMs - nowMs : undefined
    this.#context.report({ kind: 'dial-failed', address, known, reason, retryInMs })
  }

  /** A link is bound to the address, and its peer counts as this teacher. */
  reached(
    address: Address,
    { identity, verified }: { readonly identity: Identity | undefined; readonly verified: boolean },
    teacher: Teacher,
  ): void {
    this.#book.learn(address, teacher)
    for (const other of this.#book.healed(address, this.#context.nowMs)) this.dialOrAwait(other)
    this.#book.linked(address)
    // An unverified claim must not be remembered for a day: strangers could fill the book.
    if (verified) this.#book.reached(address, this.#context.nowMs)
    // Its own node answers there, and is to be dialed again, whatever the address led to before.
    if (verified) this.#book.removeAlias(address)
    this.#gate.updateAttempting(address)
    this.#tieBreak.stopAwaiting(address)
    // A plain peer does not name us to peers that it did not dial.
    if (identity !== undefined && this.#isKnown(address)) this.#tieBreak.addIntroducer(address)
  }

  /** Whether the address is a known peer's, or one of its aliases is. */
  #isKnown(address: Address): boolean {
    const { knownPeers } = this.#book
    return [...knownPeers].some((known) => (this.#book.targetOf(known) ?? known) === address)
  }

  /** The last link bound to the address is gone, after `livedMs`. */
  lost(address: Address, livedMs: number, ending: Ending): void {
    const { nowMs, random, timings } = this.#context
    this.#gate.updateAttempting(address)
    this.#tieBreak.removeIntroducer(address)
    if (!this.#gate.admits(address)) return this.#book.drop(address)
    // It refuses our address, and will do so until an operator has changed it.
    const isRefused = ending.by === 'peer' && ending.code === CloseCode.ADDRESS_UNREACHABLE
    const leastMs = isRefused ? timings.redialMaxMs / 2 : undefined
    const verdict = this.#book.lost(address, livedMs, nowMs, random(), leastMs)
    if (verdict.kind === 'dropped') this.#dialAliasesOf(address)
    this.#redial(address, verdict)
  }

  /** A dial of the address reached ourselves. */
  foundOurselves(address: Address): void {
    const { nowMs } = this.#context
    const times = this.#gate.addOwnAlias(address, nowMs)
    this.#book.drop(address)
    // The operator's address is tried again once it is no longer believed: no peer may name it.
    if (this.#book.entry(address) !== undefined) this.redialAt(address, nowMs)
    this.#dialAliasesOf(address)
    if (times === 1) this.#context.report({ kind: 'self-found', address })
  }

  /**
   * A dial of `alias` reached the peer whose own address is `target`. A known name with several IPs
   * is dialed again and again: it can lead to other peers, and nodes that each reached another one
   * by it would stay apart.
   */
  foundAlias(alias: Address, target: Address, ips: number): void {
    const { nowMs } = this.#context
    const isNews = this.#book.targetOf(alias) !== target
    this.#book.addAlias(alias, target)
    if (isNews) this.#context.report({ kind: 'alias-found', address: alias, of: target })
    if (ips <= 1 || isLoopbackHost(hostOf(alias)) || !this.#book.knownPeers.has(alias)) return
    this.#sharedNames.add(alias)
    this.redialAt(alias, nowMs + SHARED_NAME_REDIAL_MS)
  }

  /** The peer's own address is another node's, so `alias` is not an alias of it. */
  disproveAlias(alias: Address): void {
    this.#book.removeAlias(alias)
    if (this.#book.entry(alias) !== undefined) this.#queue.add(alias)
  }

  /** Dials a node that was just learned, or awaits its dial. */
  dialOrAwait(address: Address): void {
    if (!this.#tieBreak.peerDials(address)) return this.#queue.add(address)
    this.#tieBreak.startAwaiting(address, this.#context.nowMs)
    this.#awaitDials()
  }

  /** Dials the nodes whose dial was awaited for long enough. */
  dialAwaited(): void {
    for (const address of this.#tieBreak.takeDue(this.#context.nowMs)) {
      this.#queue.add(address)
    }
    this.#awaitDials()
  }

  /** Dials the nodes that, as is known by now, wait for us. */
  dialOurs(): void {
    for (const address of this.#tieBreak.takeOursToDial()) this.#queue.add(address)
  }

  #awaitDials(): void {
    const dueMs = this.#tieBreak.dueMs()
    if (dueMs === undefined) return
    const { timers } = this.#context
    timers.bringForward({ kind: 'tie-break', subject: 'mesh' }, dueMs)
  }

  /** It is time to dial an address again. */
  redial(address: Address): void {
    const { nowMs } = this.#context
    const isAlias = this.#sharedNames.has(address) && this.#book.targetOf(address) !== undefined
    if (isAlias && this.#gate.verdict(address, 'verify', nowMs) === 'dial') this.dial(address)
    else this.#queue.add(address)
    // The book may have given its place to another address meanwhile.
    if (this.#book.entry(address) === undefined) this.#dialAliasesOf(address)
  }

  #redial(address: Address, verdict: Verdict): void {
    if (verdict.kind === 'retry') this.redialAt(address, verdict.atMs)
  }

  /** Not while it counts as our own: the gate would refuse it, and nothing would try again. */
  redialAt(address: Address, atMs: number): void {
    const notBeforeMs = this.#gate.ownUntilMs(address)
    const { timers } = this.#context
    timers.set({ kind: 'redial', subject: address }, Math.max(atMs, notBeforeMs))
  }

  /** Known peers that are aliases of an address out of reach are dialed themselves. */
  #dialAliasesOf(address: Address): void {
    for (const alias of this.#book.releaseAliases(address)) this.#queue.add(alias)
  }
}
