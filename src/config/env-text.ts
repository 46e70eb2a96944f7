/**
 * The text of a `.env` file, in the format that dotenv made common. Written out here because the
 * runtimes disagree about it (on Node 20 `util.parseEnv` takes a comment for a key) and one node
 * must read one file alike everywhere.
 */

/** One setting in a text. */
export interface EnvEntry {
  readonly key: string
  /** Without the quotes and the spaces around it; empty when there is none. */
  readonly value: string
  /** Where the value stands in the text, without its quotes: from `start` to before `end`. */
  readonly start: number
  readonly end: number
}

/**
 * `KEY=value` or `KEY: value`, with an optional `export` before it and a comment behind it. The
 * value may be in quotes and then span lines; without, it ends at a `#`. Whole settings and not
 * lines, so that what stands inside of somebody's value of several lines is never taken for a
 * setting.
 */
const ENTRY =
  /^[^\S\r\n]*(?:export\s+)?(?<key>[\w.-]+)(?:\s*=|:(?=\s))(?<value>\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?[^\S\r\n]*(?:#.*)?$/dgm

/** A value with the spaces and the quotes around it. */
const VALUE = /^(?<before>\s*(?<quote>['"`]?))(?<bare>[\s\S]*?)\k<quote>\s*$/

/** All settings in the order of the text. Of several with one key the last counts. Never throws. */
export function envEntries(text: string): readonly EnvEntry[] {
  return [...text.matchAll(ENTRY)].map((match) => {
    const { key = '', value = '' } = match.groups ?? {}
    const { before = '', bare = '' } = VALUE.exec(value)?.groups ?? {}
    const valueEnd = match.indices?.groups?.['value']?.[1]
    // Without a value its place is behind the sign: where the comment, or the line, would go on.
    const start = valueEnd === undefined ? signEnd(match) : valueEnd - value.length + before.length
    return { key, value: unescaped(bare, before), start, end: start + bare.length }
  })
}

function signEnd(match: RegExpExecArray): number {
  const keyEnd = match.indices?.groups?.['key']?.[1] ?? match.index
  return keyEnd + (/^\s*=|^:/.exec(match.input.slice(keyEnd))?.[0].length ?? 0)
}

/** Line ends are those of Unix, and in double quotes `\n` and `\r` stand for them. */
function unescaped(bare: string, before: string): string {
  const text = bare.replace(/\r\n?/g, '\n')
  const isDoubleQuoted = before.endsWith('"') || text.startsWith('"')
  return isDoubleQuoted ? text.replaceAll('\\n', '\n').replaceAll('\\r', '\r') : text
}
