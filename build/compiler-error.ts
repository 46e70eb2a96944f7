/** Why esbuild gave nothing: what it compiled is wrong, or it did not come to an end. */

import { ToolError } from './command-line.ts'

/** The process of esbuild ended before it was done: somebody has stopped it. */
export class CompilerEndedError extends ToolError {}

/** What esbuild rejected with, as people see it: its message has file and line of each error. */
export function compilerErrorOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  // Only the failure of a build has them, see BuildFailure.
  return 'errors' in error ? new ToolError(error.message) : new CompilerEndedError(error.message)
}
