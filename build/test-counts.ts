/**
 * Counts what `npm test` printed, for the last line of .ci/run. Reads ava's report for people, so
 * that the run that is watched is the run that is counted.
 */

import { text } from 'node:stream/consumers'
import { stripVTControlCharacters } from 'node:util'
import { EXIT_USAGE, isEntryPoint, runTool, ToolError } from './command-line.ts'

/** The outcome of a test run. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
}

/** Lines of the summary of ava 7, each of which counts failures. */
const FAILURES =
  /^ {2}(\d+) (?:tests? failed|hooks? failed|tests? remained pending after a timeout)$/gm

/**
 * A file that went wrong as a whole: it has no tests, threw outside of them, exited or never did.
 */
const BROKEN_FILES = [
  /^ *✘ No tests found in (\S+?),?(?: |$)/gm,
  /^ *✘ (\S+) exited (?:due to|with)/gm,
  /^ *✘ Exiting due to process\.exit\(\) when running (\S+)$/gm,
  /^ *✘ Internal error(?: when running (\S+))?$/gm,
  /^ *✘ \d+ tests? remaining in (\S+)$/gm,
  /^ *(?:Uncaught exception|Unhandled rejection) in (\S+)$/gm,
  /^ *Failed to exit when running (\S+)$/gm,
] as const

/**
 * The counts in the output of a test run that ended with this exit code. Each test, each hook and
 * each file that failed counts once. A run that failed without saying why counts as one failure.
 */
export function countTests(output: string, exitCode: number): TestCounts {
  const report = stripVTControlCharacters(output)
  const passed = [...report.matchAll(/^ *✔ (?!\[expected fail\])/gm)].length
  const tests = [...report.matchAll(FAILURES)].reduce((sum, [, count]) => sum + Number(count), 0)
  const files = new Set(
    BROKEN_FILES.flatMap((pattern) => [...report.matchAll(pattern)].map(([, file]) => file)),
  )
  const failed = tests + files.size
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1) }
}

const HELP = `
build/test-counts.ts EXIT_CODE [FAILED]   reads the output of npm test, prints "N passed, N failed"

EXIT_CODE is that of npm test; FAILED other steps are added to the failures.
`

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'test-counts',
    help: HELP,
    operandsMax: 2,
    async run({ operands }) {
      const [exitCode, others = 0] = operands.map(Number)
      if (!Number.isInteger(exitCode) || !Number.isInteger(others)) {
        throw new ToolError('EXIT_CODE and FAILED must be integers, try --help', EXIT_USAGE)
      }
      const { passed, failed } = countTests(await text(process.stdin), exitCode ?? 1)
      console.log(`${passed} passed, ${failed + others} failed`)
      return 0
    },
  })
}
