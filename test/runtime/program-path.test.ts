import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { isBinary, programPath, programWords } from '../../src/runtime/program-path.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const NODE = '/usr/bin/node'

/** What node:sea says in a binary, and elsewhere. */
const seaThat = (isSea: boolean) => () => ({ isSea: () => isSea, getRawAsset: () => '' })

function pathOf(argv: readonly string[], execPath = NODE, isSea = false): string | undefined {
  return programPath({ argv: [execPath, ...argv], execPath, getBuiltinModule: seaThat(isSea) })
}

test('program path - is the script, with or without its suffix, or index.js in a folder', (t) => {
  const folder = temporaryFolder(t, { 'index.js': '' })
  const script = join(folder, 'index.js')
  for (const word of [script, join(folder, 'index'), folder]) t.is(pathOf([word]), script)
})

for (const runtime of ['node', 'nodejs', 'node-22', 'node.exe', 'deno', 'bun']) {
  test(`program path - is unknown when ${runtime} got the code from elsewhere`, (t) => {
    const folder = temporaryFolder(t)
    const words = [[], ['-'], ['--dir', 'x'], [join(folder, '$deno$stdin.mts')]]
    for (const argv of words) t.is(pathOf(argv, `/usr/bin/${runtime}`), undefined)
  })
}

test('program path - is the file that a link leads to, of a script and of a binary', (t) => {
  const folder = temporaryFolder(t, { 'index.js': '', 'node-1': '' })
  const other = temporaryFolder(t)
  for (const name of ['index.js', 'node-1']) symlinkSync(join(folder, name), join(other, name))
  t.is(pathOf([join(other, 'index.js')]), join(folder, 'index.js'))
  t.is(pathOf([other]), join(folder, 'index.js'))
  t.is(pathOf([], join(other, 'node-1'), true), join(folder, 'node-1'))
})

test('program path - is the binary when the program is one, whatever its name and its words', (t) => {
  // A folder in the working directory may have the name of a binary that was found on PATH.
  const decoy = temporaryFolder(t, { 'index.js': '' })
  for (const name of ['fullmesh', 'node-1', 'node']) {
    const execPath = join(temporaryFolder(t, { [name]: '' }), name)
    for (const argv of [[], [name], [execPath], [decoy]]) {
      t.is(pathOf(argv, execPath, true), execPath)
    }
    t.true(isBinary({ argv: [], execPath, getBuiltinModule: seaThat(true) }))
  }
  t.false(isBinary({ argv: [], execPath: NODE, getBuiltinModule: seaThat(false) }))
  // As `bun build --compile` makes it.
  t.true(isBinary({ argv: [], execPath: '/opt/fullmesh', getBuiltinModule: seaThat(false) }))
})

test('program words - follow the script, or come first where there is none', (t) => {
  const words = ['--dir', 'x']
  for (const before of [['/x/index.js'], ['-'], []]) {
    t.deepEqual(programWords({ argv: [NODE, ...before, ...words] }), words)
  }
  t.deepEqual(programWords({ argv: [NODE] }), [])
})
