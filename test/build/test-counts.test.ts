/** .ci/count: the last line of .ci/run is right. The texts are those of ava 7. */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** A report as ava prints it, with its summary. */
function report(lines: readonly string[], passed: number, failed: number): string {
  const summary = ['', '1..9', '# tests 9', `# pass ${passed}`, `# fail ${failed}`, '']
  return ['TAP version 13', ...lines, ...summary].join('\n')
}

/** What it prints of failed steps, and of runs with such exit codes and reports. */
function count(
  t: ExecutionContext,
  failed: string,
  ...runs: readonly (readonly [report: string, exitCode: number])[]
): string {
  const folder = temporaryFolder(t)
  const words = runs.flatMap(([text, exitCode], index) => {
    const path = join(folder, `${index}`)
    writeFileSync(path, text)
    return [`${exitCode}`, path]
  })
  const { stdout } = spawnSync(join(REPOSITORY, '.ci/count'), [failed, ...words])
  return `${stdout}`
}

test('test counts - passed tests', (t) => {
  const output = report(['ok 1 - a › b', '#   not ok 7', 'ok 2 - a › c'], 2, 0)
  t.is(count(t, '0', [output, 0]), '2 passed, 0 failed\n')
})

test('test counts - a test that did not run has not passed', (t) => {
  const output = report(['ok 1 - a', 'ok 2 - b # SKIP', 'not ok 3 - c # TODO'], 1, 1)
  t.is(count(t, '0', [output, 0]), '1 passed, 1 failed\n')
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
  t.is(count(t, '0', [report(lines, 1, 1), 1]), '1 passed, 2 failed\n')
})

test('test counts - tests that never ran are in the summary only', (t) => {
  const lines = ['ok 1 - a', '# 3 tests remaining in test/a.test.ts']
  t.is(count(t, '0', [report(lines, 1, 3), 1]), '1 passed, 3 failed\n')
})

test('test counts - files that went wrong as a whole', (t) => {
  const lines = [
    'not ok 1 - No tests found in test/b.test.ts',
    'not ok 2 - test/d.test.ts exited due to SIGKILL',
  ]
  t.is(count(t, '0', [report(lines, 0, 2), 1]), '0 passed, 2 failed\n')
})

test('test counts - a runner that ended before its summary is a failure', (t) => {
  t.is(count(t, '0', ['ok 1 - a\nnot ok 2 - b\n', 1]), '1 passed, 2 failed\n')
})

test('test counts - a crash before any report is a failure', (t) => {
  t.is(count(t, '0', ['', 1]), '0 passed, 1 failed\n')
  t.is(count(t, '0', [report([], 0, 0), 1]), '0 passed, 1 failed\n')
})

test('test counts - several runs, and steps that failed, are added up', (t) => {
  const one = report(['ok 1 - a', 'ok 2 - b'], 2, 0)
  const other = report(['ok 1 - c', 'not ok 2 - d'], 1, 1)
  t.is(count(t, '2', [one, 0], [other, 1]), '3 passed, 3 failed\n')
  t.is(count(t, '0'), '0 passed, 0 failed\n')
  t.is(count(t, 'x'), '')
})
