/** The rules of biome.jsonc and build/tidy.ts: for each a text that passes and one that fails. */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { findings, sharedTitles } from '../../build/tidy.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** `fails` breaks `rule` in that folder, once; `passes` does not break it. */
interface Case {
  readonly name: string
  readonly rule: string
  readonly folder: string
  /** Default `ts`. */
  readonly extension?: 'tsx'
  readonly passes: string
  readonly fails: string
}

/** What a folder may import, and what it may not. A row is a folder of the table in biome.jsonc. */
const IMPORTS: readonly [folder: string, passes: readonly string[], fails: readonly string[]][] = [
  ['src/mesh', ['./link.ts', './links/a.ts', '../wire/codec.ts'], ['../io/a.ts', 'node:net', 'ws']],
  ['src/mesh/messages', ['../links/a.ts', '../dialing/a.ts'], ['../../io/a.ts', 'ws']],
  [
    'src/mesh/links',
    ['../timers.ts', '../dialing/a.ts', '../../wire/a.ts'],
    ['../messages/a.ts', '../../io/a.ts', 'ws'],
  ],
  [
    'src/mesh/dialing',
    ['../address/a.ts', '../../wire/a.ts'],
    ['../links/a.ts', '../messages/a.ts', '../../log/a.ts'],
  ],
  ['src/mesh/address', ['../limits.ts', 'ipaddr.js'], ['../links/a.ts', '../dialing/a.ts', 'ws']],
  ['src/wire', ['./names.ts'], ['../mesh/address.ts', 'ws', 'node:net']],
  ['src/runtime', ['node:fs', './a.ts'], ['../log/a.ts', '../wire/a.ts']],
  ['src/log', ['node:fs', '../mesh/a.ts', '../wire/a.ts'], ['../errors/a.ts', '../../test/a.ts']],
  ['src/errors', ['../log/printable.ts'], ['../config/config.ts', '../mesh/a.ts']],
  [
    'src/io',
    ['ws', '../mesh/mesh.ts', '../log/a.ts'],
    ['../node/a.ts', '../config/a.ts', '../http/a.ts'],
  ],
  ['src/http', ['../mesh/mesh.ts', './page-file.ts'], ['../io/server.ts', './page/elements.ts']],
  [
    'src/http/page',
    ['./elements.ts', './names.ts'],
    ['../../mesh/overview.ts', '../site.ts', 'd3'],
  ],
  [
    'src/http/page/model',
    ['./graph.ts', '../../status.ts'],
    ['../state.ts', '../views/a.tsx', '../sources/a.ts', 'preact'],
  ],
  [
    'src/http/page/sources',
    ['./a.ts', '../model/a.ts', '../../status.ts'],
    ['../state.ts', '../views/a.tsx', 'preact'],
  ],
  [
    'src/http/page/views',
    ['./a.tsx', '../model/a.ts', '../state.ts', 'preact'],
    ['../page.tsx', '../sources/a.ts', '../../status.ts'],
  ],
  [
    'src/config',
    ['node:fs', '../log/log.ts', '../mesh/a.ts'],
    ['../node/mesh-node.ts', '../io/a.ts'],
  ],
  ['src/node', ['../config/a.ts', '../io/a.ts', '../http/a.ts'], ['../cli/a.ts', '../main.ts']],
  [
    'src/cli',
    ['../node/a.ts', '../wire/a.ts', '../main.ts'],
    ['../../build/a.ts', '../utils/a.ts'],
  ],
  ['src/cli/status', ['../arguments.ts', '../../http/status.ts'], ['../../utils/a.ts']],
  ['src/utils', ['./a.ts', 'node:fs'], ['../log/log.ts']],
]

const RESTRICTED_IMPORT = 'lint/style/noRestrictedImports'

const IMPORT_CASES: readonly Case[] = IMPORTS.flatMap(([folder, passes, fails]) =>
  fails.map((target) => ({
    name: `${folder} does not import ${target}`,
    rule: RESTRICTED_IMPORT,
    folder,
    passes: passes.map((path) => `import '${path}'\n`).join(''),
    fails: `import '${target}'`,
  })),
)

/** Ways to import, each of which counts. */
const FORM_CASES: readonly Case[] = [
  ["import type { A } from './a.ts'", "import type { Mesh } from '../mesh/mesh.ts'"],
  ["import {\n  A,\n  B,\n} from './a.ts'", "import {\n  A,\n  B,\n} from '../mesh/a.ts'"],
  ["export { A } from './a.ts'", "export { A } from '../mesh/a.ts'"],
  ["Array.from('../mesh/a.ts')", "const a = await import('../mesh/a.ts')"],
].map(([passes = '', fails = '']) => ({
  name: `${fails.replaceAll('\n', ' ')} counts`,
  rule: RESTRICTED_IMPORT,
  folder: 'src/wire',
  passes,
  fails,
}))

