/**
 * `status --watch`: requests the status every second; redraws it in place on a terminal, and prints
 * it elsewhere when it changed. Goes on when the node stops.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { NodeError } from '../../errors/node-error.ts'
import type { Status } from '../../http/status.ts'
import { type LogStream, usesColour } from '../../log/log.ts'
import { printable } from '../../log/printable.ts'
import { statusTable } from './status-table.ts'

/** A terminal, a pipe or a file: `process.stdout` is one. */
export type Screen = LogStream & { readonly columns?: number; readonly rows?: number }

export interface WatchOptions {
  readonly request: () => Promise<Status>
  readonly stdout: Screen
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends the watching. */
  readonly signal: AbortSignal
  /** Between two requests, in ms. Default {@link REFRESH_MS}. */
  readonly everyMs?: number
}

/** A change shows within a second or two. Smaller: more load on the node. */
const REFRESH_MS = 1000

/** DEC private modes of xterm, which all terminals support: another screen, no cursor. */
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'

/** To the top left; erase the rest of a line; erase all below (ECMA-48 §8.3). */
const HOME = '\u001b[H'
const ERASE_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** Watches until the signal. Restores the terminal, and prints the last status below. */
export async function watchStatus(options: WatchOptions): Promise<void> {
  const { stdout, signal, everyMs = REFRESH_MS } = options
  const draw = stdout.isTTY === true ? drawInPlace(options) : drawChanges(options)
  try {
    while (!signal.aborted) {
      draw.show(await statusOrProblem(options.request))
      await delay(everyMs, undefined, { signal }).catch(() => {})
    }
  } finally {
    draw.end()
  }
}

/** A status, or in one line why there is none. */
type StatusOrProblem = Status | string

async function statusOrProblem(request: () => Promise<Status>): Promise<StatusOrProblem> {
  try {
    return await request()
  } catch (error) {
    if (error instanceof NodeError) return error.message
    throw error
  }
}

interface Drawing {
  show(seen: StatusOrProblem): void
  end(): void
}

function drawInPlace({ stdout, env }: WatchOptions): Drawing {
  let last: readonly string[] = []
  stdout.write(ENTER)
  return {
    show: (seen) => {
      last = linesOf(seen, stdout, env, stdout.rows ?? Number.POSITIVE_INFINITY)
      const lines = last.map((line) => `${line}${ERASE_LINE}`)
      stdout.write(`${HOME}${lines.join('\r\n')}${ERASE_BELOW}`)
    },
    end: () => {
      stdout.write(`${LEAVE}${last.map((line) => `${line}\n`).join('')}`)
    },
  }
}

function drawChanges({ stdout, env }: WatchOptions): Drawing {
  let before: string | undefined
  return {
    show: (seen) => {
      const now = comparable(seen)
      if (now === before) return
      const gap = before === undefined ? '' : '\n'
      before = now
      stdout.write(`${gap}${linesOf(seen, stdout, env).join('\n')}\n`)
    },
    end: () => {},
  }
}

/** Two statuses that differ only in times that pass are equal. */
function comparable(seen: StatusOrProblem): string {
  if (typeof seen === 'string') return seen
  return JSON.stringify(seen, (key, value) =>
    key === 'roundTripMs' || key === 'retryInMs' ? undefined : value,
  )
}

/** A status as a table, or the line that explains why there is none. */
export function linesOf(
  seen: StatusOrProblem,
  stdout: Screen,
  env: WatchOptions['env'],
  linesMax = Number.POSITIVE_INFINITY,
): readonly string[] {
  if (typeof seen === 'string') return [printable(seen)]
  const { isTTY, columns: width = 0 } = stdout
  const columns = isTTY === true && width > 0 ? width : Number.POSITIVE_INFINITY
  const coloured = usesColour(stdout, env)
  const { head, rows, foot } = statusTable(seen, { columns, coloured, now: new Date() })
  const room = linesMax - head.length - foot.length
  if (rows.length <= room) return [...head, ...rows, ...foot]
  const shown = rows.slice(0, Math.max(0, room - 1))
  return [...head, ...shown, `… and ${rows.length - shown.length} more`, ...foot]
}
