/**
 * `status --watch`: the status anew every second, in place on a terminal, and elsewhere below each
 * other when something changed. Outlives the node that it watches.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { NodeError } from '../../errors/node-error.ts'
import type { Status } from '../../http/status.ts'
import { usesColour } from '../../log/log.ts'
import { printable } from '../../log/printable.ts'
import type { Screen } from './screen.ts'
import { columnsOf } from './screen.ts'
import { statusTable } from './status-table.ts'

/** What watching needs. */
export interface WatchOptions {
  readonly ask: () => Promise<Status>
  readonly stdout: Screen
  readonly env: Readonly<Record<string, string | undefined>>
  /** Ends the watching. */
  readonly signal: AbortSignal
  /** Between one look and the next, in ms. Default {@link LOOK_EVERY_MS}. */
  readonly everyMs?: number
}

/** A change is to be seen within a second or two; to ask more often would cost the node. */
const LOOK_EVERY_MS = 1000

/** DEC private modes of xterm, which all terminals of today have: another screen, no cursor. */
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'

/** To the top left; erase the rest of a line; erase all below (ECMA-48 §8.3). */
const HOME = '\u001b[H'
const ERASE_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** Watches until the signal comes. A terminal is then as it was, with the last picture below. */
export async function watchStatus(options: WatchOptions): Promise<void> {
  const { stdout, signal, everyMs = LOOK_EVERY_MS } = options
  const draw = stdout.isTTY === true ? drawInPlace(options) : drawChanges(options)
  try {
    while (!signal.aborted) {
      draw.show(await look(options.ask))
      await delay(everyMs, undefined, { signal }).catch(() => {})
    }
  } finally {
    draw.end()
  }
}

/** A status, or in one line why there is none. */
type Look = Status | string

async function look(ask: () => Promise<Status>): Promise<Look> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof NodeError) return error.message
    throw error
  }
}

interface Drawing {
  show(seen: Look): void
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
      const now = lastingOf(seen)
      if (now === before) return
      const gap = before === undefined ? '' : '\n'
      before = now
      stdout.write(`${gap}${linesOf(seen, stdout, env).join('\n')}\n`)
    },
    end: () => {},
  }
}

/** What makes a new picture: everything but what runs on by itself. */
function lastingOf(seen: Look): string {
  if (typeof seen === 'string') return seen
  return JSON.stringify(seen, (key, value) =>
    key === 'roundTripMs' || key === 'retryInMs' ? undefined : value,
  )
}

function linesOf(
  seen: Look,
  stdout: Screen,
  env: WatchOptions['env'],
  linesMax = Number.POSITIVE_INFINITY,
): readonly string[] {
  const columns = columnsOf(stdout)
  if (typeof seen === 'string') return [printable(seen)]
  const coloured = usesColour(stdout, env)
  const { head, rows, foot } = statusTable(seen, { columns, coloured, now: new Date() })
  const room = linesMax - head.length - foot.length
  if (rows.length <= room) return [...head, ...rows, ...foot]
  const shown = rows.slice(0, Math.max(0, room - 1))
  return [...head, ...shown, `… and ${rows.length - shown.length} more`, ...foot]
}