const RESTRICTED_PROPERTY = 'lint/nursery/noJsRestrictedProperties'

/** What a pure folder must not use, and what looks like it. */
const PURITY_CASES: readonly Case[] = [
  ['Date.now()', 'nowMs'],
  ['performance.now()', 'input.nowMs'],
  ['new Date()', 'newDate()'],
  ['crypto.randomUUID()', 'input.crypto'],
  ['setTimeout(f, 1)', 'timers.setTimeout'],
  ['setInterval(f, 1)', 'timers.set(f)'],
  ['setImmediate(f)', 'immediate(f)'],
  ['queueMicrotask(f)', 'queue(f)'],
  ['console.log(1)', 'report(1)'],
  ['process.env', 'this.process(1)'],
  ['globalThis.x', 'global.x'],
  ['Math.random()', 'Math.max(1, 2)'],
].flatMap(([banned = '', fine = '']) =>
  ['src/mesh', 'src/wire', 'src/mesh/links'].map((folder) => ({
    name: `${folder} has no ${banned}`,
    rule: banned === 'Math.random()' ? RESTRICTED_PROPERTY : 'lint/style/noRestrictedGlobals',
    folder,
    passes: `// never ${banned}\nconst a = '${banned}' + \`${banned}\`\n${fine}`,
    fails: `const a = \`\${${banned}}\``,
  })),
)

const OTHER_CASES: readonly Case[] = [
  {
    name: 'other folders read the clock',
    rule: 'lint/style/noRestrictedGlobals',
    folder: 'src/io',
    passes: 'Date.now()\nsetTimeout(f)',
    fails: '',
  },
  {
    name: 'the page imports only types from outside',
    rule: 'plugin',
    folder: 'src/http/page',
    passes: "import type { Status } from '../status.ts'\nimport { svg } from './elements.ts'",
    fails: "import type { Status } from '../status.ts'\nimport { Link } from '../status.ts'",
  },
  {
    name: 'types are imported at the top of a file',
    rule: 'plugin',
    folder: 'src/log',
    passes: "let a: typeof import('node:sea')",
    fails: "let a: import('../config/a.ts').A",
  },
  {
    name: 'no ignored type error',
    rule: 'lint/suspicious/noTsIgnore',
    folder: 'src/node',
    passes: '// @ts-expect-error: a test of what the compiler forbids\nf(1)',
    fails: '// @ts-ignore\nf(1)',
  },
  {
    name: 'no ignored rule without a reason',
    rule: 'suppressions/parse',
    folder: 'test',
    passes: '// biome-ignore lint/style/useConst: the peer changes it\nlet a = 1',
    fails: '// biome-ignore lint/style/useConst\nlet a = 1',
  },
  {
    name: 'no breakpoint',
    rule: 'lint/suspicious/noDebugger',
    folder: 'src/cli',
    passes: '// debugger',
    fails: 'debugger',
  },
  {
    name: 'no any',
    rule: 'lint/suspicious/noExplicitAny',
    folder: 'src/cli',
    passes: "'as any' // as any",
    fails: 'x as any',
  },
  ...['test.skip', 'test.serial.skip', 't.is.skip', 'test.only', 'test.failing', 'test.todo'].map(
    (word) => ({
      name: `no ${word}`,
      rule: RESTRICTED_PROPERTY,
      folder: 'test/mesh',
      passes: `test.serial('a - ${word}', f)`,
      fails: `${word}('a', f)`,
    }),
  ),
  {
    name: 'no file over 400 lines in src',
    rule: 'lint/style/noExcessiveLinesPerFile',
    folder: 'src/log',
    passes: 'x\n'.repeat(400),
    fails: 'x\n'.repeat(401),
  },
  {
    name: 'no view over 400 lines in src',
    rule: 'lint/style/noExcessiveLinesPerFile',
    folder: 'src/http/page/views',
    extension: 'tsx',
    passes: 'x\n'.repeat(400),
    fails: 'x\n'.repeat(401),
  },
]

const CASES = [...IMPORT_CASES, ...FORM_CASES, ...PURITY_CASES, ...OTHER_CASES]

