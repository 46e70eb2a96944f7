/** The dial queue: addresses to be dialed as soon as there is a place, in four classes. */

import { type Address, hostOf } from '../address/address.ts'
import type { AddressBook } from '../address/address-book.ts'
import { DIALS_LEARNED_MAX, DIALS_MAX, DIALS_OF_CLASS_MIN, QUEUE_ADDRESSES_MAX } from '../limits.ts'
import type { DialBudget } from './dial-budget.ts'
import type { DialGate } from './dial-gate.ts'
import type { DialPace } from './dial-pace.ts'
import { FairQueue } from './fair-queue.ts'

/** A class of learned addresses. */
interface DialClass {
  readonly waiting: FairQueue
  /** Its dials that have not ended. */
  readonly open: Set<Address>
  /** Whether the pace bounds how many are open: nobody waits for these dials. */
  readonly isPaced: boolean
  /** Whether strangers can cause these dials without end. */
  readonly isBudgeted: boolean
  /** Until when the budgets refuse all that wait; infinite when none waits. */
  budgetMs: number
}

export class DialQueue {
  readonly #book: AddressBook
  readonly #gate: DialGate
  readonly #pace: DialPace
  readonly #budget: DialBudget
  /** The operator's addresses come first. First come, first served. */
  readonly #known = new Set<Address>()
  /** Then addresses that were reached before, by host. */
  readonly #reached = newClass({ isPaced: true, isBudgeted: false })
  /** Then plain peers that dialed us, by their host. */
  readonly #dialBacks = newClass({ isPaced: false, isBudgeted: true })
  /** Then addresses that were never reached, by the peers that named them. */
  readonly #unreached = newClass({ isPaced: true, isBudgeted: true })
  readonly #classes = [this.#reached, this.#dialBacks, this.#unreached]

  constructor(book: AddressBook, gate: DialGate, pace: DialPace, budget: DialBudget) {
    this.#book = book
    this.#gate = gate
    this.#pace = pace
    this.#budget = budget
  }

  /** How many addresses wait for a place. */
  get waiting(): number {
    return this.#classes.reduce((sum, { waiting }) => sum + waiting.size, this.#known.size)
  }

  /** Whether the next dial has to wait until one ends. */
  get isFull(): boolean {
    return this.#gate.openDials >= DIALS_MAX
  }

  /** Adds an address of the book. Idempotent. */
  add(address: Address): void {
    const entry = this.#book.entry(address)
    if (entry?.known === true) this.#known.add(address)
    else if (entry?.reached === true) this.#addTo(this.#reached, address, hostOf(address))
    else for (const { name } of entry?.teachers ?? []) this.#addTo(this.#unreached, address, name)
  }

