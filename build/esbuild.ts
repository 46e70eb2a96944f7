/** esbuild as the bundle, the library and the page use it: a warning is an error. */

import { type BuildOptions, build, formatMessagesSync, type Metafile } from 'esbuild'
import { ToolError } from './command-line.ts'

/** The process of esbuild ended before it was done: somebody has stopped it. */
export class CompilerEndedError extends ToolError {}

/** What esbuild made of one entry. */
export interface Output {
  readonly text: string
  readonly outputs: Metafile['outputs']
}

/** What the bytes must not depend on: the folder of this machine, and files around it. */
const COMMON = {
  bundle: true,
  write: false,
  metafile: true,
  // A node_modules that is a link (git worktrees, tests) must not put its real place into the
  // output.
  preserveSymlinks: true,
  // Or else esbuild obeys whichever tsconfig.json it meets in a folder above.
  tsconfigRaw: {},
  logLevel: 'silent',
} as const satisfies BuildOptions

/**
 * Compiles one entry.
 *
 * @throws {ToolError} when esbuild has an error or as much as a warning
 */
export async function runEsbuild(
  repository: string,
  entry: string,
  options: BuildOptions,
): Promise<Output> {
  const input = { ...options, ...COMMON, absWorkingDir: repository, entryPoints: [entry] }
  const { outputFiles, metafile, warnings } = await build(input).catch((error: unknown) => {
    throw asToolError(error)
  })
  if (warnings.length > 0) {
    throw new ToolError(formatMessagesSync(warnings, { kind: 'warning' }).join(''))
  }
  return { text: outputFiles[0]?.text ?? '', outputs: metafile.outputs }
}

/** The message of esbuild has file and line of each error. */
function asToolError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  // Only the failure of a build has them, see BuildFailure.
  return 'errors' in error ? new ToolError(error.message) : new CompilerEndedError(error.message)
}
