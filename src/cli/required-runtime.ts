/**
 * Ends the program on a runtime that is too old. To be imported before all else: other modules call
 * what such a runtime lacks while they are loaded.
 */

import { runtimeProblem } from '../runtime/oldest-runtimes.ts'

const problem = runtimeProblem(process.versions)
if (problem !== undefined) {
  console.error(problem)
  process.exit(2)
}
