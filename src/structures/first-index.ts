/** Binary search. */

/**
 * The index of the first item from `low` on that is so, or the length when none is. All items after
 * the first that is so must be so, too; there is none that is undefined.
 */
export function firstIndex<Item>(
  items: readonly (Item | undefined)[],
  low: number,
  isSo: (item: Item) => boolean,
): number {
  let [from, end] = [low, items.length]
  while (from < end) {
    const middle = (from + end) >>> 1
    const item = items[middle]
    if (item !== undefined && isSo(item)) end = middle
    else from = middle + 1
  }
  return from
}
