/**
 * The connector: which addresses are dialed, and what follows when a dial ends or a connection
 * comes or goes.
 */

import type { Identity } from '../../wire/headers.ts'
import { type Address, parseAddress } from '../address/address.ts'
import type { AddressBook, Verdict } from '../address/address-book.ts'
import type { CoreContext } from '../context.ts'
import type { LastCloseReasons } from '../last-close-reasons.ts'
import { CALL_BACK_MS_MIN } from '../limits.ts'
import type { TokenBucket } from '../token-bucket.ts'
import type { DialGate } from './dial-gate.ts'
import type { DialQueue } from './dial-queue.ts'
import type { TieBreak } from './tie-break.ts'

export interface ConnectorOptions {
  /** The operator's addresses, without our own. */
  readonly knownPeers: readonly Address[]
  /** The live list of addresses that we are connected to. */
  readonly connectedAddresses: ReadonlySet<Address>
  readonly book: AddressBook
  readonly gate: DialGate
  readonly queue: DialQueue
  readonly tieBreak: TieBreak
  readonly lastCloseReasons: LastCloseReasons
}

/** The link on which a peer names addresses. */
export interface AddressSource {
  readonly address: Address | undefined
  /** Undefined for a plain peer. */
  readonly identity: Identity | undefined
  /** How many addresses it may make us read. */
  readonly readBudget: TokenBucket
  /** How many addresses it may make us remember. */
  readonly learnBudget: TokenBucket
}

/** How many addresses of a HANDSHAKE were refused, and why. */
export interface RefusedAddresses {
  readonly malformed: number
  readonly refusedByPolicy: number
  readonly tooMany: number
}

export class Connector {
  readonly #context: CoreContext
  readonly #options: ConnectorOptions
  readonly #book: AddressBook
  readonly #gate: DialGate
  readonly #queue: DialQueue
  readonly #tieBreak: TieBreak

  constructor(context: CoreContext, options: ConnectorOptions) {
    this.#context = context
    this.#options = options
    this.#book = options.book
    this.#gate = options.gate
    this.#queue = options.queue
    this.#tieBreak = options.tieBreak
  }

