/** What a test expects of an error that an operator sees. */

import type { ExecutionContext } from 'ava'
import { NodeError, type NodeErrorCode } from '../../src/errors/node-error.ts'

/**
 * Asserts that `act` throws a NodeError of this code, that its message is one line of the house
 * style (STYLE.md), and that it says each of `facts`, which are what the operator needs. Gives the
 * error for more.
 */
export function throwsNodeError(
  t: ExecutionContext,
  act: () => unknown,
  code: NodeErrorCode,
  ...facts: readonly string[]
): NodeError {
  const error = t.throws(act)
  if (!(error instanceof NodeError)) throw error
  t.is(error.code, code)
  t.regex(
    error.message,
    /^[\x20-\x7e\u00a0-\uffff]+[^.]$/,
    'one printable line without a full stop',
  )
  for (const fact of facts) {
    t.true(error.message.includes(fact), `'${error.message}' should say: ${fact}`)
  }
  return error
}
