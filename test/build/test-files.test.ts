/** build/test-files.ts: no test file is lost, and each says what it needs by what it imports. */

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { ELSEWHERE, groupsOf, needsOf, testFiles } from '../../build/test-files.ts'
import { NEEDS } from '../../build/test-needs.ts'

const FILES = testFiles(REPOSITORY)

test('test files - each is in one group, or alone', (t) => {
  const sorted = groupsOf(FILES)
    .flatMap(({ paths }) => paths)
    .sort()
  t.deepEqual(
    sorted,
    FILES.map(({ path }) => path),
  )
  t.true(FILES.some(({ path }) => path === 'test/build/test-files.test.ts'))
})

test('test files - a file needs what its helpers need, and its folder', (t) => {
  const text = "import { Lan } from '../helpers/lan.ts'\n} from '../helpers/browser.ts'\n"
  t.deepEqual([...needsOf('test/faults/x.test.ts', text)].sort(), [
    'Linux',
    'chromium',
    'iproute2',
    'more time',
    'nftables',
    'root',
  ])
  t.deepEqual(
    needsOf('test/mesh/x.test.ts', "import { driveBounded } from '../helpers/core.ts'\n"),
    [],
  )
})

test('test files - each need is that of some file', (t) => {
  const needed = new Set(FILES.flatMap(({ needs }) => needs))
  t.deepEqual([...needed].sort(), Object.keys(NEEDS).sort())
})

test('test files - what runs together exists', (t) => {
  const groups = groupsOf(FILES)
  t.true(groups.length > 1)
  for (const path of groups.flatMap(({ paths }) => paths)) {
    t.true(existsSync(join(REPOSITORY, path)), path)
  }
})

test('test files - what npm test and test:more leave out, a job runs', (t) => {
  const workflow = readFileSync(join(REPOSITORY, '.github/workflows/ci.yml'), 'utf8')
  const paths = FILES.map(({ path }) => path)
  for (const path of ELSEWHERE) {
    t.true(existsSync(join(REPOSITORY, path)) && !paths.includes(path), path)
    t.true(workflow.includes(`- run: npx ava ${path}\n`), path)
  }
})
