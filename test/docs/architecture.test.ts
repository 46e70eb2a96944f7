/** docs/ARCHITECTURE.md has a row for each folder, and no more than a reader can remember. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { read, rowsIn, section } from './markdown.ts'

const PAGE = 'docs/ARCHITECTURE.md'

function foldersIn(path: string): readonly string[] {
  return readdirSync(join(REPOSITORY, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${path}/${name}`)
}

test('architecture - the table has every folder of src/ and of the core, in 15 rows', (t) => {
  const rows = rowsIn(section(PAGE, 'Folders'))
  t.true(rows.length <= 15, `${rows.length}`)
  const named = rows.flatMap(([folders = '']) => folders.split(', '))
  const folders = [...foldersIn('src'), ...foldersIn('src/mesh'), 'build', 'bench', 'test']
  t.deepEqual(named.toSorted(), folders.map((folder) => `\`${folder}/\``).toSorted())
})

test('architecture - names every folder of tests', (t) => {
  const tests = section(PAGE, 'Tests')
  const folders = foldersIn('test').filter((folder) => folder !== 'test/helpers')
  for (const folder of folders) t.true(tests.includes(`\`${folder}\``), folder)
})

test('architecture - names the functions of the core', (t) => {
  t.true(read('src/mesh/mesh.ts').includes('  handle(input: Input, nowMs: number)'))
  t.true(read('src/mesh/mesh.ts').includes('  deadlineMs()'))
})
