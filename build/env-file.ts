/**
 * The text of a `.env` file as the tools need it: reads single settings as a node reads them, and
 * changes PORT without disturbing anything else. Needs no package, so that `clone-node.ts` runs
 * before `npm install`.
 */

/** The pattern of dotenv, which tells no places. The value may have quotes and span lines then. */
const ENTRY =
  /^\s*(?:export\s+)?(?<key>[\w.-]+)(?:\s*=|:(?:\r\n|\s))(?<value>\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$/dgm

const VALUE = /^(?<before>\s*(?<quote>['"`]?))(?<bare>[\s\S]*?)\k<quote>\s*$/

/** The part of a setting of src/config/settings.ts that is needed. */
interface Parser<T> {
  readonly name: string
  readonly parse: (
    text: string,
  ) => { readonly kind: 'value'; readonly value: T } | { readonly kind: 'rejected' }
}

interface Entry {
  /** Without quotes. */
  readonly value: string
  /** Where it stands in the text. */
  readonly start: number
}

function entriesOf(text: string, key: string): readonly Entry[] {
  return [...text.matchAll(ENTRY)].flatMap(({ groups, indices, index, 0: all }) => {
    if (groups?.['key'] !== key) return []
    const { before = '', bare = '' } = VALUE.exec(groups['value'] ?? '')?.groups ?? {}
    // Without a value its place is behind the sign.
    const sign = index + all.search(/[=:]/) + 1
    const start = (indices?.groups?.['value']?.[0] ?? sign) + before.length
    return [{ value: bare, start }]
  })
}

/** The value of a setting without its quotes; the last one wins. Empty counts as not set. */
export function settingOf(text: string, key: string): string | undefined {
  return entriesOf(text, key).at(-1)?.value.trim() || undefined
}

/** A setting as a node reads it; undefined when it is not set or a node refuses its value. */
export function parsedSettingOf<T>(text: string, setting: Parser<T>): T | undefined {
  const value = settingOf(text, setting.name)
  const parsed = value === undefined ? undefined : setting.parse(value)
  return parsed?.kind === 'value' ? parsed.value : undefined
}

/**
 * The same text with another PORT. Comments, order, quotes, `export` and line ends stay. Where PORT
 * is set several times each of them is changed; where it is not set a line is added at the end.
 */
export function withPort(text: string, port: number): string {
  const entries = entriesOf(text, 'PORT')
  if (entries.length === 0) return withLine(text, `PORT=${port}`)
  return entries.reduceRight((changed, { value, start }) => {
    // `PORT:` with nothing behind it is a setting, `PORT:4002` is not.
    const space = text[start - 1] === ':' ? ' ' : ''
    return `${changed.slice(0, start)}${space}${port}${changed.slice(start + value.length)}`
  }, text)
}

function withLine(text: string, line: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || text.endsWith('\n') ? '' : lineEnd
  // dotenv takes the line behind `KEY:` for its value.
  const space = /:\s*$/.test(text) ? lineEnd : ''
  return text + gap + space + line + lineEnd
}
