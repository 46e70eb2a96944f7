/**
 * What a node prints: one line an event. Warnings and errors go to standard error, the rest to
 * standard output.
 */

import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { NodeEvent } from './events.ts'
import { type LogLine, logLineFor, type Tone } from './log-messages.ts'
import { LogRateLimit } from './log-rate-limit.ts'
import { printable, printableJson } from './printable.ts'

/** How much is printed: each level holds those before it. `silent` prints nothing. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

export type LogLevel = (typeof LOG_LEVELS)[number]

/** How a line is printed: as a sentence for people, or as a JSON object for programs. */
export const LOG_FORMATS = ['text', 'json'] as const

export type LogFormat = (typeof LOG_FORMATS)[number]

/** A stream to print to: `process.stdout` and `process.stderr` are two. */
export type LogStream = Writable & { readonly isTTY?: boolean }

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  readonly stdout: LogStream
  readonly stderr: LogStream
  /** For NO_COLOR (no-color.org), FORCE_COLOR and TERM. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly now: () => Date
}

/**
 * Bytes that a slow reader of a pipe may leave unread before further lines are dropped. Larger:
 * only memory. Where writing blocks (a terminal after Ctrl-S, a file, on Deno a pipe, too), a
 * reader that pauses also pauses the node, and its peers close their links to it as silent.
 */
const UNREAD_BYTES_MAX = 1024 * 1024

export type Log = (event: NodeEvent) => void

/** A style, or several, as `styleText` has them. */
export type Style = Parameters<typeof styleText>[0]

const STYLES: Readonly<Record<Tone, Style | undefined>> = {
  good: 'green',
  bad: 'yellow',
  problem: 'red',
  detail: 'dim',
  plain: undefined,
}

/**
 * A log on two streams: a function that prints the line for an event, unless the level hides it,
 * and never throws. A stream whose reader has ended (`node index.js | head`) gets no more lines,
 * and the node goes on: others in the mesh depend on it.
 */
export function createLog(options: LogOptions): Log {
  const { level, format, stdout, stderr, env, now } = options
  for (const stream of [stdout, stderr]) {
    // Without a listener the error of a closed pipe (EPIPE) or a full disk would end the node with
    // a stack.
    stream.on('error', () => {})
  }
  const rank = LOG_LEVELS.indexOf(level)
  const rateLimit = new LogRateLimit()
  return (event) => {
    const line = logLineFor(event)
    if (LOG_LEVELS.indexOf(line.level) > rank) return
    // Not the wall clock: set back by a year, it would suppress a key for a year.
    const suppressed = line.rateLimit ? rateLimit.admit(line.rateLimit, monotonicMs()) : 0
    if (suppressed === undefined) return
    const printed = { at: now(), line, suppressed }
    const stream = line.level === 'error' || line.level === 'warn' ? stderr : stdout
    const isJson = format === 'json'
    print(isJson ? jsonLine(printed, event) : textLine(printed, usesColour(stream, env)), stream)
  }
}

/** A line, and how many of its key were suppressed since the last one. */
export interface PrintedLine {
  readonly at: Date
  readonly line: LogLine
  readonly suppressed: number
}

/** A line for people. */
export function textLine({ at, line, suppressed }: PrintedLine, colour: boolean): string {
  const time = timeOfDay(at)
  const more = suppressed === 0 ? '' : `; ${suppressed} more like this suppressed`
  const text = `${printable(line.text)}${more}`
  return colour ? `${styled('dim', time)} ${styled(STYLES[line.tone], text)}` : `${time} ${text}`
}

/** A line for programs: a JSON object with the fields of its event. */
function jsonLine({ at, line, suppressed }: PrintedLine, { kind, ...fields }: NodeEvent): string {
  return printableJson({
    time: at.toISOString(),
    level: line.level,
    event: kind,
    ...fields,
    ...(suppressed > 0 && { suppressed }),
  })
}

/**
 * Whether to colour what goes to a stream. FORCE_COLOR decides when it is set, `0` against; then
 * NO_COLOR; then the stream.
 */
export function usesColour(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const forced = env['FORCE_COLOR'] ?? ''
  if (forced !== '') return forced !== '0'
  return stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
}

function print(line: string, stream: LogStream): void {
  if (!stream.writable || stream.writableLength > UNREAD_BYTES_MAX) return
  try {
    stream.write(`${line}\n`)
  } catch {
    // Deno throws what Node gives to the listener, such as ENOSPC.
  }
}

/** Local time as `HH:MM:SS`, on every runtime and in every locale. */
export function timeOfDay(at: Date): string {
  return at.toTimeString().slice(0, 'HH:MM:SS'.length)
}

/**
 * Text in a style, or as it is. Whether to colour was decided by {@link usesColour}; newer Nodes
 * would else ask process.stdout again.
 */
export function styled(style: Style | undefined, text: string): string {
  return style === undefined ? text : styleText(style, text, { validateStream: false })
}
