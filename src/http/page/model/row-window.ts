/** Which rows of a long table are there: those that are seen, and some around them. Pure. */

/** A row by its index, or the room of rows that are not there. */
export type Item =
  | { readonly kind: 'row'; readonly index: number }
  | { readonly kind: 'gap'; readonly first: number; readonly count: number }

/** Rows from `first` on, without `end`. */
export interface Band {
  readonly first: number
  readonly end: number
}

/** Shorter tables have all of their rows, so that a browser can find text in them. */
export const WHOLE_ROWS_MAX = 200

/** Above and below what is seen: a reader who scrolls fast sees no gap. */
const MARGIN = 20

/** The band moves in steps of so many rows. */
const STEP = 10

/** The band around what a reader sees, by places in units of one row. */
export function bandAround(top: number, bottom: number): Band {
  const first = Math.floor(top / STEP) * STEP - MARGIN
  return { first, end: Math.ceil(bottom / STEP) * STEP + MARGIN }
}

/** What a table of so many rows has. */
export function itemsOf(count: number, band: Band, lasting: readonly number[]): readonly Item[] {
  // A table that became shorter has no row there.
  const shift = Math.max(band.end - Math.max(count, band.end - band.first), 0)
  const isThere = (index: number): boolean =>
    count <= WHOLE_ROWS_MAX ||
    (index >= band.first - shift && index < band.end - shift) ||
    lasting.includes(index)
  const items: Item[] = []
  let gap = 0
  for (let index = 0; index < count; index += 1) {
    if (!isThere(index)) {
      gap += 1
      continue
    }
    if (gap > 0) items.push({ kind: 'gap', first: index - gap, count: gap })
    gap = 0
    items.push({ kind: 'row', index })
  }
  if (gap > 0) items.push({ kind: 'gap', first: count - gap, count: gap })
  return items
}
