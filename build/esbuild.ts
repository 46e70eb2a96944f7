/** esbuild as the bundle, the library and the page use it: a warning is an error. */

import { type BuildOptions, build, formatMessagesSync, type Metafile } from 'esbuild'
import { ToolError } from './command-line.ts'

/** The process of esbuild ended early: a signal stopped it. */
export class CompilerEndedError extends ToolError {}

interface Output {
  readonly text: string
  readonly outputs: Metafile['outputs']
}

/** The output must not depend on the folder of the repository, nor on files around it. */
const COMMON = {
  bundle: true,
  write: false,
  metafile: true,
  // The real path of a linked node_modules (git worktrees, tests) must not enter the output.
  preserveSymlinks: true,
  // Otherwise esbuild uses any tsconfig.json in a folder above.
  tsconfigRaw: {},
  logLevel: 'silent',
} as const satisfies BuildOptions

/**
 * Compiles one entry.
 *
 * @throws {ToolError} when esbuild has an error or a warning
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
  // Only BuildFailure has this field.
  return 'errors' in error ? new ToolError(error.message) : new CompilerEndedError(error.message)
}
