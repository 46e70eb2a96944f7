/**
 * All timers of the core in one table. The driver asks for `nextMs` and comes back then. Stale heap
 * entries are dropped late: a node of a large mesh moves most of its thousands of timers.
 */

import { Heap } from '../structures/heap.ts'
import type { Address } from './address/address.ts'
import type { LinkId } from './inputs.ts'

/** What a timer is for. At most one timer exists per kind and subject. */
export type Timer =
  /** When to dial an address again. */
  | { readonly kind: 'redial'; readonly subject: Address }
  /** When an accepted link must have sent HANDSHAKE. */
  | { readonly kind: 'handshake'; readonly subject: LinkId }
  /** When the older of two links to one peer must have answered a ping. */
  | { readonly kind: 'duplicate'; readonly subject: LinkId }
  /** When to check all links for silence. */
  | { readonly kind: 'liveness'; readonly subject: 'mesh' }
  /** When to send a HANDSHAKE to a random peer. */
  | { readonly kind: 'anti-entropy'; readonly subject: 'mesh' }
  /** When to dial nodes whose dial was awaited and did not come. */
  | { readonly kind: 'tie-break'; readonly subject: 'mesh' }
  /** When the budgets admit the next dial that waits for them. */
  | { readonly kind: 'dial-budget'; readonly subject: 'mesh' }
  /** When to dial an address that several links claim. */
  | { readonly kind: 'contest'; readonly subject: Address }
  /** When to dial our own address again. */
  | { readonly kind: 'own-address'; readonly subject: 'mesh' }
  /** When to send what we tell of ourselves again, because it changed. */
  | { readonly kind: 'own-data'; readonly subject: 'mesh' }
  /** When the peer of a link must have told its data, or tells none. */
  | { readonly kind: 'peer-data'; readonly subject: LinkId }
  /** When to verify the next claimed address. */
  | { readonly kind: 'verify'; readonly subject: 'mesh' }

interface Entry {
  readonly key: string
  readonly atMs: number
  readonly timer: Timer
}

export class Timers {
  readonly #armed = new Map<string, Entry>()
  readonly #heap = new Heap<Entry>((a, b) => a.atMs < b.atMs)

  /** How many timers are armed. */
  get size(): number {
    return this.#armed.size
  }

  /** Arms a timer, or moves it when it is armed already. */
  set(timer: Timer, atMs: number): void {
    const key = keyOf(timer)
    const entry = { key, atMs, timer }
    this.#armed.set(key, entry)
    this.#heap.push(entry)
  }

  /** Arms a timer, or moves it when it is armed for a later time. */
  bringForward(timer: Timer, atMs: number): void {
    const armed = this.#armed.get(keyOf(timer))
    if (armed === undefined || atMs < armed.atMs) this.set(timer, atMs)
  }

  /** Disarms a timer. Idempotent. */
  stop(timer: Timer): void {
    this.#armed.delete(keyOf(timer))
    if (this.#armed.size === 0) this.#heap.clear()
  }

  /** Disarms all timers. */
  stopAll(): void {
    this.#armed.clear()
    this.#heap.clear()
  }

  /** When the earliest timer fires, or undefined when none is armed. */
  nextMs(): number | undefined {
    return this.#earliest()?.atMs
  }

  /** Disarms and returns the earliest timer that is due, or undefined. */
  takeDue(nowMs: number): Timer | undefined {
    const entry = this.#earliest()
    if (entry === undefined || entry.atMs > nowMs) return undefined
    this.#heap.pop()
    this.#armed.delete(entry.key)
    return entry.timer
  }

  #earliest(): Entry | undefined {
    for (let top = this.#heap.top; top !== undefined; top = this.#heap.top) {
      if (this.#armed.get(top.key) === top) return top
      this.#heap.pop()
    }
    return undefined
  }
}

function keyOf(timer: Timer): string {
  return `${timer.kind} ${timer.subject}`
}
