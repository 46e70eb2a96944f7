/** Where a command writes to: a terminal, a pipe or a file. */

import type { LogStream } from '../../log/log.ts'

/** A stream that may be a terminal: `process.stdout` is one. */
export type Screen = LogStream & { readonly columns?: number; readonly rows?: number }

/** How long a line may be: what the terminal has, or anything where there is none. */
export function columnsOf({ isTTY, columns }: Screen): number {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : Number.POSITIVE_INFINITY
}
