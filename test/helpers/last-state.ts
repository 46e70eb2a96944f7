/** What programs of tests print of themselves, again and again. */

import type { NodeProcess } from './node-process.ts'

/** What the latest run has printed last behind `state `, which its program writes as JSON. */
export function lastState<State>({ lines }: NodeProcess): State | undefined {
  const line = lines.findLast((one) => one.startsWith('state '))
  return line === undefined ? undefined : JSON.parse(line.slice('state '.length))
}
