/**
 * The line of names that wait for a lookup, and which of them is next. A lookup cannot be
 * cancelled, and takes as long as the system asks a DNS server that never answers: 10 s and more.
 * So what may hang shares a place, and the other one is kept for the operator's names that have not
 * hung: names from peers, and names that hung the last time, take turns.
 */

import { BoundedMap } from '../structures/bounded-map.ts'
import { LOOKUP_HANGS_MS, LOOKUP_NAMES_MAX, LOOKUPS_KEPT, LOOKUPS_MAX } from './limits.ts'

export class LookupLine {
  /** In the order in which they came, with whether the name is the operator's. */
  readonly #waiting = new Map<string, boolean>()
  /** With whether the lookup may have the kept place. */
  readonly #running = new Map<string, boolean>()
  /** The operator's names whose last lookup hung. */
  readonly #hung = new BoundedMap<string, true>(LOOKUP_NAMES_MAX)
  #isTurnOfPeers = false

  /** Adds a name, unless its lookup runs. Idempotent, and the operator's stays the operator's. */
  add(name: string, isOperators: boolean): void {
    if (this.#running.has(name)) return
    this.#waiting.set(name, isOperators || this.#waiting.get(name) === true)
  }

  /** Nothing waits for the name any more. Returns whether it was in the line. */
  remove(name: string): boolean {
    return this.#waiting.delete(name)
  }

  /** Takes the name whose lookup begins now, or undefined when none may begin. */
  next(): string | undefined {
    if (this.#running.size >= LOOKUPS_MAX) return undefined
    const waiting = [...this.#waiting]
    const firstOf = (isWanted: (name: string, isOperators: boolean) => boolean) =>
      waiting.find(([name, isOperators]) => isWanted(name, isOperators))?.[0]
    const prompt = firstOf((name, isOperators) => isOperators && !this.#hasHung(name))
    if (prompt !== undefined) return this.#begin(prompt, true)
    const mayHang = [...this.#running.values()].filter((isPrompt) => !isPrompt).length
    if (mayHang >= LOOKUPS_MAX - LOOKUPS_KEPT) return undefined
    const own = firstOf((_name, isOperators) => isOperators)
    const peers = firstOf((_name, isOperators) => !isOperators)
    const name = this.#isTurnOfPeers ? (peers ?? own) : (own ?? peers)
    if (name === undefined) return undefined
    this.#isTurnOfPeers = name === own
    return this.#begin(name, false)
  }

  /** The lookup of the name has ended, after so many ms. */
  ended(name: string, tookMs: number): void {
    this.#running.delete(name)
    if (tookMs > LOOKUP_HANGS_MS) this.#hung.set(name, true)
    else this.#hung.delete(name)
  }

  #hasHung(name: string): boolean {
    return this.#hung.get(name) === true
  }

  #begin(name: string, isPrompt: boolean): string {
    this.#waiting.delete(name)
    this.#running.set(name, isPrompt)
    return name
  }
}
