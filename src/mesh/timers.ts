/**
 * All timers of the core in one table, earliest first. The core never waits: whoever drives it asks
 * for `nextMs` and comes back then. A binary heap with lazy deletion, since a node of a large mesh
 * has thousands of timers and most are moved before they fire.
 */

import type { Address } from './address/address.ts'
import type { LinkId } from './inputs.ts'

/** What a timer is for. At most one timer exists per kind and subject. */
export type Timer =
  /** When to dial an address again. */
  | { readonly kind: 'redial'; readonly subject: Address }
  /** When an accepted link must have said HANDSHAKE. */
  | { readonly kind: 'handshake'; readonly subject: LinkId }
  /** When the older of two links to one peer must have answered a ping. */
  | { readonly kind: 'duplicate'; readonly subject: LinkId }
  /** When to look whether links have been silent for too long. */
  | { readonly kind: 'liveness'; readonly subject: 'mesh' }
  /** When to send a HANDSHAKE to a random peer. */
  | { readonly kind: 'anti-entropy'; readonly subject: 'mesh' }
  /** When to dial nodes that we left it to to dial us. */
  | { readonly kind: 'tie-break'; readonly subject: 'mesh' }
  /** When to verify the next claimed address. */
  | { readonly kind: 'verify'; readonly subject: 'mesh' }

interface Entry {
  readonly key: string
  readonly atMs: number
  readonly timer: Timer
}

/** The table of timers. */
export class Timers {
  readonly #armed = new Map<string, Entry>()
  readonly #heap: Entry[] = []

  /** How many timers are armed. */
  get size(): number {
    return this.#armed.size
  }

  /** Arms a timer, or moves it when it is armed already. */
  set(timer: Timer, atMs: number): void {
    const key = keyOf(timer)
    const entry = { key, atMs, timer }
    this.#armed.set(key, entry)
    this.#push(entry)
  }

  /** Arms a timer, or moves it when it is armed for a later time. */
  bringForward(timer: Timer, atMs: number): void {
    const armed = this.#armed.get(keyOf(timer))
    if (armed === undefined || atMs < armed.atMs) this.set(timer, atMs)
  }

  /** Disarms a timer. Idempotent. */
  stop(timer: Timer): void {
    this.#armed.delete(keyOf(timer))
    if (this.#armed.size === 0) this.#heap.length = 0
  }

  /** Disarms all timers. */
  stopAll(): void {
    this.#armed.clear()
    this.#heap.length = 0
  }

  /** When the earliest timer fires, or undefined when none is armed. */
  nextMs(): number | undefined {
    this.#dropStale()
    return this.#heap[0]?.atMs
  }

  /** Disarms and returns the earliest timer that is due, or undefined. */
  takeDue(nowMs: number): Timer | undefined {
    this.#dropStale()
    const entry = this.#heap[0]
    if (entry === undefined || entry.atMs > nowMs) return undefined
    this.#pop()
    this.#armed.delete(entry.key)
    return entry.timer
  }

  #dropStale(): void {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      if (this.#armed.get(top.key) === top) return
      this.#pop()
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = heap[parentIndex]
      if (parent === undefined || parent.atMs <= entry.atMs) break
      heap[index] = parent
      index = parentIndex
    }
    heap[index] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      const left = heap[2 * index + 1]
      if (left === undefined) break
      const right = heap[2 * index + 2]
      const rightIsEarlier = right !== undefined && right.atMs < left.atMs
      const child = rightIsEarlier ? right : left
      if (last.atMs <= child.atMs) break
      heap[index] = child
      index = rightIsEarlier ? 2 * index + 2 : 2 * index + 1
    }
    heap[index] = last
  }
}

function keyOf(timer: Timer): string {
  return `${timer.kind} ${timer.subject}`
}
