/** Binary search. */

/**
 * The index of the first item from `low` on for which `holds` is true, or the length. Once true, it
 * is true for all later items. No item from `low` on is undefined.
 */
export function firstIndex<Item>(
  items: readonly (Item | undefined)[],
  low: number,
  holds: (item: Item) => boolean,
): number {
  let [from, end] = [low, items.length]
  while (from < end) {
    const middle = (from + end) >>> 1
    const item = items[middle]
    if (item !== undefined && holds(item)) end = middle
    else from = middle + 1
  }
  return from
}
