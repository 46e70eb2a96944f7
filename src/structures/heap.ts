/** A binary heap: the item that comes before all others is at the top. */
export class Heap<Item> {
  readonly #items: Item[] = []
  readonly #isBefore: (a: Item, b: Item) => boolean

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore
  }

  get top(): Item | undefined {
    return this.#items[0]
  }

  clear(): void {
    this.#items.length = 0
  }

  push(item: Item): void {
    const items = this.#items
    let index = items.push(item) - 1
    while (index > 0) {
      const parentIndex = (index - 1) >> 1
      const parent = items[parentIndex]
      if (parent === undefined || !this.#isBefore(item, parent)) break
      items[index] = parent
      index = parentIndex
    }
    items[index] = item
  }

  pop(): void {
    const items = this.#items
    const last = items.pop()
    if (last === undefined || items.length === 0) return
    let index = 0
    for (;;) {
      const left = items[2 * index + 1]
      if (left === undefined) break
      const right = items[2 * index + 2]
      const isRight = right !== undefined && this.#isBefore(right, left)
      const child = isRight ? right : left
      if (!this.#isBefore(child, last)) break
      items[index] = child
      index = 2 * index + (isRight ? 2 : 1)
    }
    items[index] = last
  }
}
