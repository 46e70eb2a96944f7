/** Which file runs, and the words on the command line after it. */

import { statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

/** How a process was started; `process` has it. */
export interface Invocation {
  readonly argv: readonly string[]
  readonly execPath: string
}

/** Node, Deno and Bun, also as `nodejs`, `node-22` and `node.exe`. */
const RUNTIME = /^(?:node(?:js)?|deno|bun)[-\d.]*(?:\.exe)?$/i

/**
 * The program's file: in a binary, the binary. Undefined when the runtime got the code from
 * elsewhere, as in `cat index.js | node` or `node -e`. Node also runs `node folder` and
 * `node index`, and argv has those words.
 */
export function programPath({ argv, execPath }: Invocation): string | undefined {
  if (!RUNTIME.test(basename(execPath))) return execPath
  const script = argv[1]
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
