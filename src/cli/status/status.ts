/** `status`: shows the status of the running node of a folder, once or every second. */

import type { Status } from '../../http/status.ts'
import { type LogStream, usesColour } from '../../log/log.ts'
import { escapedJson, printable } from '../../log/printable.ts'
import { delay } from '../../runtime/on-demand.ts'
import type { StatusForm } from '../arguments.ts'
import type { NodePlace } from '../node-request.ts'
import { requestStatus, statusOrProblem } from './status-request.ts'
import { statusTable } from './status-table.ts'

/** A terminal, a pipe or a file: `process.stdout` is one. */
export type Screen = LogStream & { readonly columns?: number; readonly rows?: number }

export interface WatchOptions {
  readonly request: () => Promise<Status>
  readonly stdout: Screen
  readonly env: Readonly<Record<string, string | undefined>>
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

export interface StatusOptions extends Pick<WatchOptions, 'stdout' | 'env' | 'signal'> {
  readonly config: NodePlace
  readonly program: string
  readonly form: StatusForm
}

/**
 * Shows the status, and gives the exit code: 0 when the node is complete or watching ended, else 1.
 *
 * @throws {NodeError} STATUS_… when there is no status; `watch` shows the reason and goes on.
 */
export async function status(options: StatusOptions): Promise<0 | 1> {
  const { config, program, form, stdout, env, signal } = options
  if (form === 'watch') {
    const request = async () => (await requestStatus(config, program)).status
    await watchStatus({ request, stdout, env, signal })
    return 0
  }
  const { document, status } = await requestStatus(config, program)
  const lines =
    form === 'json'
      ? JSON.stringify(document, null, 2).split('\n').map(escapedJson)
      : linesOf(status, stdout, env)
  stdout.write(`${lines.join('\n')}\n`)
  return status.complete ? 0 : 1
}

/**
 * Watches until the signal. Redraws in place on a terminal, which it restores, and prints the last
 * status below; elsewhere prints what changed.
 */
export async function watchStatus(options: WatchOptions): Promise<void> {
  const { request, stdout, env, signal, everyMs = REFRESH_MS } = options
  const inPlace = stdout.isTTY === true
  let lines: readonly string[] = []
  let before: string | undefined
  if (inPlace) stdout.write(ENTER)
  try {
    while (!signal.aborted) {
      const seen = await statusOrProblem(request)
      const now = comparable(seen)
      if (inPlace) {
        lines = linesOf(seen, stdout, env, stdout.rows)
        const erased = lines.map((line) => `${line}${ERASE_LINE}`)
        stdout.write(`${HOME}${erased.join('\r\n')}${ERASE_BELOW}`)
      } else if (now !== before) {
        const gap = before === undefined ? '' : '\n'
        stdout.write(`${gap}${linesOf(seen, stdout, env).join('\n')}\n`)
      }
      before = now
      await delay(everyMs, signal).catch(() => {})
    }
  } finally {
    if (inPlace) stdout.write(`${LEAVE}${lines.map((line) => `${line}\n`).join('')}`)
  }
}

/** Two statuses that differ only in times that pass are equal. */
function comparable(seen: Status | string): string {
  const passing = ['roundTripMs', 'retryInMs', 'asked', 'answeredAt', 'lag']
  return JSON.stringify(seen, (key, value) => (passing.includes(key) ? undefined : value))
}

/** A status as a table, or the line that explains why there is none. */
function linesOf(
  seen: Status | string,
  stdout: Screen,
  env: WatchOptions['env'],
  lines = Number.POSITIVE_INFINITY,
): readonly string[] {
  if (typeof seen === 'string') return [printable(seen)]
  const { isTTY, columns: width = 0 } = stdout
  const columns = isTTY === true && width > 0 ? width : Number.POSITIVE_INFINITY
  return statusTable(seen, { columns, lines, coloured: usesColour(stdout, env), now: new Date() })
}
