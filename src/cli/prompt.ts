/** A question to whoever sits at the terminal. */

import type { Readable, Writable } from 'node:stream'

/** Two ends of one terminal: `process` has them. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
}

/** Whether somebody is there to answer: both ends are a terminal. */
export function hasReader({ stdin, stdout }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

/**
 * Asks, and tells whether the answer is yes: an empty line, `y` or `yes`. Whoever ends the input
 * (Ctrl-D) says no; Ctrl-C ends the process as always.
 */
export function askYes(question: string, { stdin, stdout }: Terminal): Promise<boolean> {
  stdout.write(`${question} [Y/n] `)
  return new Promise((resolve) => {
    // A terminal hands over whole lines.
    const onLine = (line: unknown): void => settle(/^\s*(?:y(?:es)?)?\s*$/i.test(String(line)))
    const onEnd = (): void => {
      stdout.write('\n')
      settle(false)
    }
    const settle = (answer: boolean): void => {
      stdin.off('data', onLine).off('end', onEnd).off('error', onEnd)
      // Or else it keeps the process alive.
      stdin.pause()
      resolve(answer)
    }
    stdin.on('data', onLine).on('end', onEnd).on('error', onEnd)
  })
}
