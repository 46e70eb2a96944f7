/**
 * What a node prints: one line an entry, with the time, in colour on a terminal and plain in a
 * pipe. Standard output holds what happens, standard error what somebody should look at. Knows
 * nothing of the mesh.
 */

import type { Writable } from 'node:stream'
import { styleText } from 'node:util'
import { monotonicMs } from '../runtime/monotonic.ts'
import { LogRateLimit } from './log-rate-limit.ts'
import { printable } from './printable.ts'

/** How much is printed: each level holds those before it. `silent` prints nothing. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const

/** One of {@link LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** How a line is printed: as a sentence for people, or as a JSON object for programs. */
export const LOG_FORMATS = ['text', 'json'] as const

/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number]

/**
 * How an entry looks in colour: `good` and `bad` news, a `problem` to look at, a `detail` to
 * overlook, or `plain`.
 */
export type Tone = 'good' | 'bad' | 'problem' | 'detail' | 'plain'

/** One entry. */
export interface LogEntry {
  readonly level: Exclude<LogLevel, 'silent'>
  readonly tone: Tone
  /** One line. Control characters in it are escaped. */
  readonly text: string
  /**
   * What it comes from, when others can make it come often: such lines are held back
   * (log-rate-limit.ts).
   */
  readonly cause?: string
  /** How many lines of that cause are printed a minute. Default 1. */
  readonly linesMax?: number
}

/** Prints an entry, or not when the level hides it. Never throws. */
export type Log = (entry: LogEntry) => void

/** A stream to print to: `process.stdout` and `process.stderr` are two. */
export type LogStream = Writable & { readonly isTTY?: boolean }

/** What {@link createLog} needs. */
export interface LogOptions {
  readonly level: LogLevel
  readonly stdout: LogStream
  readonly stderr: LogStream
  /** For NO_COLOR (no-color.org), FORCE_COLOR and TERM. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The time to print. */
  readonly now: () => Date
}

/**
 * Lines that a slow reader of a pipe may leave unread, in bytes, before further ones are dropped.
 * Larger: only memory. It helps where writing to a pipe does not wait, as on Node on POSIX. Where
 * it does wait, nothing here can help: a reader that stopped reading stops the whole node, and its
 * peers give it up as silent. Writing waits on a terminal (Ctrl-S), to a file, and on Deno to a
 * pipe, too.
 */
const UNREAD_BYTES_MAX = 1024 * 1024

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
 * A log on two streams. A stream whose reader is gone (`node index.js | head`) stays silent from
 * then on, and the node runs on: others in the mesh rely on it, and its output is only for looking
 * at.
 */
export function createLog({ level, stdout, stderr, env, now }: LogOptions): Log {
  const printers = { stdout: printerFor(stdout, env), stderr: printerFor(stderr, env) }
  const rank = LOG_LEVELS.indexOf(level)
  const rateLimit = new LogRateLimit()
  return (entry) => {
    if (LOG_LEVELS.indexOf(entry.level) > rank) return
    // Not the time on the wall: set back by a year, that clock would silence a cause for a year.
    const nowMs = monotonicMs()
    const { cause, linesMax } = entry
    const heldBack = cause === undefined ? 0 : rateLimit.admit(cause, nowMs, linesMax)
    if (heldBack === undefined) return
    const at = now()
    const text = heldBack === 0 ? entry.text : `${entry.text}, and ${heldBack} more like it before`
    const isTrouble = entry.level === 'error' || entry.level === 'warn'
    const print = isTrouble ? printers.stderr : printers.stdout
    print(at, { ...entry, text })
  }
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

function printerFor(
  stream: LogStream,
  env: Readonly<Record<string, string | undefined>>,
): (at: Date, entry: LogEntry) => void {
  const coloured = usesColour(stream, env)
  // Without a listener the error of a closed pipe (EPIPE) or a full disk would end the node with a
  // stack.
  stream.on('error', () => {})
  return (at, entry) => {
    if (!stream.writable || stream.writableLength > UNREAD_BYTES_MAX) return
    const time = timeOfDay(at)
    const text = printable(entry.text)
    const line = coloured
      ? `${styled('dim', time)} ${styled(STYLES[entry.tone], text)}`
      : `${time} ${text}`
    try {
      stream.write(`${line}\n`)
    } catch {
      // Deno throws what Node tells the listener, such as ENOSPC when the log is a file on a full
      // disk.
    }
  }
}

/**
 * Local time as `HH:MM:SS`: what the clock on the wall shows, on every runtime and in every locale.
 */
export function timeOfDay(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/**
 * Text in a style, or as it is. Whether to colour was decided by {@link usesColour}; newer Nodes
 * would else ask process.stdout again.
 */
export function styled(style: Style | undefined, text: string): string {
  return style === undefined ? text : styleText(style, text, { validateStream: false })
}
