/** Counts the tests of runs whose reports are TAP, for the last line of .ci/run. */

import { readFileSync } from 'node:fs'
import { EXIT_USAGE, isEntryPoint, runTool, ToolError } from './command-line.ts'

export interface TestCounts {
  readonly passed: number
  readonly failed: number
}

/**
 * The counts of a run with this report and exit code. What failed besides tests (a hook, a whole
 * file) has a line of its own; what never ran is only in the summary, so the larger count is taken.
 * A run that failed without a line for it counts as one failure, and so does a runner that ended
 * before its summary.
 */
export function countTests(report: string, exitCode: number): TestCounts {
  const count = (pattern: RegExp): number => [...report.matchAll(pattern)].length
  const passed = count(/^ok \d+(?!.* # (?:SKIP|TODO)$)/gm)
  const sums = [...report.matchAll(/^# fail (\d+)$/gm)].map(([, summed]) => Number(summed))
  const failed = Math.max(count(/^not ok \d+/gm) + (sums.length === 0 ? 1 : 0), ...sums)
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1) }
}

const HELP = `
build/test-counts.ts FAILED [EXIT_CODE REPORT] …   prints "N passed, N failed"

FAILED other steps are added to the failures. Each run has an EXIT_CODE, and a file with its
REPORT, which is TAP.
`

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'test-counts',
    help: HELP,
    operandsMax: Number.POSITIVE_INFINITY,
    run({ operands: [failedSteps, ...runs] }) {
      let [passed, failed] = [0, integer(failedSteps)]
      for (let index = 0; index < runs.length; index += 2) {
        const report = readFileSync(runs[index + 1] ?? '', 'utf8')
        const counts = countTests(report, integer(runs[index]))
        passed += counts.passed
        failed += counts.failed
      }
      console.log(`${passed} passed, ${failed} failed`)
      return 0
    },
  })
}

function integer(word = ''): number {
  if (/^\d+$/.test(word)) return Number(word)
  throw new ToolError(`'${word}' must be an integer, try --help`, EXIT_USAGE)
}
