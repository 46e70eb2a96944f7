/** What Deno throws when it was started without a permission that a node needs. */

import { NodeError } from './node-error.ts'

/**
 * The operator's error behind this one; undefined when it is about something else. Deno names the
 * flag in its message. The system's own refusals can have the second name, too, and name none.
 */
export function missingPermission(error: unknown): NodeError | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name !== 'NotCapable' && error.name !== 'PermissionDenied') return undefined
  const [, need, flag] =
    /^Requires (.*), run again with the (--allow-[a-z]+) flag/.exec(error.message) ?? []
  if (need === undefined || flag === undefined) return undefined
  const writing = flag === '--allow-write' ? ' --allow-write=.' : ''
  const flags = `--allow-net --allow-read=.${writing} --ignore-env index.js`
  const message = `${flag} is missing, for this node requires ${need}; run it with deno run ${flags}`
  return new NodeError('RUNTIME_PERMISSION_MISSING', message, { cause: error })
}
