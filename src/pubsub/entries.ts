/**
 * The entries of the log in the order in which they came, each at a position that it keeps. What is
 * dropped leaves a hole, which is closed now and then.
 */

import { firstIndex } from '../structures/first-index.ts'
import type { Chunk } from './chunk.ts'
import { ENTRY_BYTES } from './limits.ts'

/** Numbers of a feed that will never come: what was lost, or not kept. */
export interface Gap {
  readonly feed: string
  readonly first: number
  readonly last: number
}

/** One place in the log. */
export type Entry =
  | { readonly kind: 'items'; readonly chunk: Chunk }
  | { readonly kind: 'gap'; readonly gap: Gap; readonly atMs: number }

/** An entry at its place; without one once it was dropped. */
export interface Placed {
  readonly position: number
  /** What all entries before it had, also those that were dropped. */
  readonly itemsBefore: number
  readonly bytesBefore: number
  entry: Entry | undefined
}

/** How much a reader has not read. */
export interface Amount {
  readonly items: number
  readonly bytes: number
}

export class Entries {
  #placed: Placed[] = []
  /** The index of the first that is not dropped. */
  #head = 0
  #droppedCount = 0
  #end = 0
  #bytes = 0
  /** What all entries had, also those that were dropped. */
  #itemsEver = 0
  #bytesEver = 0

  /** What those take in memory that are kept. */
  get bytes(): number {
    return this.#bytes
  }

  /** The position after the last one. */
  get end(): number {
    return this.#end
  }

  get oldest(): Placed | undefined {
    return this.#placed[this.#head]
  }

  add(entry: Entry): Placed {
    const placed = {
      position: this.#end,
      itemsBefore: this.#itemsEver,
      bytesBefore: this.#bytesEver,
      entry,
    }
    const bytes = bytesOf(entry)
    this.#placed.push(placed)
    this.#end += 1
    this.#bytes += bytes
    this.#bytesEver += bytes
    if (entry.kind === 'items') this.#itemsEver += entry.chunk.count
    return placed
  }

  /** The entry at a position or the next one after it. */
  from(position: number): { readonly position: number; readonly entry: Entry } | undefined {
    for (let at = this.#indexFrom(position); at < this.#placed.length; at += 1) {
      const found = this.#placed[at]
      if (found?.entry !== undefined) return { position: found.position, entry: found.entry }
    }
    return undefined
  }

  /** How much was added from a position on. */
  amountFrom(position: number): Amount {
    const { itemsBefore = this.#itemsEver, bytesBefore = this.#bytesEver } =
      this.#placed[this.#indexFrom(position)] ?? {}
    return { items: this.#itemsEver - itemsBefore, bytes: this.#bytesEver - bytesBefore }
  }

  /** Idempotent. */
  remove(placed: Placed): void {
    if (placed.entry === undefined) return
    this.#bytes -= bytesOf(placed.entry)
    placed.entry = undefined
    this.#droppedCount += 1
    while (this.#head < this.#placed.length && this.oldest?.entry === undefined) this.#head += 1
    if (this.#droppedCount * 2 <= this.#placed.length) return
    this.#placed = this.#placed.filter((one) => one.entry !== undefined)
    this.#droppedCount = 0
    this.#head = 0
  }

  #indexFrom(position: number): number {
    return firstIndex(this.#placed, this.#head, (placed) => placed.position >= position)
  }
}

export function timeOf(entry: Entry): number {
  return entry.kind === 'items' ? entry.chunk.bornMs : entry.atMs
}

/** What is missing when an entry was not read. */
export function missingOf(entry: Entry): Gap {
  if (entry.kind === 'gap') return entry.gap
  const { end, feed, from } = entry.chunk
  return { feed, first: from, last: end - 1 }
}

function bytesOf(entry: Entry): number {
  return entry.kind === 'items' ? entry.chunk.bytes : ENTRY_BYTES
}
