/** A map of bounded size, in the order in which its entries were set: the oldest makes room. */
export class BoundedMap<Key, Value> implements Iterable<readonly [Key, Value]> {
  readonly #entries = new Map<Key, Value>()
  readonly #sizeMax: number

  /** @param sizeMax most entries, at least 1; setting one more drops the oldest */
  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  /** Sets an entry as the newest, whether its key is new or not. */
  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    if (this.#entries.size >= this.#sizeMax) {
      const oldest = this.#entries.keys().next()
      if (!oldest.done) this.#entries.delete(oldest.value)
    }
    this.#entries.set(key, value)
  }

  /** Idempotent. */
  delete(key: Key): void {
    this.#entries.delete(key)
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.#entries[Symbol.iterator]()
  }
}
