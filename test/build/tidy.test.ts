/** The rules of build/tidy.ts: for each one a text that passes and one that does not. */

import test from 'ava'
import { sourceViews } from '../../build/source-text.ts'
import { findings } from '../../build/tidy.ts'

interface Case {
  readonly rule: string
  readonly path: string
  readonly passes: string
  readonly fails: string
}

const MESH = 'src/mesh/mesh.ts'
const WIRE = 'src/wire/codec.ts'

const CASES: readonly Case[] = [
  {
    rule: 'the core imports no module of Node',
    path: MESH,
    passes: "import { codec } from '../wire/codec.ts'",
    fails: "import type { Socket } from 'node:net'",
  },
  {
    rule: 'the core imports no package',
    path: WIRE,
    passes: "import { NAMES } from './names.ts'",
    fails: "import type { Data } from 'ws'",
  },
  {
    rule: 'the core imports nothing of the shell',
    path: MESH,
    passes: "// import './../config.ts'\nimport './link.ts'",
    fails: "import { nearest } from '../near-miss.ts'",
  },
  {
    rule: 'the core imports ipaddr.js and no other package',
    path: MESH,
    passes: "import ipaddr from 'ipaddr.js'",
    fails: "import ipaddr from 'ipaddr.js/lib/ipaddr.js'",
  },
  {
    rule: 'wire imports no package',
    path: WIRE,
    passes: "import './ipaddr.js'",
    fails: "import ipaddr from 'ipaddr.js'",
  },
  {
    rule: 'wire imports only wire',
    path: WIRE,
    passes: "import './messages.ts'",
    fails: "import type { Address } from '../mesh/address.ts'",
  },
  {
    rule: 'an import over several lines counts',
    path: WIRE,
    passes: "import {\n  A,\n  B,\n} from './a.ts'",
    fails: "import {\n  A,\n  B,\n} from '../mesh/a.ts'",
  },
  {
    rule: 'a dynamic import counts',
    path: MESH,
    passes: "Array.from('abc')",
    fails: "const net = await import('node:net')",
  },
  {
    rule: 'a re-export counts',
    path: MESH,
    passes: "export { A } from './a.ts'",
    fails: "export { A } from '../io/a.ts'",
  },
  {
    rule: 'io does not import the node',
    path: 'src/io/driver.ts',
    passes: "import 'ws'\nimport { Mesh } from '../mesh/mesh.ts'\nimport '../log/printable.ts'",
    fails: "import type { MeshNode } from '../node/mesh-node.ts'",
  },
  {
    rule: 'http does not import io',
    path: 'src/http/status.ts',
    passes: "import '../mesh/mesh.ts'\nimport '../log/log.ts'",
    fails: "import '../io/server.ts'",
  },
  {
    rule: 'the page imports only types from outside, and only those of the status',
    path: 'src/http/page/graph.ts',
    passes: "import type { Status } from '../status.ts'\nimport { svg } from './elements.ts'",
    fails: "import type { Status } from '../status.ts'\nimport { Link } from '../status.ts'",
  },
  {
    rule: 'the page knows no type of the core',
    path: 'src/http/page/graph.ts',
    passes: "import type { Status } from '../status.ts'",
    fails: "import type { Overview } from '../../mesh/overview.ts'",
  },
  {
    rule: 'the page imports no package',
    path: 'src/http/page/graph.ts',
    passes: "import './names.ts'",
    fails: "import 'd3'",
  },
  {
    rule: 'http does not import the page',
    path: 'src/http/site.ts',
    passes: "import type { PageFile } from './page-file.ts'",
    fails: "import { svg } from './page/elements.ts'",
  },
  {
    rule: 'config does not import the node',
    path: 'src/config/config.ts',
    passes: "import 'node:fs'\nimport './settings.ts'\nimport '../log/log.ts'",
    fails: "import '../node/mesh-node.ts'",
  },
  {
    rule: 'the library has nothing of io',
    path: 'src/index.ts',
    passes: "export { A } from './node/mesh-node.ts'\nexport { B } from './mesh/limits.ts'",
    fails: "export { A } from './io/driver.ts'",
  },
  {
    rule: 'io does not import config',
    path: 'src/io/driver.ts',
    passes: "import './server.ts'",
    fails: "import type { Config } from '../config/config.ts'",
  },
  {
    rule: 'errors stand on nothing but the log',
    path: 'src/errors/node-error.ts',
    passes: "import '../log/printable.ts'",
    fails: "import '../config/config.ts'",
  },
  {
    rule: 'src imports nothing outside of src',
    path: 'src/log/log.ts',
    passes: "import './log-messages.ts'",
    fails: "import '../../test/helpers/peer.ts'",
  },
  {
    rule: 'every folder of src has a layer',
    path: 'src/utils/pad.ts',
    passes: '',
    fails: '',
  },
  ...[
    ['Date.now()', 'nowMs'],
    ['performance.now()', 'input.nowMs'],
    ['new Date()', 'newDate()'],
    ['Math.random()', 'Math.max(1, 2)'],
    ['crypto.randomUUID()', 'input.crypto'],
    ['setTimeout(f, 1)', 'timers.setTimeout'],
    ['setInterval(f, 1)', 'timers.set(f)'],
    ['setImmediate(f)', 'immediate(f)'],
    ['queueMicrotask(f)', 'queue(f)'],
    ['console.log(1)', 'report(1)'],
    ['process.env', 'this.process(1)'],
    ['globalThis.x', 'global.x'],
  ].map(([banned = '', fine = '']) => ({
    rule: `the core has no ${banned}`,
    path: MESH,
    passes: `// never ${banned}\nconst a = '${banned}' + \`${banned}\` + /${banned}/.source\n${fine}`,
    fails: `const a = \`\${${banned}}\``,
  })),
  {
    rule: 'no unfinished work',
    path: 'build/x.ts',
    passes: "const a = 'FIXME' // a fix",
    fails: 'const a = 1 // FIXME later',
  },
  {
    rule: 'no ignored type errors',
    path: 'src/node/mesh-node.ts',
    passes: '// @ts-expect-error: a test of what the compiler forbids\nf(1)',
    fails: '// @ts-ignore\nf(1)',
  },
  {
    rule: 'no ignored lint error without a reason',
    path: 'test/x.ts',
    passes: '// biome-ignore lint/style/useConst: the peer changes it\nlet a = 1',
    fails: '// biome-ignore lint/style/useConst: <explanation>\nlet a = 1',
  },
  { rule: 'no dbg', path: 'src/log/log.ts', passes: 'log.dbg(1)', fails: 'dbg(1)' },
  {
    rule: 'no breakpoints',
    path: 'src/cli/arguments.ts',
    passes: '// debugger',
    fails: 'debugger',
  },
  { rule: 'no any', path: 'src/cli/arguments.ts', passes: "'as any' // as any", fails: 'x as any' },
  {
    rule: 'no test that does not run',
    path: 'test/x.test.ts',
    passes: "test.serial('a - skip', f)",
    fails: "test.serial.skip('a', f)",
  },
  { rule: 'no single test', path: 'test/x.test.ts', passes: 'only()', fails: "test.only('a', f)" },
  { rule: 'no test without a body', path: 'test/x.test.ts', passes: '', fails: "test.todo('a')" },
  {
    rule: 'no test that must fail',
    path: 'test/x.test.ts',
    passes: "'test.failing'",
    fails: "test.failing('a', f)",
  },
  {
    rule: 'no long files in src',
    path: 'src/log/log.ts',
    passes: 'x\n'.repeat(400),
    fails: 'x\n'.repeat(401),
  },
  {
    rule: 'no comment beyond column 100',
    path: 'test/x.ts',
    passes: `// ${'é'.repeat(97)}\nconst a = '${'x'.repeat(100)}'`,
    fails: `  /** ${'x'.repeat(93)} */`,
  },
  {
    rule: 'no comment beyond column 100 behind code',
    path: 'build/x.ts',
    passes: `// biome-ignore lint/style/useConst: the reason is ${'x'.repeat(60)} long`,
    fails: `const a = 'b' // ${'x'.repeat(90)}`,
  },
  {
    rule: 'no code beyond column 100',
    path: 'clone-node.ts',
    passes: `const ${'a'.repeat(90)} = 1`,
    fails: `const ${'a'.repeat(91)} = 1`,
  },
]

