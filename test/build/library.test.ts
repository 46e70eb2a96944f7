/** build/library.ts: one file of code and a tree of types, the same everywhere. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { LIBRARY_PATH, library, typesOf } from '../../build/library.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { copyOfRepository, run } from '../tools/run-tool.ts'

let built: ReturnType<typeof library> | undefined

/** Ours, built once. */
function ourLibrary(): ReturnType<typeof library> {
  built ??= library()
  return built
}

/** The types of a library of these source files. */
function typesOfFiles(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const root = copyOfRepository(t, '')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'src', name), text)
  return typesOf(root)
}

test.serial('library - two builds in two folders give the same bytes', async (t) => {
  const root = copyOfRepository(t, undefined, 'a folder/with spaces')
  const folder = join(root, LIBRARY_PATH)
  mkdirSync(folder, { recursive: true })
  const [old, others] = [join(folder, 'old.d.ts'), join(folder, 'index.js.1.tmp')]
  for (const path of [old, others]) writeFileSync(path, '')
  t.like(await run(t, join(root, 'build/library.ts'), []), { code: 0, stderr: '' })
  t.false(existsSync(old))
  // What another terminal is building stays.
  t.true(existsSync(others))
  for (const [name, text] of await ourLibrary()) {
    t.true(readFileSync(join(root, LIBRARY_PATH, name), 'utf8') === text, name)
    t.false(text.includes(root) || text.includes(REPOSITORY))
  }
})

test.serial('library - has a header, comments and licences', async (t) => {
  const files = await ourLibrary()
  const code = files.get('index.js') ?? ''
  t.regex(code, /^\/\/ Fullmesh \d+\.\d+\.\d+: .*library\.\n/)
  t.regex(code, /^\/\/ ws \d+\.\d+\.\d+ \(MIT\)$/m)
  t.regex(code, /^ \* The mesh as one node sees it/m)
  t.regex(files.get('index.d.ts') ?? '', /^\/\/\/ <reference types="node" \/>$/m)
})

const needs = (target: string, name: string): string =>
  `import type { ${name} } from '${target}'\nexport interface Has { readonly it: ${name} }`

test.serial(
  'types - are of the files that the entry leads to, and of what they make public',
  (t) => {
    const types = typesOfFiles(t, {
      'index.ts': `
      import { unused } from './unused.ts'
      unused()
      export type { Has } from './has.ts'
      export { type Made } from './made.ts'
      export { Thing } from './thing.ts'`,
      'has.ts': needs('node:net', 'Socket'),
      'unused.ts': 'export function unused(): void {}',
      'made.ts': `
      /** What is made. */
      export interface Made { readonly kind: 'b' }`,
      'other.ts': 'export interface Other { readonly other: number }',
      'thing.ts': `
      import type { Other } from './other.ts'
      export class Thing {
        readonly #secret: Other = { other: 1 }
        readonly shown = 2
        /** Makes one. @internal */
        static from(other: Other): Thing { return other.other > 0 ? new Thing() : new Thing() }
        /** @internal */
        inside(): Other { return this.#secret }
        outside(): number { return this.#secret.other }
      }`,
    })
    // Neither what is unused, nor what only internal or private parts need.
    t.deepEqual([...types.keys()].sort(), ['has.d.ts', 'index.d.ts', 'made.d.ts', 'thing.d.ts'])
    t.regex(types.get('made.d.ts') ?? '', /^\/\*\* What is made. \*\/\nexport interface Made \{/)
    const members = types
      .get('thing.d.ts')
      ?.match(/^ {4}.*$/gm)
      ?.map((line) => line.trim())
    t.deepEqual(members, ['#private;', 'readonly shown = 2;', 'outside(): number;'])
    t.regex(types.get('has.d.ts') ?? '', /^import type \{ Socket \} from 'node:net';\n/)
  },
)

test.serial('types - need nothing from a package', (t) => {
  const files = {
    'index.ts': "export type { Has } from './has.ts'",
    'has.ts': needs('ws', 'WebSocket'),
  }
  t.throws(() => typesOfFiles(t, files), {
    message: "has.d.ts: a public type needs the package 'ws'",
  })
})

test.serial('types - a name that does not exist is an error', (t) => {
  const files = { 'index.ts': "export type { No } from './one.ts'", 'one.ts': 'export {}' }
  t.throws(() => typesOfFiles(t, files), { message: /do not compile:[\s\S]*No/ })
})
