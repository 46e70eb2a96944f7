/** What the operating system or the runtime refuses. */

import { NodeError } from './node-error.ts'

/** The code of an operating system's error, such as `ENOENT`; undefined for anything else. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * The code of a refusal, or else its text.
 *
 * @throws {NodeError} RUNTIME_PERMISSION_MISSING as {@link missingPermission} gives it
 */
export function refusalOf(error: unknown): string {
  const missing = missingPermission(error)
  if (missing !== undefined) throw missing
  return systemCodeOf(error) ?? String(error)
}

/**
 * The operator's error behind what Deno throws when it was started without a permission that a node
 * needs; undefined when it is about something else. Deno names the flag in its message. The
 * system's own refusals can have the second name, too, and name none.
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
