/** What this node publishes: items wait for the end of the turn, and are joined into frames. */

import { Chunk } from './chunk.ts'
import type { Feed } from './feed.ts'
import { type EncodedItem, encodeItems } from './item.ts'
import { JOINED_BYTES_MAX, TURN_BYTES_MAX, WAITING_BYTES_MAX } from './limits.ts'
import type { Log } from './log.ts'

export class Publisher {
  readonly #log: Log
  readonly #own: Feed
  readonly #onPublished: ((chunk: Chunk) => void) | undefined
  #items: EncodedItem[] = []
  #bytes = 0

  constructor(log: Log, own: Feed, onPublished?: (chunk: Chunk) => void) {
    this.#log = log
    this.#own = own
    this.#onPublished = onPublished
  }

  /** The number that the next item gets. */
  get nextSeq(): number {
    return this.#own.next + this.#items.length
  }

  /** Whether items wait for the end of the turn. */
  get isWaiting(): boolean {
    return this.#items.length > 0
  }

  /** Whether so many wait that the turn is to end at once. */
  get isFull(): boolean {
    return this.#bytes >= TURN_BYTES_MAX
  }

  /** Takes an item, and gives its number. */
  add(item: EncodedItem): number {
    const { nextSeq } = this
    this.#items.push(item)
    this.#bytes += item.bytes
    return nextSeq
  }

  /** @param links the number of links that get the frames */
  endTurn(links: number, nowMs: number): void {
    const items = this.#items
    const joinedBytesMax = Math.min(JOINED_BYTES_MAX, WAITING_BYTES_MAX / links)
    this.#items = []
    this.#bytes = 0
    for (let at = 0; at < items.length; ) {
      let end = at + 1
      let bytes = items[at]?.bytes ?? 0
      for (let next = items[end]; next !== undefined; next = items[end]) {
        bytes += next.bytes
        if (bytes > joinedBytesMax) break
        end += 1
      }
      this.#append(items.slice(at, end), nowMs)
      at = end
    }
  }

  #append(items: readonly EncodedItem[], nowMs: number): void {
    const { id: feed, next: from } = this.#own
    const facts = { feed, from, count: items.length, bornMs: nowMs, relayed: false }
    const text = { kind: 'runs', text: encodeItems(items) } as const
    const chunk = new Chunk(facts, text)
    this.#log.append(this.#own, chunk, nowMs)
    this.#onPublished?.(chunk)
  }
}
