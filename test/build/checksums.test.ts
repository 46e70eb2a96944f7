/** build/checksums.ts: the list of what is in dist/. */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { CHECKSUMS_NAME, sha256, updateChecksums } from '../../build/checksums.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

function digestsOf(files: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(files).map(([name, text]) => [name, sha256(Buffer.from(text))]))
}

test('checksums - are what sha256sum checks', (t) => {
  const files = { b: 'two', a: 'one', 'c d': 'three' }
  const folder = temporaryFolder(t, files)
  t.deepEqual(updateChecksums(folder, digestsOf(files)), ['a', 'b', 'c d'])
  const said = execFileSync('sha256sum', ['--check', '--strict', CHECKSUMS_NAME], { cwd: folder })
  t.is(said.toString(), 'a: OK\nb: OK\nc d: OK\n')
})

test('checksums - of some files leave those of the others, but not of files that are gone', (t) => {
  const folder = temporaryFolder(t, { a: 'one', b: 'two' })
  updateChecksums(folder, digestsOf({ a: 'one', b: 'two', gone: 'three' }))
  writeFileSync(join(folder, 'b'), 'new')
  t.deepEqual(updateChecksums(folder, digestsOf({ b: 'new' })), ['a', 'b'])
  const lines = readFileSync(join(folder, CHECKSUMS_NAME), 'utf8')
  t.is(lines, `${sha256(Buffer.from('one'))}  a\n${sha256(Buffer.from('new'))}  b\n`)
})

test('checksums - a line that makes no sense is left out', (t) => {
  const folder = temporaryFolder(t, { a: 'one', [CHECKSUMS_NAME]: '\nnonsense a\n' })
  t.deepEqual(updateChecksums(folder, new Map()), [])
  t.is(readFileSync(join(folder, CHECKSUMS_NAME), 'utf8'), '')
})
