/** A feed: what one process run published, numbered 1, 2, 3 …, as far as it is kept here. */

import { firstIndex } from '../structures/first-index.ts'
import type { LinkId } from '../wire/link-facts.ts'
import type { Chunk } from './chunk.ts'
import type { Placed } from './entries.ts'
import { ENTRY_BYTES } from './limits.ts'

/** What was taken of a feed from another than its verified owner, whose numbers win. */
export interface Doubt {
  readonly link: LinkId
  /** The first number that the verified owner has not confirmed. */
  readonly from: number
}

/** A chunk with sums over all before it, so that ranges are found without a scan. */
interface Kept {
  readonly chunk: Chunk
  /** Where it is in the log. */
  readonly placed: Placed
  /** The bytes of all chunks before it. */
  readonly offset: number
  /** When the youngest chunk up to it was born. */
  readonly youngestMs: number
}

export class Feed {
  readonly id: string
  /** The first number that this node wanted. */
  readonly begin: number
  /** The number that comes next. What is lower came, or was announced as a gap. */
  next: number
  /** What its chunks and gaps take in memory. */
  bytes = 0
  /** All that was received of this feed and published after this time is still kept. */
  cutMs = Number.NEGATIVE_INFINITY
  /** The position in the log after the last entry of it that was dropped; 0 when none was. */
  droppedEnd = 0
  doubt: Doubt | undefined
  /** The gaps that the log keeps of it, in the order of their numbers. They count to `bytes`. */
  readonly #gaps: { readonly placed: Placed; readonly first: number }[] = []
  /** In the order of their numbers, with holes where gaps were announced. */
  #kept: (Kept | undefined)[] = []
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
    return this.#kept[this.#dropped]?.chunk
  }

  /** Where the oldest is in the log. */
  get oldestPlaced(): Placed | undefined {
    return this.#kept[this.#dropped]?.placed
  }

  get oldestGap(): { readonly placed: Placed; readonly first: number } | undefined {
    return this.#gaps[0]
  }

  append(chunk: Chunk, placed: Placed): void {
    const last = this.#kept.at(-1)
    const youngestMs = Math.max(chunk.bornMs, last?.youngestMs ?? chunk.bornMs)
    this.#kept.push({ chunk, placed, offset: this.#offsetAt(this.#kept.length), youngestMs })
    this.bytes += chunk.bytes
    this.next = chunk.end
  }

  dropOldest(): void {
    const { oldest } = this
    if (oldest === undefined) return
    this.bytes -= oldest.bytes
    this.cutMs = Math.max(this.cutMs, oldest.bornMs)
    // The list would keep its text in memory.
    this.#kept[this.#dropped] = undefined
    this.#dropped += 1
    if (this.#dropped * 2 <= this.#kept.length) return
    this.#kept = this.#kept.slice(this.#dropped)
    this.#dropped = 0
  }

  /** Drops all chunks that end above a number, and returns where they are in the log. */
  dropFrom(seq: number): readonly Placed[] {
    const dropped = this.#kept.splice(this.#indexOf(seq)).flatMap((kept) => kept ?? [])
    for (const { chunk } of dropped) this.bytes -= chunk.bytes
    this.next = Math.min(seq, dropped[0]?.chunk.from ?? seq)
    return dropped.map(({ placed }) => placed)
  }

  addGap(placed: Placed, first: number): void {
    this.#gaps.push({ placed, first })
    this.bytes += ENTRY_BYTES
  }

  dropOldestGap(): void {
    if (this.#gaps.shift() !== undefined) this.bytes -= ENTRY_BYTES
  }

  /** Drops the gaps that begin at a number or above, and returns where they are in the log. */
  dropGapsFrom(seq: number): readonly Placed[] {
    const dropped = this.#gaps.splice(firstIndex(this.#gaps, 0, ({ first }) => first >= seq))
    this.bytes -= dropped.length * ENTRY_BYTES
    return dropped.map(({ placed }) => placed)
  }

  /** The chunk that holds a number, or else the next one that is kept, or undefined. */
  chunkFrom(seq: number): Chunk | undefined {
    return this.#kept[this.#indexOf(seq)]?.chunk
  }

  /** The number from which on items are not older than `bornMs`. */
  firstSince(bornMs: number): number {
    const at = firstIndex(this.#kept, this.#dropped, (kept) => kept.youngestMs >= bornMs)
    return this.#kept[at]?.chunk.from ?? this.next
  }

  /** What the chunks from one number up to another take in memory. */
  bytesBetween(from: number, end: number): number {
    return this.#offsetAt(this.#indexOf(end)) - this.#offsetAt(this.#indexOf(from))
  }

  #offsetAt(index: number): number {
    const kept = this.#kept[index]
    if (kept !== undefined) return kept.offset
    const last = this.#kept.at(-1)
    return last === undefined ? 0 : last.offset + last.chunk.bytes
  }

  /** The index of the first chunk that ends above a number. */
  #indexOf(seq: number): number {
    return firstIndex(this.#kept, this.#dropped, ({ chunk }) => chunk.end > seq)
  }
}
