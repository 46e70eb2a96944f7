/**
 * Learned addresses that were never reached, by the peers that named them. Anybody can name
 * addresses without end, so each teacher has a share of the book.
 */

import type { Entry } from './entry.ts'

export class Unreached {
  readonly #byTeacher = new Map<string, Set<Entry>>()

  /** How many of one teacher there are. */
  countOf(teacher: string): number {
    return this.#byTeacher.get(teacher)?.size ?? 0
  }

  /** Adds an entry under one of its teachers. Idempotent. */
  add(teacher: string, entry: Entry): void {
    const entries = this.#byTeacher.get(teacher)
    if (entries === undefined) this.#byTeacher.set(teacher, new Set([entry]))
    else entries.add(entry)
  }

  /** Idempotent. */
  remove(teacher: string, entry: Entry): void {
    const entries = this.#byTeacher.get(teacher)
    entries?.delete(entry)
    if (entries?.size === 0) this.#byTeacher.delete(teacher)
  }

  /** The teacher with the most of them. */
  get largest(): string | undefined {
    let largest: string | undefined
    for (const teacher of this.#byTeacher.keys()) {
      if (largest === undefined || this.countOf(teacher) > this.countOf(largest)) largest = teacher
    }
    return largest
  }

  entriesOf(teacher: string): Iterable<Entry> {
    return this.#byTeacher.get(teacher) ?? []
  }
}