/** One run of Biome over a file for each text: which rules each file breaks, by its path. */
function brokenRules(folder: string): ReadonlyMap<string, readonly string[]> {
  for (const name of ['biome.jsonc', 'build/imports.grit', '.gitignore']) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    copyFileSync(join(REPOSITORY, name), join(folder, name))
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'), 'junction')
  for (const [path, text] of files()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const biome = join(REPOSITORY, 'node_modules/@biomejs/biome/bin/biome')
  const words = [biome, 'check', '--reporter=github', '--max-diagnostics=none']
  const { stdout } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' })
  const broken = new Map<string, string[]>()
  for (const [, rule = '', path = ''] of stdout.matchAll(/^::\w+ title=([^,]+),file=([^,]+),/gm)) {
    const key = path.slice(path.indexOf(folder) + folder.length + 1)
    broken.set(key, [...(broken.get(key) ?? []), rule])
  }
  return broken
}

function files(): readonly [path: string, text: string][] {
  const circle: [string, string][] = [
    ['src/log/circle-a.ts', "import type { B } from './circle-b.ts'\nexport type A = B\n"],
    ['src/log/circle-b.ts', "import type { A } from './circle-a.ts'\nexport type B = A\n"],
    [
      'src/http/page/views/circle-a.tsx',
      "import type { B } from './circle-b.tsx'\nexport type A = B\n",
    ],
    [
      'src/http/page/views/circle-b.tsx',
      "import type { A } from './circle-a.tsx'\nexport type B = A\n",
    ],
    ['src/log/line.ts', "import type { A } from './circle-a.ts'\nexport type C = A\n"],
  ]
  return [
    ...circle,
    ...CASES.flatMap(({ passes, fails }, index): [string, string][] => [
      [pathOf(index, 'passes'), passes],
      [pathOf(index, 'fails'), fails],
    ]),
  ]
}

function pathOf(index: number, text: 'passes' | 'fails'): string {
  const { folder = '', extension = 'ts' } = CASES[index] ?? {}
  return join(folder, `case-${index}-${text}.${extension}`)
}

test('tidy - a title that two test files share', (t) => {
  const [one, other] = ["test('a - b', x)\n", "test.serial(\n  'a - b',\n  x)\n"]
  t.deepEqual(sharedTitles([one, other, "test('a - c', x)\n"]), ["'a - b'"])
  t.deepEqual(sharedTitles([one, "test('a - b c', x)\n"]), [])
})

test('biome - each rule finds what breaks it, and nothing else', (t) => {
  const broken = brokenRules(temporaryFolder(t))
  const rulesOf = (path: string, rule: string) =>
    (broken.get(path) ?? []).filter((broken) => broken === rule)
  for (const [index, { name, rule, fails }] of CASES.entries()) {
    t.deepEqual(rulesOf(pathOf(index, 'passes'), rule), [], `passes: ${name}`)
    const expected = fails === '' ? [] : [rule]
    t.deepEqual(rulesOf(pathOf(index, 'fails'), rule), expected, `fails: ${name}`)
  }
  const circle = 'lint/suspicious/noImportCycles'
  t.deepEqual(rulesOf('src/log/circle-a.ts', circle), [circle], 'a circle of types is found')
  t.deepEqual(rulesOf('src/log/circle-b.ts', circle), [circle])
  t.deepEqual(rulesOf('src/http/page/views/circle-a.tsx', circle), [circle], 'also of views')
  t.deepEqual(rulesOf('src/log/line.ts', circle), [], 'what imports a circle is not in it')
})

for (const [name, passes, fails] of [
  ['no unfinished work', 'const a = 1 // a fix', `const a = 1 // FIX${'ME'} later`],
  ['no unchecked file', '// @ts-expect-error: on purpose', `// @ts-no${'check'}`],
  ['no empty reason', '// biome-ignore lint: seen', `// biome-ignore lint: <expla${'nation'}>`],
  ['no wide comment', `// ${'é'.repeat(97)}`, `  /** ${'x'.repeat(93)} */`],
  ['no wide line of a comment', `const a = '// ${'x'.repeat(100)}'`, ` * ${'x'.repeat(98)}`],
  [
    'no wide comment behind code',
    `// biome-ignore lint/style/useConst: the reason is ${'x'.repeat(60)} long`,
    `const a = 'b' // ${'x'.repeat(90)}`,
  ],
  ['no title without its area', "test('area - is so', f)", "  test('is so', f)"],
  ['no title without its area in the next line', 'test(\n  `a - b`,\n  f)', 'test.serial(`a`, f)'],
] as const) {
  test(`tidy - ${name}`, (t) => {
    t.deepEqual(findings(passes), [])
    t.is(findings(`\n${fails}\n`).length, 1)
    t.regex(findings(`\n${fails}\n`)[0] ?? '', /^2: \w/)
  })
}
