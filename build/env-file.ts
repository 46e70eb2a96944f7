/**
 * The text of a `.env` file: reads single settings as a node reads them, and changes the port.
 * Needs no package, so that `clone-node.ts` runs before `npm install`.
 */

/** The pattern of dotenv, which gives no positions. A value in quotes may span lines. */
const ENTRY =
  /^\s*(?:export\s+)?(?<key>[\w.-]+)(?:\s*=|:(?:\r\n|\s))(?<value>\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

const VALUE = /^(?<before>\s*(?<quote>['"`]?))(?<bare>[\s\S]*?)\k<quote>\s*$/

/** The values of a key, without quotes, and where they start. */
function entriesOf(text: string, key: string) {
  return [...text.matchAll(ENTRY)].flatMap(({ groups, indices, index, 0: all }) => {
    if (groups?.['key'] !== key) return []
    const { before = '', bare = '' } = VALUE.exec(groups['value'] ?? '')?.groups ?? {}
    // Without a value its position is behind the sign.
    const sign = index + all.search(/[=:]/) + 1
    const start = (indices?.groups?.['value']?.[0] ?? sign) + before.length
    return [{ value: bare, start }]
  })
}

/** The value of a setting without its quotes; the last one wins. Empty counts as not set. */
export function settingOf(text: string, key: string): string | undefined {
  return entriesOf(text, key).at(-1)?.value.trim() || undefined
}

/** PORT as a node reads it; undefined when it is not set or the node refuses it. */
export function portOf(text: string): number | undefined {
  const value = settingOf(text, 'PORT') ?? ''
  const port = /^\d+$/.test(value) ? Number(value) : 0
  return port >= 1 && port <= 65_535 ? port : undefined
}

/**
 * The same text with another PORT, also in an ADDRESS with the old one. Comments, order, quotes,
 * `export` and line ends stay. Every line that sets PORT is changed; without one, a line is added.
 */
export function withPort(text: string, port: number): string {
  const entries = entriesOf(text, 'PORT')
  if (entries.length === 0) {
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
    const gap = text === '' || text.endsWith('\n') ? '' : lineEnd
    // dotenv takes the line behind `KEY:` for its value.
    const space = /:\s*$/.test(text) ? lineEnd : ''
    return `${text}${gap}${space}PORT=${port}${lineEnd}`
  }
  const old = `${portOf(text)}`
  const inAddresses = entriesOf(text, 'ADDRESS').flatMap(({ value, start }) => {
    const at = value.search(new RegExp(`(?<=^\\s*\\w+://[^/]*:)${old}(?=/|\\s*$)`))
    return at < 0 ? [] : { value: old, start: start + at }
  })
  const places = [...entries, ...inAddresses].sort((one, other) => one.start - other.start)
  return places.reduceRight((changed, { value, start }) => {
    // `PORT:` with nothing behind it is a setting, `PORT:4002` is not.
    const space = value === '' && text[start - 1] === ':' ? ' ' : ''
    return `${changed.slice(0, start)}${space}${port}${changed.slice(start + value.length)}`
  }, text)
}
