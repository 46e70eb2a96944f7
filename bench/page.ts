/** Puts what was measured into a page that people have written. */

/**
 * Replaces the text between the marks `<!-- NAME -->` and `<!-- end of NAME -->`.
 *
 * @throws {Error} when the page has no such marks
 */
export function fillPage(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, content]) => {
    const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
    const [from, to] = [text.indexOf(start), text.indexOf(end)]
    if (from === -1 || to < from) throw new Error(`the page has no marks of ${name}`)
    return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`
  }, page)
}
