/** Which file runs, and the words on the command line after it. */

import { realpathSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { type BuiltinModules, seaOf } from './runtime-name.ts'

/** How a process was started; `process` has it. */
export interface Invocation extends BuiltinModules {
  readonly argv: readonly string[]
  /** The first word of the command line, as it was typed. */
  readonly argv0?: string
  readonly execPath: string
}

/** Node, Deno and Bun, also as `nodejs`, `node-22` and `node.exe`. */
const RUNTIME = /^(?:node(?:js)?|deno|bun)[-\d.]*(?:\.exe)?$/i

/**
 * The program's file: in a binary, the binary. A symbolic link is followed: Bun and binaries get
 * only the file that it leads to. Undefined when the runtime got the code from elsewhere, as in
 * `cat index.js | node` or `node -e`.
 */
export function programPath(process: Invocation): string | undefined {
  const file = isBinary(process) ? process.execPath : scriptIn(process.argv)
  return file && realpathSync(file)
}

/** Whether program and runtime are one file, which may have the name of a runtime: `node-1`. */
export function isBinary(process: Invocation): boolean {
  return seaOf(process) !== undefined || !RUNTIME.test(basename(process.execPath))
}

/** Node also runs `node folder` and `node index`, and argv has those words. */
function scriptIn([, script]: readonly string[]): string | undefined {
  if (script === undefined) return undefined
  const path = resolve(script)
  return [path, `${path}.js`, join(path, 'index.js')].find(isFile)
}

/**
 * The words for the program: those after the path of the script, which is never a flag since
 * runtimes make it absolute, or all where there is no script: `node -e … -- --dir PATH`.
 */
export function programWords({ argv }: Pick<Invocation, 'argv'>): readonly string[] {
  return argv.slice(/^-./.test(argv[1] ?? '') ? 1 : 2)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}
