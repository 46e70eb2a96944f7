/** build/test-files.ts: no test file is lost, and each says what it needs by what it imports. */

import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { ELSEWHERE, groupsOf, modulesOf, needsOf, testFiles } from '../../build/test-files.ts'
import { NEEDS } from '../../build/test-needs.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

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
  const modules = ['test/helpers/lan.ts', 'test/helpers/browser.ts']
  t.deepEqual([...needsOf('test/faults/x.test.ts', modules)].sort(), [
    'Linux',
    'chromium',
    'iproute2',
    'more time',
    'nftables',
    'root',
  ])
  t.deepEqual(needsOf('test/mesh/x.test.ts', ['test/helpers/core.ts']), [])
})

test('test files - a file needs what the helpers of its helpers need', (t) => {
  const folder = temporaryFolder(t, {
    'a.test.ts': "import { b } from './b/b.ts'\nimport type { C } from './c.ts'\n",
    'b/b.ts': "import {\n  d,\n} from '../d.ts'\n",
    'c.ts': '',
    'd.ts': "import { b } from './b/b.ts'\nconst text = \"import '../helpers/lan.ts'\"\n",
  })
  const paths = [...modulesOf(join(folder, 'a.test.ts'))]
  t.deepEqual(
    paths.map((path) => relative(folder, path)),
    [join('b', 'b.ts'), 'd.ts'],
  )
  const soak = FILES.find(({ path }) => path === 'test/faults/soak.test.ts')
  t.true(soak?.needs.includes('nftables'))
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
