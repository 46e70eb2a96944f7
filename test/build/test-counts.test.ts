/** build/test-counts.ts: the last line of .ci/run tells the truth. The texts are those of ava 7. */

import test from 'ava'
import { countTests } from '../../build/test-counts.ts'

/** A report as ava prints it: each line is indented, and the summary comes after a rule. */
function report(...lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('')
}

test('test counts - passed tests', (t) => {
  const output = report('✔ a › b', '✔ a › c (1.2s)', '─', '', '2 tests passed')
  t.deepEqual(countTests(output, 0), { passed: 2, failed: 0 })
})

test('test counts - colours do not matter', (t) => {
  const output = report('\u001b[32m✔\u001b[39m a', '\u001b[31m1 test failed\u001b[39m')
  t.deepEqual(countTests(output, 1), { passed: 1, failed: 1 })
})

test('test counts - failed tests and hooks', (t) => {
  const output = report(
    '✔ a',
    '✘ [fail]: b Error thrown in test',
    '✘ [fail]: before hook Error',
    '✔ [expected fail] c',
    '1 hook failed',
    '1 test failed',
  )
  t.deepEqual(countTests(output, 1), { passed: 1, failed: 2 })
})

test('test counts - tests that hang', (t) => {
  const output = report(
    '✘ Timed out while running tests',
    '3 tests remained pending after a timeout',
  )
  t.deepEqual(countTests(output, 1), { passed: 0, failed: 3 })
})

test('test counts - a file with several complaints is one failure', (t) => {
  const output = report(
    'Uncaught exception in test/a.test.ts',
    '✘ test/a.test.ts exited with a non-zero exit code: 1',
    '✘ No tests found in test/b.test.ts, make sure to import "ava" at the top of your test file',
    '✘ No tests found in test/c.test.ts',
    '✘ test/d.test.ts exited due to SIGKILL',
    '1 uncaught exception',
  )
  t.deepEqual(countTests(output, 1), { passed: 0, failed: 4 })
})

test('test counts - a crash before any report is a failure', (t) => {
  t.deepEqual(countTests('', 1), { passed: 0, failed: 1 })
  t.deepEqual(countTests('✘ Couldn’t find any files to test', 1), { passed: 0, failed: 1 })
})
