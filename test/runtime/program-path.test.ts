import { join } from 'node:path'
import test from 'ava'
import { programPath, programWords } from '../../src/runtime/program-path.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const NODE = '/usr/bin/node'

test('program path - is the script, with or without its suffix, or index.js in a folder', (t) => {
  const folder = temporaryFolder(t, { 'index.js': '' })
  const script = join(folder, 'index.js')
  for (const word of [script, join(folder, 'index'), folder]) {
    t.is(programPath({ argv: [NODE, word], execPath: NODE }), script)
  }
})

for (const runtime of ['node', 'nodejs', 'node-22', 'node.exe', 'deno', 'bun']) {
  test(`program path - is unknown when ${runtime} got the code from elsewhere`, (t) => {
    const folder = temporaryFolder(t)
    const execPath = `/usr/bin/${runtime}`
    const words = [[], ['-'], ['--dir', 'x'], [join(folder, '$deno$stdin.mts')]]
    for (const argv of words) t.is(programPath({ argv: [execPath, ...argv], execPath }), undefined)
  })
}

test('program path - is the binary when the program is one', (t) => {
  const execPath = '/opt/fullmesh'
  for (const argv of [[], ['fullmesh'], [execPath]])
    t.is(programPath({ argv: [execPath, ...argv], execPath }), execPath)
})

test('program words - follow the script, or come first where there is none', (t) => {
  const words = ['--dir', 'x']
  for (const before of [['/x/index.js'], ['-'], []]) {
    t.deepEqual(programWords({ argv: [NODE, ...before, ...words] }), words)
  }
  t.deepEqual(programWords({ argv: [NODE] }), [])
})
