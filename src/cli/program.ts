/** What this program is: its name on the command line, its code, its version and its folder. */

import { createHash } from 'node:crypto'
import { basename, dirname, sep } from 'node:path'
import { NodeError } from '../errors/node-error.ts'
import { readOwnCode } from '../runtime/own-code.ts'
import { type Invocation, isBinary, programPath } from '../runtime/program-path.ts'
import type { RuntimeFacts } from '../runtime/runtime-name.ts'

/** How the program is called, such as `node index.js`, for messages. */
export function programName(process: Invocation & Pick<RuntimeFacts, 'versions'>): string {
  const { argv, execPath, versions } = process
  if (versions['deno'] !== undefined) return 'deno run … index.js'
  if (versions['bun'] !== undefined) return 'bun index.js'
  // bin/fullmesh.js puts its own name there.
  const [name = ''] = argv
  if (/^(?:npx )?fullmesh$/.test(name)) return name
  if (!isBinary(process)) return 'node index.js'
  // What the shell found on PATH was typed without a folder.
  const { argv0 = execPath } = process
  return basename(argv0) === argv0 ? argv0 : `.${sep}${basename(execPath)}`
}

/**
 * SHA-256 of the running code as 64 hex digits; empty when it cannot be read, and then it is not
 * compared.
 */
export function codeDigest(process: Invocation): string {
  const hash = createHash('sha256')
  return readOwnCode(process, (piece) => hash.update(piece)) ? hash.digest('hex') : ''
}

/** @throws {NodeError} CLI_DIR_MISSING when the file of the program cannot be determined */
export function programFolder(process: Invocation): string {
  const path = programPath(process)
  if (path !== undefined) return dirname(path)
  // The program came through a pipe or from `node -e`.
  const message = 'cannot determine the program file; set the node folder with --dir PATH'
  throw new NodeError('CLI_DIR_MISSING', message)
}

/** What `--version` shows. `code` is empty when it cannot be determined. */
export function versionText(
  facts: Readonly<Record<'version' | 'runtime' | 'platform' | 'code', string>>,
): string {
  const { version, runtime, platform, code } = facts
  const digest = code === '' ? 'unknown: the program did not come from a file' : code
  return `fullmesh ${version}\nruntime  ${runtime}, ${platform}\ncode     ${digest}`
}