for (const { rule, path, passes, fails } of CASES) {
  test(`tidy - ${rule}`, (t) => {
    if (passes !== fails) t.deepEqual(findings(path, passes), [])
    const found = findings(path, fails)
    t.is(found.length, 1)
    t.regex(found[0]?.message ?? '', / banned here, use /)
  })
}

test('tidy - a finding names the line', (t) => {
  const text = '/*\n * Date.now\n */\nconst a = 1\nconst b = Date.now()\n'
  t.deepEqual(findings(MESH, text), [
    {
      path: MESH,
      line: 5,
      message: "'Date.now' is banned here, use the nowMs that comes with the input",
    },
  ])
})

test('tidy - other folders may read the clock', (t) => {
  t.deepEqual(findings('src/io/driver.ts', 'Date.now()'), [])
  t.deepEqual(findings('test/x.test.ts', "import '../src/mesh/mesh.ts'\nsetTimeout(f)"), [])
})

test('source views - comments and quoted text are told apart', (t) => {
  const { code, comments, uncommented } = sourceViews("a('b // c') // d\n/* 'e */ f")
  t.is(code, "a('      ')     \n         f")
  t.is(comments, "            // d\n/* 'e */  ")
  t.is(uncommented, "a('b // c')     \n         f")
})

test('source views - an expression in a template is code', (t) => {
  const template = ['`e$', "{f({ g: '}' })}h`/i/j"].join('')
  t.is(sourceViews(template).code, ['` $', "{f({ g: ' ' })} `/i/j"].join(''))
})

test('source views - a slash is a division after a value and a pattern elsewhere', (t) => {
  t.is(sourceViews('a = b / c / d').code, 'a = b / c / d')
  t.is(sourceViews("a = /['/*]/g; b").code, 'a =         ; b')
})

test('source views - broken source does not throw', (t) => {
  for (const text of ['`', '`$\u007b', "'", '/*', '/', '}}}', '"\\'])
    t.notThrows(() => sourceViews(text))
})
