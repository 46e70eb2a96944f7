/** clone-node.ts, as a process against a temporary folder. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import type { Exit } from '../helpers/node-process.ts'
import {
  copyOfRepository,
  DENO,
  launchCompiled,
  launchProgram,
  NODE,
  run,
  temporaryRoot,
  writeNode,
} from './run-tool.ts'

const TEMPLATE = {
  'index.js': 'console.log(1)\n',
  '.env': 'PORT=4001\n',
  'known-peers.json': '["ws://localhost:4001"]\n',
}

function clone(t: ExecutionContext, root: string, ...args: string[]): Promise<Exit> {
  return launchCompiled(t, 'clone-node.ts', ['--root', root, ...args]).exit
}

function envOf(root: string, name: string): string {
  return readFileSync(join(root, name, '.env'), 'utf8')
}

test.serial('clone-node - makes node-2 with PORT 4002', async (t) => {
  const root = temporaryRoot(t, TEMPLATE)
  const { code, stdout, stderr } = await clone(t, root)
  t.is(stderr, '')
  t.is(code, 0)
  t.is(stdout.split('\n')[0], 'node-2  PORT 4002')
  t.true(stdout.endsWith(`npm start -- 2 --root ${root}\n`), stdout)
  t.is(envOf(root, 'node-2'), 'PORT=4002\n')
  for (const file of ['index.js', 'known-peers.json'] as const) {
    t.is(readFileSync(join(root, 'node-2', file), 'utf8'), TEMPLATE[file])
  }
})

test.serial('clone-node - copies the secret, which only its owner may read', async (t) => {
  const root = temporaryRoot(t, { ...TEMPLATE, secret: 'a secret\n' })
  chmodSync(join(root, 'node-1/secret'), 0o600)
  t.is((await clone(t, root)).code, 0)
  const copy = join(root, 'node-2/secret')
  t.is(readFileSync(copy, 'utf8'), 'a secret\n')
  t.is(statSync(copy).mode & 0o777, 0o600)
})

for (const [name, runtime] of Object.entries({ node: NODE, deno: DENO })) {
  test.serial(`clone-node - fills gaps and makes several, on ${name}`, async (t) => {
    const root = temporaryRoot(t, TEMPLATE)
    writeNode(root, 'node-3', TEMPLATE)
    mkdirSync(join(root, 'node-04'))
    symlinkSync('/nowhere', join(root, 'node-5'))
    const { code, stderr } = await run(t, 'clone-node.ts', ['--root', root, '3'], { runtime })
    t.is(stderr, '')
    t.is(code, 0)
    t.deepEqual(readdirSync(root).sort(), [
      'node-04',
      ...[1, 2, 3, 4, 5, 6].map((number) => `node-${number}`),
    ])
    t.is(envOf(root, 'node-4'), 'PORT=4004\n')
    t.is(envOf(root, 'node-6'), 'PORT=4006\n')
  })
}

test.serial('clone-node - keeps every other setting and comment', async (t) => {
  const env = '# my node\r\nexport PORT="4001" # the port\r\nLOG_LEVEL=debug\r\n'
  const root = temporaryRoot(t, { ...TEMPLATE, '.env': env })
  await clone(t, root)
  t.is(envOf(root, 'node-2'), env.replace('4001', '4002'))
})

test.serial('clone-node - adds a PORT where node-1 has none', async (t) => {
  const root = temporaryRoot(t, { 'index.js': '' })
  await clone(t, root)
  t.is(envOf(root, 'node-2'), 'PORT=4002\n')
  t.false(existsSync(join(root, 'node-2', 'known-peers.json')))
})

test.serial('clone-node - copies nothing that a running node wrote', async (t) => {
  const files = { 'state.json': '{}', 'node.log': 'x', lock: '{}', 'a.place': 'x' }
  const env = 'PORT=4001\nDATA=data\n'
  const root = temporaryRoot(t, { ...TEMPLATE, '.env': env, ...files })
  await clone(t, root)
  t.deepEqual(readdirSync(join(root, 'node-2')).sort(), Object.keys(TEMPLATE).sort())
})

test.serial('clone-node - prints that a copied ADDRESS must be changed', async (t) => {
  const root = temporaryRoot(t, { ...TEMPLATE, '.env': 'PORT=4001\nADDRESS=ws://a.example:1\n' })
  const { stdout } = await clone(t, root)
  t.regex(stdout, /^ADDRESS=ws:\/\/a\.example:1 was copied .*give each clone its own/m)
})

test.serial('clone-node - changes the port in ADDRESS, if it is that of node-1', async (t) => {
  const root = temporaryRoot(t, { ...TEMPLATE, '.env': 'PORT=4001\nADDRESS=ws://10.9.0.2:4001\n' })
  const { stdout } = await clone(t, root, '2')
  t.is(envOf(root, 'node-3'), 'PORT=4003\nADDRESS=ws://10.9.0.2:4003\n')
  t.notRegex(stdout, /ADDRESS/)
})

test.serial(
  'clone-node - copies an ADDRESS with auto, which is right for each clone',
  async (t) => {
    const root = temporaryRoot(t, { ...TEMPLATE, '.env': 'PORT=4001\nADDRESS=wss://auto\n' })
    const { stdout } = await clone(t, root)
    t.is(envOf(root, 'node-2'), 'PORT=4002\nADDRESS=wss://auto\n')
    t.notRegex(stdout, /ADDRESS/)
  },
)

test.serial('clone-node - two at once never make the same folder', async (t) => {
  const root = temporaryRoot(t, TEMPLATE)
  const outcomes = await Promise.all([clone(t, root, '20'), clone(t, root, '20')])
  const made = outcomes.flatMap(({ stdout }) => stdout.match(/^node-\d+(?= {2}PORT)/gm) ?? [])
  t.is(new Set(made).size, 40)
  t.is(readdirSync(root).length, 41)
  for (const name of made) {
    t.is(envOf(root, name), `PORT=${4000 + Number(name.slice('node-'.length))}\n`)
  }
})

test.serial('clone-node - refuses a bad count in one line, and makes nothing', async (t) => {
  const root = temporaryRoot(t, TEMPLATE)
  t.deepEqual(await clone(t, root, '1000000'), {
    code: 2,
    stdout: '',
    stderr: "clone-node: count must be an integer from 1 to 1000, got '1000000'\n",
  })
  t.deepEqual(readdirSync(root), ['node-1'])
})

test.serial('clone-node - answers --help', async (t) => {
  const { code, stdout } = await clone(t, '/nowhere', '--help')
  t.is(code, 0)
  t.regex(stdout, /--root DIR/)
})

test.serial('clone-node - prints the fix for a missing node-1 or index.js', async (t) => {
  const empty = await clone(t, temporaryRoot(t))
  t.is(empty.code, 1)
  t.regex(empty.stderr, /^clone-node: there is no folder '.*node-1': get it back with .*\n$/)
  const root = temporaryRoot(t, { '.env': 'PORT=4001\n' })
  const bare = await clone(t, root)
  t.is(bare.code, 1)
  t.regex(bare.stderr, /^clone-node: '.*node-1' has no index\.js: .*npm run build\n$/)
  t.deepEqual(readdirSync(root), ['node-1'])
})

test.serial('clone-node - leaves nothing behind when it fails', async (t) => {
  const root = temporaryRoot(t, { 'index.js': '', 'known-peers.json': '[]' })
  // A .env that cannot be copied.
  mkdirSync(join(root, 'node-1', '.env'))
  const { code, stderr } = await clone(t, root)
  t.is(code, 1)
  t.is(stderr.trim().split('\n').length, 1)
  t.deepEqual(readdirSync(root), ['node-1'])
})

test.serial('clone-node - keeps the settings of a .env that Windows wrote in UTF-16', async (t) => {
  const root = temporaryRoot(t, TEMPLATE)
  const text = '\ufeffPORT=4001\r\nMESH=a\r\n'
  writeFileSync(join(root, 'node-1', '.env'), Buffer.from(text, 'utf16le'))
  await clone(t, root)
  t.is(envOf(root, 'node-2'), 'PORT=4002\r\nMESH=a\r\n')
})

test.serial('npm run clone, npm run delete - work from another working directory', async (t) => {
  const root = copyOfRepository(t)
  writeNode(root, 'node-1', TEMPLATE)
  const npm = (...args: string[]) =>
    launchProgram(t, 'npm', ['--silent', '--prefix', root, 'run', ...args]).exit
  t.like(await npm('clone', '--', '2'), { code: 0, stderr: '' })
  t.is(envOf(root, 'node-3'), 'PORT=4003\n')
  const { code, stdout } = await npm('delete', '--', '--force')
  t.is(code, 0)
  t.is(stdout, 'deleted node-2\ndeleted node-3\n')
})

test.serial(
  'clone-node, delete-nodes - are plain scripts: a Node that only strips types can run them',
  (t) => {
    const { compilerOptions } = JSON.parse(readFileSync(join(REPOSITORY, 'tsconfig.json'), 'utf8'))
    // With these, `npm run check` refuses whatever leaves more than types in the source.
    t.true(compilerOptions.erasableSyntaxOnly)
    t.true(compilerOptions.verbatimModuleSyntax)
    const files = new Set(['clone-node.ts', 'delete-nodes.ts'])
    for (const file of files) {
      const source = readFileSync(join(REPOSITORY, file), 'utf8')
      for (const [, name = ''] of source.matchAll(/^(?:import|export|\}) .*from '(.*)'$/gm)) {
        if (name.startsWith('node:')) continue
        t.regex(name, /^\.\.?\/.*\.ts$/, `${file} imports ${name}`)
        files.add(join(dirname(file), name))
      }
    }
    t.true(files.has('build/command-line.ts') && files.has('src/config/text-file.ts'))
  },
)
