/** build/test-counts.ts: the last line of .ci/run tells the truth. The texts are those of ava 7. */

import { join } from 'node:path'
import test from 'ava'
import { countTests } from '../../build/test-counts.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { run } from '../tools/run-tool.ts'

/** A report as ava prints it, with its summary. */
function report(lines: readonly string[], passed: number, failed: number): string {
  const summary = ['', '1..9', '# tests 9', `# pass ${passed}`, `# fail ${failed}`, '']
  return ['TAP version 13', ...lines, ...summary].join('\n')
}

test('test counts - passed tests', (t) => {
  const output = report(['ok 1 - a › b', '#   not ok 7', 'ok 2 - a › c'], 2, 0)
  t.deepEqual(countTests(output, 0), { passed: 2, failed: 0 })
})

test('test counts - a test that did not run has not passed', (t) => {
  const output = report(['ok 1 - a', 'ok 2 - b # SKIP', 'not ok 3 - c # TODO'], 1, 1)
  t.deepEqual(countTests(output, 0), { passed: 1, failed: 1 })
})

test('test counts - failed tests, and hooks, which the summary has not', (t) => {
  const lines = [
    'ok 1 - a',
    'not ok 2 - b',
    '  ---',
    '    ok: 1',
    '  ...',
    'not ok 3 - before hook',
  ]
  t.deepEqual(countTests(report(lines, 1, 1), 1), { passed: 1, failed: 2 })
})

test('test counts - tests that never ran are in the summary only', (t) => {
  const lines = ['ok 1 - a', '# 3 tests remaining in test/a.test.ts']
  t.deepEqual(countTests(report(lines, 1, 3), 1), { passed: 1, failed: 3 })
})

test('test counts - files that went wrong as a whole', (t) => {
  const lines = [
    'not ok 1 - No tests found in test/b.test.ts',
    'not ok 2 - test/d.test.ts exited due to SIGKILL',
  ]
  t.deepEqual(countTests(report(lines, 0, 2), 1), { passed: 0, failed: 2 })
})

test('test counts - a runner that ended before its summary is a failure', (t) => {
  t.deepEqual(countTests('ok 1 - a\nnot ok 2 - b\n', 1), { passed: 1, failed: 2 })
})

test('test counts - a crash before any report is a failure', (t) => {
  t.deepEqual(countTests('', 1), { passed: 0, failed: 1 })
  t.deepEqual(countTests(report([], 0, 0), 1), { passed: 0, failed: 1 })
})

test('test counts - several runs, and steps that failed, are added up', async (t) => {
  const folder = temporaryFolder(t, {
    one: report(['ok 1 - a', 'ok 2 - b'], 2, 0),
    other: report(['ok 1 - c', 'not ok 2 - d'], 1, 1),
  })
  const words = ['2', '0', join(folder, 'one'), '1', join(folder, 'other')]
  t.like(await run(t, 'build/test-counts.ts', words), { code: 0, stdout: '3 passed, 3 failed\n' })
  t.like(await run(t, 'build/test-counts.ts', ['x']), { code: 2, stdout: '' })
})
