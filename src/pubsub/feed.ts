/** A feed: what one process run published, numbered 1, 2, 3 …, as far as it is kept here. */

import type { Chunk } from './chunk.ts'

export class Feed {
  readonly id: string
  /** The first number that this node wanted. */
  readonly begin: number
  /** The number that comes next. What is lower came, or was announced as a gap. */
  next: number
  /** What its chunks take in memory. */
  bytes = 0
  /** Nothing is missing here of what was published later than this, but what was never received. */
  cutMs = Number.NEGATIVE_INFINITY
  /** In the order of their numbers, with holes where gaps were announced. */
  #chunks: Chunk[] = []
  /** Dropped from the start of the list, which is cut only now and then. */
  #dropped = 0

  constructor(id: string, begin: number) {
    this.id = id
    this.begin = begin
    this.next = begin
  }

  /** The lowest number that is kept; `next` when nothing is. */
  get first(): number {
    return this.oldest?.from ?? this.next
  }

  get oldest(): Chunk | undefined {
    return this.#chunks[this.#dropped]
  }

  append(chunk: Chunk): void {
    this.#chunks.push(chunk)
    this.bytes += chunk.bytes
    this.next = chunk.end
  }

  dropOldest(): void {
    const { oldest } = this
    if (oldest === undefined) return
    this.bytes -= oldest.bytes
    this.cutMs = Math.max(this.cutMs, oldest.bornMs)
    this.#dropped += 1
    if (this.#dropped * 2 <= this.#chunks.length) return
    this.#chunks = this.#chunks.slice(this.#dropped)
    this.#dropped = 0
  }

  /** Drops all chunks that begin at a number or above it, and returns them. */
  dropFrom(seq: number): readonly Chunk[] {
    const at = this.#indexOf(seq)
    const dropped = this.#chunks.splice(at)
    for (const { bytes } of dropped) this.bytes -= bytes
    return dropped
  }

  /** The chunk that holds a number, or else the next one that is kept, or undefined. */
  chunkFrom(seq: number): Chunk | undefined {
    return this.#chunks[this.#indexOf(seq)]
  }

  /** The number from which on items are not older than `bornMs`. */
  firstSince(bornMs: number): number {
    const chunk = this.#chunks.slice(this.#dropped).find((one) => one.bornMs >= bornMs)
    return chunk?.from ?? this.next
  }

  /** What the chunks from one number up to another take in memory. */
  bytesBetween(from: number, end: number): number {
    const chunks = this.#chunks.slice(this.#indexOf(from), this.#indexOf(end))
    return chunks.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** The index of the first chunk that ends above a number. */
  #indexOf(seq: number): number {
    let low = this.#dropped
    let high = this.#chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const chunk = this.#chunks[middle]
      if (chunk !== undefined && chunk.end > seq) high = middle
      else low = middle + 1
    }
    return low
  }
}
