/** What the operating system or the runtime refuses. */

import { NodeError } from './node-error.ts'

/** The code of an operating system's error, such as `ENOENT`; undefined for anything else. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

export const NO_TLS = 'does not speak TLS'

/** What is wrong with TLS, as a line for people; undefined for any other error. */
export function tlsProblemOf(error: unknown): string | undefined {
  const code = systemCodeOf(error) ?? ''
  if (code !== 'EPROTO' && !code.startsWith('ERR_SSL_')) return undefined
  // Where OpenSSL found it, which file of it, and a number in front.
  const [, reason = textOf(error)] = /error:[^:]*:[^:]*:[^:]*:([^:\n]+)/.exec(textOf(error)) ?? []
  if (/wrong.version.number|packet.length.too.long/i.test(reason)) return NO_TLS
  return `TLS failed: ${reason}`
}

/** The text of whatever was thrown. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : stringOf(error)
}

/** `String` of whatever was thrown, also of what has no string. */
export function stringOf(error: unknown): string {
  try {
    return String(error)
  } catch {
    return Object.prototype.toString.call(error)
  }
}

/**
 * The code of a refusal, or else its text.
 *
 * @throws {NodeError} RUNTIME_… as {@link processProblem} gives it
 */
export function refusalOf(error: unknown): string {
  const problem = processProblem(error)
  if (problem !== undefined) throw problem
  return systemCodeOf(error) ?? String(error)
}

/**
 * The operator's error when this process may not do, or has too little for, what every node does:
 * RUNTIME_PERMISSION_MISSING or RUNTIME_NO_DESCRIPTORS. Undefined for any other error.
 */
export function processProblem(error: unknown): NodeError | undefined {
  const code = systemCodeOf(error)
  if (code !== 'EMFILE' && code !== 'ENFILE') return missingPermission(error)
  const limit = code === 'EMFILE' ? descriptorLimit() : ''
  const message = `no file descriptors left${limit}; raise the limit before the node starts (ulimit -n 4096)`
  return new NodeError('RUNTIME_NO_DESCRIPTORS', message, { exitCode: 1, cause: error })
}

/** The limit of this process, for a message. Not from /proc: a file needs a descriptor. */
function descriptorLimit(): string {
  try {
    const report = JSON.stringify(process.report.getReport())
    const limit = /"open_files":\{"soft":(\d+)/.exec(report)?.[1]
    return limit === undefined ? '' : `, this process may have ${limit}`
  } catch {
    // Deno asks for a permission.
    return ''
  }
}

/**
 * The operator's error behind what Deno throws when it was started without a permission that a node
 * needs; undefined when it is about something else. Deno names the flag in its message. The
 * system's own refusals can have the second name, too, and name none.
 */
function missingPermission(error: unknown): NodeError | undefined {
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