  /** Adds the address of a plain peer that dialed us from a host, and expects to be dialed now. */
  addDialBack(address: Address, from: string): void {
    if (this.#book.entry(address)?.known === true) this.#known.add(address)
    else this.#addTo(this.#dialBacks, address, from)
  }

  #addTo(to: DialClass, address: Address, group: string): void {
    if (to.waiting.size >= QUEUE_ADDRESSES_MAX) {
      to.waiting.retain((waiting) => this.#book.entry(waiting) !== undefined)
    }
    to.waiting.add(address, group)
    to.budgetMs = Number.NEGATIVE_INFINITY
  }

  /** Whether the address waits for a place because peers named it. */
  isTaught(address: Address): boolean {
    const { waiting } = this.#unreached
    return waiting.has(address)
  }

  /** Whether the address is being dialed, or waits for a place. */
  isQueuedOrDialing(address: Address): boolean {
    return (
      this.#gate.isBeingDialed(address) ||
      this.#known.has(address) ||
      this.#classes.some(({ waiting }) => waiting.has(address))
    )
  }

  /** Takes the next address that the gate lets through, or undefined. The caller dials it. */
  next(nowMs: number): Address | undefined {
    const known = this.#nextKnown(nowMs)
    if (known !== undefined) return known
    for (const each of this.#classes) {
      const next = this.#hasPlaceFor(each) ? this.#nextOf(each, nowMs) : undefined
      if (next !== undefined) return next
    }
    return undefined
  }

  #nextKnown(nowMs: number): Address | undefined {
    for (const address of this.#known) {
      if (this.isFull) return undefined
      this.#known.delete(address)
      if (this.#gate.verdict(address, 'join', nowMs) === 'dial') return address
    }
    return undefined
  }

  #hasPlaceFor({ open, isPaced }: DialClass): boolean {
    if (isPaced && open.size >= this.#pace.atOnce) return false
    const { openDials } = this.#gate
    if (openDials < DIALS_LEARNED_MAX) return true
    return open.size < DIALS_OF_CLASS_MIN && openDials < DIALS_MAX
  }

  #nextOf(of: DialClass, nowMs: number): Address | undefined {
    // All that wait may be many, and each input comes here.
    if (nowMs < of.budgetMs) return undefined
    const { waiting, open, isBudgeted } = of
    let budgetMs = Number.POSITIVE_INFINITY
    const mayTake = (group: string, host: string): boolean => {
      const atMs = isBudgeted ? this.#budget.allowedAtMs(group, host, nowMs) : nowMs
      if (atMs > nowMs) budgetMs = Math.min(budgetMs, atMs)
      return atMs <= nowMs
    }
    for (let turn = waiting.take(mayTake); turn !== undefined; turn = waiting.take(mayTake)) {
      if (this.#gate.verdict(turn.address, 'join', nowMs) !== 'dial') continue
      if (isBudgeted) this.#budget.take(turn.group, turn.host, nowMs)
      open.add(turn.address)
      return turn.address
    }
    of.budgetMs = budgetMs
    return undefined
  }

  /** Whether dials to the host of an address wait for its budget: it has more than are answered. */
  isCrowded(address: Address, nowMs: number): boolean {
    return this.#budget.hostAllowedAtMs(hostOf(address), nowMs) > nowMs
  }

  /** When the budgets admit the next dial; undefined when no dial waits for them. */
  get budgetMs(): number | undefined {
    const firstMs = Math.min(this.#dialBacks.budgetMs, this.#unreached.budgetMs)
    return Number.isFinite(firstMs) ? firstMs : undefined
  }

  /** The teacher and the host for which most addresses wait that budgets bound, and how many. */
  get longest(): FairQueue['longest'] {
    const [, ...budgeted] = this.#classes.map(({ waiting }) => waiting.longest)
    return budgeted.reduce((a, b) => (a.waiting > b.waiting ? a : b))
  }

  /** The dial of this address has reached a peer. */
  succeeded(address: Address, nowMs: number): void {
    const dial = this.#end(address)
    if (dial !== undefined) this.#pace.succeeded(nowMs - dial.startedMs)
  }

  /** The dial of this address has failed; `isUnanswered` when TCP connected and no answer came. */
  failed(address: Address, isUnanswered: boolean, nowMs: number): void {
    const dial = this.#end(address)
    if (!isUnanswered) this.#pace.failed()
    else if (dial !== undefined) this.#pace.timedOut(nowMs - dial.startedMs - dial.timeoutMs)
  }

  #end(address: Address): ReturnType<DialGate['end']> {
    for (const { open } of this.#classes) open.delete(address)
    return this.#gate.end(address)
  }

  clear(): void {
    this.#known.clear()
    for (const { waiting } of this.#classes) waiting.clear()
  }
}

function newClass(kind: Pick<DialClass, 'isPaced' | 'isBudgeted'>): DialClass {
  const [waiting, open] = [new FairQueue(), new Set<Address>()]
  return { ...kind, waiting, open, budgetMs: Number.NEGATIVE_INFINITY }
}
