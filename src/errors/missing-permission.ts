/**
 * What Deno says when it was started without a permission that a node needs. Node has none by
 * default.
 */

import { NodeError } from './node-error.ts'

/**
 * The operator's error behind this one, or undefined when it is about something else. Deno names
 * the flag in its message. The system's own refusals, which have the second name too, name none.
 */
export function missingPermission(error: unknown): NodeError | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name !== 'NotCapable' && error.name !== 'PermissionDenied') return undefined
  const [, need, flag] =
    /^Requires (.*), run again with the (--allow-[a-z]+) flag/.exec(error.message) ?? []
  if (need === undefined || flag === undefined) return undefined
  return NodeError.permissionMissing({ flag, need, cause: error })
}