  /** Story: when it starts, a node attempts to connect to all addresses in known-peers.json. */
  start(): void {
    for (const address of this.#options.knownPeers) this.#queue.add(address)
  }

  stop(): void {
    this.#queue.clear()
  }

  /** Dials all addresses of the queue for which there is a place. */
  dialQueued(): void {
    for (;;) {
      const address = this.#queue.next(this.#context.turn.nowMs)
      if (address === undefined) return
      this.dial(address)
    }
  }

  /** Dials an address that the gate has let through. */
  dial(address: Address): void {
    const { turn, timings } = this.#context
    const { dialTimeoutMs: timeoutMs } = timings
    const policy = this.#gate.policyFor(address)
    this.#gate.begin(address, turn.nowMs, timeoutMs)
    turn.order({ kind: 'dial', address, policy, timeoutMs })
  }

  // --- Results -----------------------------------------------------------------------------------

  /** A dial failed, or reached a peer with which there can be no link. */
  failed(address: Address, reason: string): void {
    const { turn, random } = this.#context
    const known = this.#book.entry(address)?.known === true
    // It might have become an introducer.
    if (known) this.#dialOurs()
    const what = { kind: 'dial-failed', reason } as const
    this.#options.lastCloseReasons.set(address, { atMs: turn.nowMs, what })
    const verdict = this.#book.failed(address, turn.nowMs, random())
    this.#dialAliasesOf(address)
    this.#redial(address, verdict)
    const retryInMs = verdict.kind === 'retry' ? verdict.atMs - turn.nowMs : undefined
    turn.report({ kind: 'dial-failed', address, known, reason, retryInMs })
  }

  /** A link stands for the address. */
  reached(
    address: Address,
    { identity, verified }: { readonly identity: Identity | undefined; readonly verified: boolean },
  ): void {
    this.#book.learn(address)
    // An unverified claim must not be remembered for a day: strangers could fill the book.
    if (verified) this.#book.reached(address, this.#context.turn.nowMs)
    this.#gate.track(address)
    this.#tieBreak.stopAwaiting(address)
    // A plain peer does not name us to peers that it did not dial.
    if (identity !== undefined && this.#isKnown(address)) this.#tieBreak.addIntroducer(address)
  }

  /** Whether the address is the operator's, in this spelling or another. */
  #isKnown(address: Address): boolean {
    const { knownPeers } = this.#options
    return knownPeers.some((known) => (this.#book.targetOf(known) ?? known) === address)
  }

  /** The last link that stood for the address is gone, after `livedMs`. */
  lost(address: Address, livedMs: number): void {
    const { turn, random } = this.#context
    this.#gate.track(address)
    this.#tieBreak.removeIntroducer(address)
    if (!this.#gate.admits(address)) return this.#book.forget(address)
    const verdict = this.#book.lost(address, livedMs, turn.nowMs, random())
    if (verdict.kind === 'forgotten') this.#dialAliasesOf(address)
    this.#redial(address, verdict)
  }

  /** A dial of the address reached ourselves. */
  foundOurselves(address: Address): void {
    const { turn } = this.#context
    this.#gate.addOwnSpelling(address, turn.nowMs)
    this.#book.forget(address)
    // The operator's address is tried again once it is no longer believed: no peer may name it.
    if (this.#book.entry(address) !== undefined) this.#redialAt(address, turn.nowMs)
    this.#dialAliasesOf(address)
    turn.report({ kind: 'self-found', address })
  }

  /** A dial of `alias` reached the peer whose own address is `target`. */
  foundAlias(alias: Address, target: Address): void {
    this.#book.addAlias(alias, target)
    this.#context.turn.report({ kind: 'alias-found', address: alias, of: target })
  }

  /** The peer's own address is another node's, so `alias` is none of its spellings. */
  disproveAlias(alias: Address): void {
    this.#book.removeAlias(alias)
    if (this.#book.entry(alias) !== undefined) this.#queue.add(alias)
  }

  // --- HANDSHAKE ---------------------------------------------------------------------------------

  /**
   * Story: a node attempts to connect to all addresses of a HANDSHAKE that it is not connected to,
   * as far as it may dial them. Undefined when the peer exceeds its read budget.
   */
  learn(data: readonly string[], source: AddressSource): RefusedAddresses | undefined {
    const { turn } = this.#context
    const isOurs = source.identity !== undefined
    const connected: ReadonlySet<string> = this.#options.connectedAddresses
    if (this.#tieBreak.handshakeReceived(source.address, data)) this.#dialOurs()
    // In a large mesh nearly all of them are connected.
    const unread = data.filter((text) => !connected.has(text))
    if (!source.readBudget.take(turn.nowMs, Math.max(1, unread.length))) return undefined
    const refused = { malformed: 0, refusedByPolicy: 0, tooMany: 0 }
    for (const text of unread) {
      if (this.#isPending(text)) continue
      const parsed = parseAddress(text)
      if (parsed.kind === 'rejected') {
        refused.malformed += 1
        continue
      }
      const { address } = parsed
      const verdict = this.#gate.verdict(address, 'join', turn.nowMs)
      if (verdict === 'dial') this.#queue.add(address)
      if (verdict === 'refused-by-policy') refused.refusedByPolicy += 1
      if (verdict !== 'unknown') continue
      const isLearned = source.learnBudget.take(turn.nowMs) && this.#book.learn(address)
      if (isLearned) this.#dialOrAwait(address, isOurs)
      else refused.tooMany += 1
    }
    return refused
  }

  /**
   * Whether the text is an address that will be dialed anyway. So are most that are named while a
   * large mesh forms; text that equals a canonical address need not be parsed.
   */
  #isPending(text: string): boolean {
    const entry = this.#book.find(text)
    if (entry === undefined) return false
    const { address, notBeforeMs } = entry
    if (notBeforeMs > this.#context.turn.nowMs) return true
    return this.#tieBreak.isAwaited(address) || this.#queue.isAwaited(address)
  }

  /** Dials a node that was just learned, or awaits its dial. Peers of plain peers do not wait. */
  #dialOrAwait(address: Address, isFromOurs: boolean): void {
    if (!isFromOurs || !this.#tieBreak.isTheirs(address)) return this.#queue.add(address)
    this.#tieBreak.await(address, this.#context.turn.nowMs)
    this.#awaitDials()
  }

  /** Dials the nodes whose dial was awaited for long enough. */
  dialAwaited(): void {
    for (const address of this.#tieBreak.takeDue(this.#context.turn.nowMs)) {
      this.#queue.add(address)
    }
    this.#awaitDials()
  }

  /** Dials the nodes that, as is known by now, wait for us. */
  #dialOurs(): void {
    for (const address of this.#tieBreak.takeOurs()) this.#queue.add(address)
  }

  #awaitDials(): void {
    const dueMs = this.#tieBreak.dueMs()
    if (dueMs === undefined) return
    this.#context.timers.bringForward({ kind: 'tie-break', subject: 'mesh' }, dueMs)
  }

  /** A plain peer that dials us expects to be dialed at once, during backoff too. */
  callBack(text: string | undefined): void {
    const { turn } = this.#context
    const parsed = parseAddress(text)
    const entry = parsed.kind === 'address' ? this.#book.entry(parsed.address) : undefined
    if (entry === undefined) return
    const { address } = entry
    const atMs = Math.max(turn.nowMs, entry.lastDialedMs + CALL_BACK_MS_MIN)
    if (atMs < entry.notBeforeMs) {
      entry.notBeforeMs = atMs
      this.#redialAt(address, atMs)
    }
    if (entry.notBeforeMs <= turn.nowMs) this.#queue.add(address, true)
  }

  // --- Redials -----------------------------------------------------------------------------------

  /** It is time to dial an address again. */
  redial(address: Address): void {
    this.#queue.add(address)
    // The book may have given its place to another address meanwhile.
    if (this.#book.entry(address) === undefined) this.#dialAliasesOf(address)
  }

  #redial(address: Address, verdict: Verdict): void {
    if (verdict.kind === 'retry') this.#redialAt(address, verdict.atMs)
  }

  /** Not while it is taken for ours: the gate would refuse it, and nothing would try again. */
  #redialAt(address: Address, atMs: number): void {
    const notBeforeMs = this.#gate.believedOursUntilMs(address)
    this.#context.timers.set({ kind: 'redial', subject: address }, Math.max(atMs, notBeforeMs))
  }

  /** The operator may have given an address that is out of reach in another spelling, too. */
  #dialAliasesOf(address: Address): void {
    for (const alias of this.#book.releaseAliases(address)) this.#queue.add(alias)
  }
}
