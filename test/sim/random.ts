/** Random numbers that are the same for the same seed, on every machine. Not for secrets. */

/** One more than the largest index beside 32 bits in a number. */
const INDEXES = 2 ** 21

/**
 * A generator: sfc32 (Chris Doty-Humphrey, PractRand), which passes its author's tests and needs
 * four words.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#a = seed >>> 0
    this.#b = Math.floor(seed / 2 ** 32) >>> 0
    this.#c = 0x9e3779b9
    // As its author advises, so that consecutive seeds are unrelated.
    for (let round = 0; round < 12; round += 1) this.uint32()
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    this.#c |= 0
    return sum >>> 0
  }

  /** A number from 0 up to, not including, 1. */
  unit(): number {
    return this.uint32() / 2 ** 32
  }

  /** A number from `min` up to, not including, `max`. */
  between(min: number, max: number): number {
    return min + this.unit() * (max - min)
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1))
  }

  /** True in `share` of all cases. */
  chance(share: number): boolean {
    return this.unit() < share
  }

  /** One of these. @throws {RangeError} when there are none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.int(0, items.length - 1)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** These in another order, at most 2^21. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    // Numbers that have the order of the draws, and among equals of the items: they sort quickly.
    const keys = Float64Array.from(items, (_item, index) => this.uint32() * INDEXES + index)
    return [...keys.sort()].map((key) => items[key % INDEXES] as Item)
  }

  /** A separate generator: draws from it do not advance this one. */
  fork(): Random {
    return new Random(this.uint32() + this.uint32() * 2 ** 32)
  }

  /** So many random hex digits. */
  hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += this.uint32().toString(16).padStart(8, '0')
    return text.slice(0, digits)
  }
}
