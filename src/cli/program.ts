/** What this program is: its name on the command line, its code, its version and its folder. */

import { createHash } from 'node:crypto'
import { basename, dirname, sep } from 'node:path'
import { ownCode } from '../runtime/own-code.ts'
import { type Invocation, programPath } from '../runtime/program-path.ts'
import { type RuntimeFacts, runtimeName } from '../runtime/runtime-name.ts'
import type { BuiltinModules } from '../runtime/sea.ts'
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

/** The folder of the program. @throws {NodeError} CLI_DIR_MISSING when its file is not known */
export function programFolder(process: Invocation): string {
  const path = programPath(process)
  if (path === undefined) throw dirMissing()
  return dirname(path)
}

/** What `--version` shows. */
export interface Version {
  /** Such as `0.1.0`. */
  readonly version: string
  /** As `runtimeName` has it. */
  readonly runtime: string
  /** Such as `linux-x64`. */
  readonly platform: string
  /** The digest of the code, or empty when it is not known. */
  readonly code: string
}

/** The version of the running program. */
export function versionOf(
  process: Invocation & RuntimeFacts & { readonly platform: string; readonly arch: string },
  version: string,
): Version {
  return {
    version,
    runtime: runtimeName(process),
    platform: `${process.platform}-${process.arch}`,
    code: codeDigest(process),
  }
}

/** Three lines: the version, the runtime, and the digest of the code. */
export function versionText({ version, runtime, platform, code }: Version): string {
  const digest = code === '' ? 'unknown: the program did not come from a file' : code
  return `fullmesh ${version}\nruntime  ${runtime}, ${platform}\ncode     ${digest}`
}
