/** build/library.ts: one file of code and one of types, the same everywhere. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { declarationsOf } from '../../build/declarations.ts'
import { LIBRARY_PATH, library } from '../../build/library.ts'
import { copyOfRepository, run } from '../tools/run-tool.ts'

/** The types of a library that is this file, beside others. */
function typesOf(t: ExecutionContext, files: Readonly<Record<string, string>>): string {
  const root = copyOfRepository(t, '')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'src', name), text)
  return declarationsOf('src/index.ts', root)
}

test.serial('library - two builds in two folders give the same bytes', async (t) => {
  const roots = [copyOfRepository(t), copyOfRepository(t, undefined, 'a folder/with spaces')]
  for (const root of roots) {
    t.like(await run(t, join(root, 'build/library.ts'), []), { code: 0, stderr: '' })
  }
  for (const [name, text] of Object.entries(await library())) {
    for (const root of roots) {
      t.true(readFileSync(join(root, LIBRARY_PATH, name), 'utf8') === text, name)
      t.false(text.includes(root))
    }
  }
})

test.serial('library - says what it is, with comments and licences', async (t) => {
  const { 'index.js': code, 'index.d.ts': types } = await library()
  for (const text of [code, types]) t.regex(text, /^\/\/ Fullmesh \d+\.\d+\.\d+: .*library\.\n/)
  t.regex(code, /^\/\/ ws \d+\.\d+\.\d+ \(MIT\)$/m)
  t.regex(code, /^ \* The mesh as one node sees it/m)
})

test.serial(
  'declarations - have what is exported and what that mentions, each with its comment',
  (t) => {
    const types = typesOf(t, {
      'index.ts': "export { make, type Made } from './made.ts'",
      'made.ts': `
      /** Not of interest. */
      export type Other = { readonly other: number }
      /** Of a kind. */
      type Kind = 'interface Other' | 'b' // Other
      /** What is made. */
      export interface Made { readonly kind: Kind }
      /** Makes. */
      export function make(): Made { return { kind: 'b' } }`,
    })
    t.is(
      types,
      `
/** Makes. */
declare function make(): Made;
/** What is made. */
interface Made {
    readonly kind: Kind;
}
/** Of a kind. */
type Kind = 'interface Other' | 'b';

export { make, type Made };
`,
    )
  },
)

test.serial('declarations - leave out what is internal, private or static', (t) => {
  const types = typesOf(t, {
    'index.ts': "export { Thing } from './thing.ts'",
    'thing.ts': `
      export class Thing {
        readonly #secret = 1
        readonly shown = 2
        private constructor() {}
        /** Makes one; of two numbers. */
        static from(facts: { readonly a: number; readonly b: number }): Thing {
          return facts.a + facts.b > 0 ? new Thing() : new Thing()
        }
        /** @internal */
        inside(): number { return this.#secret }
        outside(): number { return this.#secret }
      }`,
  })
  const members = types.match(/^ {4}.*$/gm)?.map((line) => line.trim())
  t.deepEqual(members, [
    '#private;',
    'readonly shown = 2;',
    'private constructor();',
    'outside(): number;',
  ])
})

test.serial('declarations - import from Node what they need, and nothing from a package', (t) => {
  const needs = (target: string, name: string): string =>
    `import type { ${name} } from '${target}'\nexport interface Has { readonly it: ${name} }`
  const index = { 'index.ts': "export type { Has } from './has.ts'" }
  const types = typesOf(t, { ...index, 'has.ts': needs('node:net', 'Socket') })
  t.regex(types, /^import type \{ Socket \} from 'node:net';\n/)
  t.throws(() => typesOf(t, { ...index, 'has.ts': needs('ws', 'WebSocket') }), {
    message: "a public type needs the package 'ws'",
  })
})

test.serial('declarations - a name that means two things or nothing is an error', (t) => {
  const index = {
    'index.ts': "export type { One } from './one.ts'\nexport type { Two } from './two.ts'",
    'one.ts': 'interface Same { readonly a: 1 }\nexport interface One { readonly same: Same }',
    'two.ts': 'interface Same { readonly b: 2 }\nexport interface Two { readonly same: Same }',
  }
  t.throws(() => typesOf(t, index), { message: "the types have 'Same' more than once" })
  t.throws(() => typesOf(t, { ...index, 'index.ts': "export type { No } from './one.ts'" }), {
    message: /do not compile:[\s\S]*No/,
  })
})
