/** What this program is: its name on the command line, its code, its version and its folder. */

import { createHash } from 'node:crypto'
import { basename, dirname, sep } from 'node:path'
import { ownCode } from '../runtime/own-code.ts'
import { type Invocation, programPath } from '../runtime/program-path.ts'
import type { BuiltinModules, RuntimeFacts } from '../runtime/runtime-name.ts'
import { dirMissing } from './errors.ts'

/** The part of `process` that is needed. */
type ProgramFacts = Invocation & Pick<RuntimeFacts, 'versions'>

/** How the program is called, such as `node index.js`, for messages. */
export function programName(process: ProgramFacts): string {
  const { argv, execPath, versions } = process
  if (versions['deno'] !== undefined) return 'deno run … index.js'
  if (versions['bun'] !== undefined) return 'bun index.js'
  // bin/fullmesh.js puts its own name there.
  const [name = ''] = argv
  if (/^(?:npx )?fullmesh$/.test(name)) return name
  return programPath(process) === execPath ? `.${sep}${basename(execPath)}` : 'node index.js'
}

/**
 * SHA-256 of the running code as 64 hex digits; empty when it cannot be read, and then it is not
 * compared.
 */
export function codeDigest(process: Invocation & BuiltinModules): string {
  const code = ownCode(process)
  return code === undefined ? '' : createHash('sha256').update(code).digest('hex')
}

/** @throws {NodeError} CLI_DIR_MISSING when the file of the program cannot be determined */
export function programFolder(process: Invocation): string {
  const path = programPath(process)
  if (path === undefined) throw dirMissing()
  return dirname(path)
}

/** What `--version` shows: the version, the runtime, and the digest of the code. */
export function versionText({
  version,
  runtime,
  platform,
  code,
}: {
  readonly version: string
  readonly runtime: string
  /** Such as `linux-x64`. */
  readonly platform: string
  /** Empty when it cannot be determined. */
  readonly code: string
}): string {
  const digest = code === '' ? 'unknown: the program did not come from a file' : code
  return `fullmesh ${version}\nruntime  ${runtime}, ${platform}\ncode     ${digest}`
}
