/** The name that was probably meant, for messages. */

/** Longer words are not compared: the cost grows with the square, and no name is this long. */
const WORD_CHARS_MAX = 40

/**
 * The candidate that `word` is most likely a misspelling of, or undefined when none is close: one
 * edit when the shorter of the two has up to five characters, else two. More would find `PORT` in
 * `HOST` and `REPORT`. Upper and lower case count as equal.
 */
export function closestName(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > WORD_CHARS_MAX) return undefined
  if (candidates.includes(word)) return word
  const near = candidates.flatMap((candidate) => {
    const editsMax = Math.min(word.length, candidate.length) <= 5 ? 1 : 2
    // Each difference in length is an edit. At the start of a node, nearly all names end here.
    if (Math.abs(word.length - candidate.length) > editsMax) return []
    const edits = editsBetween(word.toUpperCase(), candidate.toUpperCase())
    return edits > editsMax ? [] : [{ candidate, edits }]
  })
  return near.sort((one, other) => one.edits - other.edits)[0]?.candidate
}

/**
 * Optimal string alignment distance: letters missing, added, replaced, or swapped with their
 * neighbour.
 */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const edits = Math.min(replaced, at(i - 1, j) + 1, at(i, j - 1) + 1)
      rows[i]?.push(swapped ? Math.min(edits, at(i - 2, j - 2) + 1) : edits)
    }
  }
  return at(a.length, b.length)
}
