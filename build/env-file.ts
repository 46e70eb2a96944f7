/**
 * The text of a `.env` file as the tools need it: reads single settings, exactly as a node reads
 * them, and changes PORT without disturbing anything else. Pure text in, text out.
 */

import { envEntries } from '../src/config/env-text.ts'
import { SETTINGS, type Setting } from '../src/config/settings.ts'

/** The value of a setting without its quotes; the last one wins. Empty counts as not set. */
export function settingOf(text: string, key: string): string | undefined {
  const value = envEntries(text)
    .findLast((entry) => entry.key === key)
    ?.value.trim()
  return value === '' ? undefined : value
}

/**
 * What a node would make of a setting; undefined when it is not set, or has a value that a node
 * refuses.
 */
export function parsedSettingOf<T>(text: string, setting: Setting<T>): T | undefined {
  const value = settingOf(text, setting.name)
  const parsed = value === undefined ? undefined : setting.parse(value)
  return parsed?.kind === 'value' ? parsed.value : undefined
}

/**
 * The same text with another PORT. Comments, order, quotes, `export` and line ends stay. Where PORT
 * is set several times each of them is changed; where it is not set a line is added at the end.
 */
export function withPort(text: string, port: number): string {
  const { name } = SETTINGS.port
  const entries = envEntries(text).filter(({ key }) => key === name)
  if (entries.length === 0) return withLine(text, `${name}=${port}`)
  return entries.reduceRight((changed, { start, end }) => {
    // `PORT:` with nothing behind it is a setting, `PORT:4002` is not.
    const space = text[start - 1] === ':' ? ' ' : ''
    return `${changed.slice(0, start)}${space}${port}${changed.slice(end)}`
  }, text)
}

function withLine(text: string, line: string): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
  const gap = text === '' || text.endsWith('\n') ? '' : lineEnd
  return text + gap + line + lineEnd
}
