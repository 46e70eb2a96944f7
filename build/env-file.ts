/**
 * The text of a `.env` file: reads one setting and changes PORT without disturbing anything else.
 * Pure text in, text out; the files are the business of node-folders.ts.
 */

/**
 * One setting as dotenv reads it: `KEY=value`, `KEY: value`, an optional `export`, quotes that may
 * span lines, a comment at the end. Reading whole settings, and not lines, means that a PORT inside
 * somebody's multi-line value stays as it is.
 */
const SETTING =
  /^(?<head>\s*(?:export\s+)?(?<key>[\w.-]+)(?:\s*=|:(?=\s)))(?<value>\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?(?<tail>[^\S\r\n]*(?:#.*)?)$/gm

/** A value with the white space and the quotes around it. */
const VALUE = /^(?<before>\s*(?<quote>['"`]?))(?<bare>[\s\S]*?)(?<after>\k<quote>\s*)$/

/** The value of a setting without its quotes; the last one wins, as in dotenv. */
export function settingOf(text: string, key: string): string | undefined {
  let found: string | undefined
  for (const { groups } of text.matchAll(SETTING)) {
    if (groups?.['key'] === key) found = VALUE.exec(groups['value'] ?? '')?.groups?.['bare']
  }
  return found
}

/** The port of a node by its `.env`, or undefined when there is none that could be listened on. */
export function portOf(text: string): number | undefined {
  const port = Number(settingOf(text, 'PORT'))
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : undefined
}

/**
 * The same text with another PORT. Comments, order, quotes, `export` and line ends stay. Where PORT
 * is set several times each of them is changed; where it is not set a line is added at the end.
 */
export function withPort(text: string, port: number): string {
  if (settingOf(text, 'PORT') === undefined) return withLine(text, `PORT=${port}`)
  return text.replace(SETTING, (setting, ...args) => {
    const {
      head = '',
      key,
      value = '',
      tail = '',
    }: Record<string, string | undefined> = args.at(-1)
    if (key !== 'PORT') return setting
    return head + value.replace(VALUE, `$<before>${port}$<after>`) + tail
  })
}

function withLine(text: string, line: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || text.endsWith('\n') ? '' : lineEnd
  return text + gap + line + lineEnd
}
