/** build/bundle.ts: bytes that run everywhere. That they are the same: test/binaries/verify. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { BUNDLE_PATH, bundle } from '../../build/bundle.ts'
import { REPOSITORY } from '../../build/repository.ts'
import type { Exit } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { copyOfRepository, DENO, run } from '../tools/run-tool.ts'

/**
 * A small program that uses all that a bundle may use: the version, a module of Node, a package.
 */
const MAIN = `
import { createHash } from 'node:crypto'
import { WebSocket } from 'ws'
declare const FULLMESH_VERSION: string
console.log('ünï', FULLMESH_VERSION, createHash('sha256').update('').digest('hex').length, WebSocket.OPEN)
`

/** Ours, built once. */
const BUNDLED = Buffer.from(await bundle()).toString()

function build(t: ExecutionContext, root: string, ...args: string[]): Promise<Exit> {
  return run(t, join(root, 'build/bundle.ts'), args)
}

test.serial('bundle - has a header, and no path of the machine', (t) => {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
  t.true(BUNDLED.startsWith(`// Fullmesh ${version}: `))
  t.regex(BUNDLED, /Do not edit it: change src\/ and build/)
  t.false(BUNDLED.includes(REPOSITORY))
  t.notRegex(BUNDLED, /^\s*(?:import|export)\s/m)
})

test.serial('bundle - carries the licence of each package in it and of no other', async (t) => {
  const root = copyOfRepository(t, MAIN)
  const text = Buffer.from(await bundle(root)).toString()
  t.regex(text, /^\/\/ ws \d+\.\d+\.\d+ \(MIT\)$/m)
  t.regex(text, /^\/\/ Copyright \(c\) .*Einar Otto Stangvik/m)
  t.deepEqual(text.match(/^\/\/ \S+ \d+\.\d+\.\d+ \(.*\)$/gm)?.length, 1)
})

test.serial('bundle - keeps the comments of src, but for those of types', async (t) => {
  const root = copyOfRepository(t, DOUBLE_MAIN)
  const double = [
    '/** What a type is. */',
    'export interface Data {',
    '  readonly value: number',
    '}',
    '',
    '/** Twice. */',
    'export function double(data: Data): number {',
    '  // Not a shift.',
    '  return data.value * 2',
    '}',
  ].join('\n')
  writeFileSync(join(root, 'src/double.ts'), double)
  const text = Buffer.from(await bundle(root)).toString()
  t.true(text.includes('\n\n/** Twice. */\nfunction double(data) {\n  // Not a shift.\n'))
  t.false(text.includes('What a type is'))
})

test.serial('bundle - is nothing but ASCII', (t) => {
  t.deepEqual(BUNDLED.match(/[^\p{ASCII}]/gu), null)
})

test.serial('bundle - the header names the lines to begin with', (t) => {
  const lines = BUNDLED.split('\n')
  for (const path of ['src/mesh/mesh.ts', 'src/main.ts']) {
    const line = new RegExp(`${path} in line (\\d+)`).exec(BUNDLED)?.[1]
    t.is(lines[Number(line) - 1], `// ${path}`)
  }
})

/** Uses what src/double.ts exports. */
const DOUBLE_MAIN = "import { double } from './double.ts'\nconsole.log(double({ value: 1 }))\n"

test.serial('bundle - ws does not look for native helpers', async (t) => {
  const text = Buffer.from(await bundle(copyOfRepository(t, MAIN))).toString()
  t.notRegex(text, /require\("(?:bufferutil|utf-8-validate)"\)/)
})

test.serial('bundle - loads at the start no module of Node that few nodes use', (t) => {
  t.notRegex(BUNDLED, /require\("(?:node:)?(?:dns|https|os|tls|tty|zlib|timers\/promises)"\)/)
})

for (const [runtime, command] of [
  ['node', [process.execPath]],
  ['deno', DENO],
] as const) {
  test.serial(
    `bundle - the same bytes run on ${runtime} beside any package.json or none`,
    async (t) => {
      const bytes = await bundle(copyOfRepository(t, MAIN))
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
    },
  )
}

test.serial('bundle - --check reports a stale bundle and writes nothing', async (t) => {
  const root = copyOfRepository(t, MAIN)
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

test.serial(
  'bundle - refuses a warning, an error, a path of the machine and a missing package',
  async (t) => {
    const repositoryWith = (main: string) => copyOfRepository(t, main)
    await t.throwsAsync(bundle(repositoryWith('console.log(import.meta.url)')), {
      message: /import\.meta/,
    })
    await t.throwsAsync(bundle(repositoryWith('let let')), { message: /src\/main\.ts:1/ })
    await t.throwsAsync(bundle(repositoryWith("import 'nowhere'")), { message: /"nowhere"/ })
    const root = repositoryWith('')
    writeFileSync(join(root, 'src/main.ts'), `console.log(${JSON.stringify(root)})`)
    await t.throwsAsync(bundle(root), { message: /contains the path/ })
  },
)
