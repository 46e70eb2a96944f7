/** build/bundle.ts: the same bytes everywhere, and bytes that run everywhere. */

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { BUNDLE_PATH, bundle } from '../../build/bundle.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { DENO, type Outcome, run } from '../tools/run-tool.ts'

/** A small program that uses all that a bundle may use: the version, a module of Node, a package. */
const MAIN = `
import { createHash } from 'node:crypto'
import { WebSocket } from 'ws'
declare const FULLMESH_VERSION: string
console.log('ünï', FULLMESH_VERSION, createHash('sha256').update('').digest('hex').length, WebSocket.OPEN)
`

/** A repository with build/ and a src/ of its own, or that of this one. */
function repository(t: ExecutionContext, main?: string, folder = ''): string {
  const root = join(temporaryFolder(t), folder)
  mkdirSync(join(root, 'node-1'), { recursive: true })
  for (const path of ['build', 'package.json'])
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true })
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
  if (main === undefined) cpSync(join(REPOSITORY, 'src'), join(root, 'src'), { recursive: true })
  else {
    mkdirSync(join(root, 'src'))
    writeFileSync(join(root, 'src/main.ts'), main)
  }
  return root
}

function build(t: ExecutionContext, root: string, ...args: string[]): Promise<Outcome> {
  return run(t, join(root, 'build/bundle.ts'), args)
}

test('bundle - two builds in two folders give the same bytes', async (t) => {
  const roots = [repository(t), repository(t, undefined, 'a folder/with spaces')]
  for (const root of roots) t.like(await build(t, root), { code: 0, stderr: '' })
  const [one, other] = roots.map((root) => readFileSync(join(root, BUNDLE_PATH), 'utf8'))
  t.true(one === other)
  t.true(Buffer.from(await bundle()).toString() === one)
})

test('bundle - says what it is, and carries no path of the machine', async (t) => {
  const text = Buffer.from(await bundle()).toString()
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
  t.true(text.startsWith(`// Fullmesh ${version}: `))
  t.regex(text, /Do not edit it: change src\/ and build/)
  t.false(text.includes(REPOSITORY))
  t.notRegex(text, /^\s*(?:import|export)\s/m)
})

test('bundle - carries the licence of each package in it and of no other', async (t) => {
  const root = repository(t, MAIN)
  const text = Buffer.from(await bundle(root)).toString()
  t.regex(text, /^\/\/ ws \d+\.\d+\.\d+ \(MIT\)$/m)
  t.regex(text, /^\/\/ Copyright \(c\) .*Einar Otto Stangvik/m)
  t.notRegex(text, /^\/\/ dotenv \d/m)
})

test('bundle - ws does not look for native helpers', async (t) => {
  const text = Buffer.from(await bundle(repository(t, MAIN))).toString()
  t.notRegex(text, /require\("(?:bufferutil|utf-8-validate)"\)/)
})

for (const [runtime, command] of [
  ['node', [process.execPath]],
  ['deno', DENO],
] as const) {
  test(`bundle - the same bytes run on ${runtime} beside any package.json or none`, async (t) => {
    const bytes = await bundle(repository(t, MAIN))
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
    for (const type of ['commonjs', 'module', undefined]) {
      const folder = temporaryFolder(t, { 'index.js': bytes })
      if (type) writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
      t.deepEqual(await run(t, join(folder, 'index.js'), [], { runtime: command }), {
        code: 0,
        stdout: `ünï ${version} 64 1\n`,
        stderr: '',
      })
    }
  })
}

test('bundle - --check tells a stale bundle and writes nothing', async (t) => {
  const root = repository(t, MAIN)
  t.like(await build(t, root), { code: 0, stderr: '' })
  t.like(await build(t, root, '--check'), { code: 0, stderr: '' })
  const before = readFileSync(join(root, BUNDLE_PATH), 'utf8')
  writeFileSync(join(root, 'src/main.ts'), `${MAIN}\nconsole.log('more')\n`)
  t.like(await build(t, root, '--check'), {
    code: 1,
    stdout: '',
    stderr: 'build: node-1/index.js is stale: run npm run build and commit it\n',
  })
  t.is(readFileSync(join(root, BUNDLE_PATH), 'utf8'), before)
})

test('bundle - refuses a warning, an error, a path of the machine and a missing package', async (t) => {
  const repositoryWith = (main: string) => repository(t, main)
  await t.throwsAsync(bundle(repositoryWith('console.log(import.meta.url)')), {
    message: /import\.meta/,
  })
  await t.throwsAsync(bundle(repositoryWith('let let')), { message: /src\/main\.ts:1/ })
  await t.throwsAsync(bundle(repositoryWith("import 'nowhere'")), { message: /"nowhere"/ })
  const root = repositoryWith('')
  writeFileSync(join(root, 'src/main.ts'), `console.log(${JSON.stringify(root)})`)
  await t.throwsAsync(bundle(root), { message: /contains the path/ })
})
