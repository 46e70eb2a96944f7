/** A close code in words: a bare number such as 4001 looks like a port. */

import { ABNORMAL_CLOSURE } from '../../../src/wire/close-codes.ts'

/** Such as `close code 4001 (duplicate)`. */
export function closeCodeText(code: number, reason: string): string {
  const why = code === ABNORMAL_CLOSURE ? 'no close frame' : reason
  return `close code ${code}${why === '' ? '' : ` (${why})`}`
}

/** A line of a trace, with its close code in words. */
export function withCloseCode(line: string): string {
  return line.replace(
    /^((?:<- link-closed|close) #\d+) (\d+) '(.*)'$/s,
    (_line, start: string, code: string, reason: string) =>
      `${start} with ${closeCodeText(Number(code), reason)}`,
  )
}
