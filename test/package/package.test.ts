/** What `npm pack` makes: its files, its types, the library in it and the program in it. */

import { createHash } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import test from 'ava'
import { publint } from 'publint'
import { REPOSITORY } from '../../build/repository.ts'
import { call } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NodeProcess, type Run } from '../helpers/node-process.ts'
import { Packed } from '../helpers/packed.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { launchProgram } from '../tools/run-tool.ts'

let packed: Packed

// Outside of the tests, which must not wait for one another.
test.before((t) => {
  t.timeout(120_000)
  packed = new Packed()
})
test.after.always(() => packed.remove())

// --- What is in it -------------------------------------------------------------------------------

test.serial('package - has what users need and nothing else', (t) => {
  const files = readdirSync(packed.folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(packed.folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/^docs\/.*\.md$|^examples\/|^dist\/library\/.*\/.*\.d\.ts$/.test(path))
  t.deepEqual(files.sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/fullmesh.js',
    'dist/library/index.d.ts',
    'dist/library/index.js',
    'docs/pictures/lab.png',
    'docs/pictures/mesh-dark.png',
    'docs/pictures/mesh-light.png',
    'docs/pictures/terminal.svg',
    'node-1/index.js',
    'package.json',
  ])
})

test.serial('package - needs no other package', (t) => {
  t.deepEqual(readdirSync(join(packed.project, 'node_modules')).filter(isVisible), ['fullmesh'])
})

function isVisible(name: string): boolean {
  return !name.startsWith('.')
}

test.serial('package - its index.js is the one that is committed', (t) => {
  const path = 'node-1/index.js'
  t.deepEqual(readFileSync(join(packed.folder, path)), readFileSync(join(REPOSITORY, path)))
})

const PICTURE = /!\[[^\]]*\]\([^)]*\)/g

test.serial('package - every link in its pages leads to a file of it', (t) => {
  const pages = readdirSync(packed.folder, { recursive: true, encoding: 'utf8' })
  for (const page of pages.filter((path) => path.endsWith('.md'))) {
    // Pictures are for those who read on the web; they would make the package twice as large.
    const text = readFileSync(join(packed.folder, page), 'utf8').replaceAll(PICTURE, '')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      t.true(existsSync(join(packed.folder, dirname(page), target)), `${page}: ${target}`)
    }
  }
})

test.serial('package - publint reports nothing', async (t) => {
  const bytes = Uint8Array.from(readFileSync(packed.archive))
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true })
  t.deepEqual(messages, [])
})

test.serial(
  'package - arethetypeswrong finds nothing wrong with the types of an ES module',
  async (t) => {
    const archive = createPackageFromTarballData(readFileSync(packed.archive))
    const analysis = await checkPackage(archive)
    if (!('problems' in analysis)) return t.fail('no types')
    // Its profile esm-only: Node 10 knew no exports, and that CommonJS gets an ES module is known.
    const ignored = ['node10', 'node16-cjs']
    t.deepEqual(
      analysis.problems.filter(
        (problem) => !('resolutionKind' in problem && ignored.includes(problem.resolutionKind)),
      ),
      [],
    )
  },
)

// --- The library ---------------------------------------------------------------------------------

const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')

/** The example of the README. */
const EXAMPLE = /^```js\n([\s\S]*?)^```$/m.exec(README)?.[1] ?? ''

test.serial('library - has these names, and the types have the same and no more', async (t) => {
  const script = "console.log(Object.keys(await import('fullmesh')).sort().join())"
  t.is((await runModule(t, script)).stdout, 'DEFAULT_TIMINGS,MeshNode,NodeError\n')
  const clauses = [
    ...(typeFiles().get('index.d.ts') ?? '').matchAll(/^export (type )?\{ (.*) \}/gm),
  ]
    .flatMap(([, type = '', list = '']) => list.split(', ').map((name) => `${type}${name}`))
    .sort()
  t.deepEqual(clauses, [
    'DEFAULT_TIMINGS',
    'MeshNode',
    'NodeError',
    'type Ending',
    'type Gap',
    'type HandlerOptions',
    'type IncomingRequest',
    'type Json',
    'type LagEvent',
    'type LifecycleEvent',
    'type LogLine',
    'type MeshEvent',
    'type MeshNodeEvents',
    'type MeshNodeOptions',
    'type Message',
    'type MessageIterator',
    'type NodeData',
    'type NodeErrorCode',
    'type NodeEvent',
    'type Peer',
    'type PeerAnswer',
    'type PeerEnding',
    'type Publishable',
    'type RequestOptions',
    'type SubscribeOptions',
    'type Timings',
  ])
})

test.serial('library - its types name nothing that is internal', (t) => {
  for (const [file, text] of typeFiles()) {
    for (const name of ['@internal', 'portSource', 'rateLimit', 'portMissing', "'ws'"]) {
      t.false(text.includes(name), `${file}: ${name}`)
    }
  }
})

test.serial('library - the example of the README runs and prints its output', async (t) => {
  const [one, two] = [await freePort(t), await freePort(t)]
  const chat = (...words: readonly string[]): Run => {
    const folder = projectFolder(t, { 'chat.mjs': EXAMPLE })
    const args = [join(folder, 'chat.mjs'), ...words]
    return launchProgram(t, process.execPath, args, { cwd: folder, stdin: 'pipe' })
  }
  const anna = chat(`${one}`)
  const ben = chat(`${two}`, `ws://localhost:${one}`)
  const said = `ws://localhost:${two} joined\nws://localhost:${two}: hello\n`
  await waitUntil(
    () => ben.stdout.includes('joined'),
    () => `${anna.stdout}${ben.stdout}${ben.stderr}`,
  )
  ben.child.stdin?.end('hello\n')
  t.deepEqual(await ben.exit, { code: 0, stdout: `ws://localhost:${one} joined\n`, stderr: '' })
  await waitUntil(
    () => anna.stdout === said,
    () => anna.stdout,
  )
  anna.child.stdin?.end()
  t.deepEqual(await anna.exit, { code: 0, stdout: said, stderr: '' })
})

test.serial(
  'library - programs in TypeScript have types, and errors for wrong options',
  async (t) => {
    const folder = projectFolder(t, {
      'example.ts': EXAMPLE,
      'more.ts': TYPED,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'es2023',
          module: 'nodenext',
          typeRoots: [join(REPOSITORY, 'node_modules/@types')],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
        },
      }),
      'package.json': '{ "type": "module" }',
    })
    const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
    const { exit } = launchProgram(t, process.execPath, [compiler, '-p', folder], { cwd: folder })
    t.deepEqual(await exit, { code: 0, stdout: '', stderr: '' })
  },
)

test.serial(
  'library - programs need neither settings of the compiler nor types of Node',
  async (t) => {
    const folder = projectFolder(t, { 'program.ts': MESSAGES, 'package.json': '{"type":"module"}' })
    const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
    const compile = (...words: readonly string[]) =>
      launchProgram(t, process.execPath, [compiler, ...words], { cwd: folder }).exit
    t.is((await compile('--init')).code, 0)
    t.deepEqual(await compile('--noEmit'), { code: 0, stdout: '', stderr: '' })
  },
)

/** Errors that are expected and do not come are errors, too. */
const MESSAGES = `
import { MeshNode } from 'fullmesh'
import type { Gap, IncomingRequest, Json, Message, MessageIterator, NodeData, PeerAnswer, RequestOptions } from 'fullmesh'

interface Order { readonly id: number; readonly note?: string; readonly parts?: readonly Order[] }

await using node = new MeshNode({ port: 4101, data: { role: 'worker', name: 'anna' } })
node.on('peer-up', (peer) => console.log(peer.address)).once('complete', () => {})
node.on('peer-data', ({ data }) => console.log(data.name, data['role']))
node.off('gap', (gap: Gap) => console.log(gap.first))
await node.start()

const order: Order = { id: 7 }
for (const body of [order, [order], 'text', null, Uint8Array.of(1)]) node.publish('a.b', body)
node.publish('a.b', { order, list: [1, 'a', null] }).seq satisfies number
// @ts-expect-error: no JSON
node.publish('a.b', () => {})
// @ts-expect-error: no JSON within
node.publish('a.b', { at: new Map() })
// @ts-expect-error: nothing
node.publish('a.b', undefined)

const me: { role: string } = { role: 'worker' }
node.data = { ...node.data, ...me }
node.data satisfies NodeData
// @ts-expect-error: no object
node.data = 'anna'
console.log(node.peers[0]?.data.name)

const signal: AbortSignal | undefined = Math.random() > 0.5 ? AbortSignal.timeout(1) : undefined
const items: (Message | Gap)[] = []
{
  using all = node.subscribe('a.*', { signal, history: 'run', echo: false })
  all satisfies MessageIterator
  for await (const item of all) {
    if (item.kind === 'message') console.log(item.body, item.from ?? item.feed)
    else console.log(item.first, item.last)
    break
  }
  const { value, done } = await all.next()
  if (!done) items.push(value)
}
await using other = node.subscribe('a.>')
using handled = node.subscribe('a', (message) => items.push(message), { onGap: (gap) => items.push(gap) })
node.subscribe('a', async ({ body }: Message) => { await Promise.resolve(body) }, { signal })
// @ts-expect-error: no such history
node.subscribe('a', { history: 'all' })
console.log(node.lag('ws://localhost:4102').items, other, handled)

using responder = node.respond('a', async ({ body, from, signal }: IncomingRequest) => [body, from ?? null, signal.aborted])
node.respond('b', () => {})
const answer: Json | Uint8Array = await node.request(node.peers[0] ?? 'ws://localhost:4102', 'a', order, { timeoutMs: 5, signal })
const settings: RequestOptions = { timeoutMs: undefined }
for await (const { from, body, error } of node.requestAll('a', order, settings)) console.log(from, error === undefined ? body : error.message)
const all: PeerAnswer[] = []
for await (const one of node.requestAll('a', [])) all.push(one)
// @ts-expect-error: no JSON
node.request('ws://localhost:4102', 'a', () => {})
console.log(responder, answer, all)
await node.flush()
`

function typeFiles(): ReadonlyMap<string, string> {
  const folder = join(packed.folder, 'dist/library')
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return new Map(
    names
      .filter((name) => name.endsWith('.d.ts'))
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

/** Errors that are expected and do not come are errors, too. */
const TYPED = `
import { DEFAULT_TIMINGS, MeshNode, NodeError } from 'fullmesh'
import type { MeshNodeOptions, NodeErrorCode, Peer, PeerEnding, Timings } from 'fullmesh'

const timings: Timings = DEFAULT_TIMINGS
const options: MeshNodeOptions = { port: 1, address: undefined, timings: { antiEntropyMs: 5 } }
const node = new MeshNode({ ...options, timings })
node.on('peer-up', (peer) => peer.since.getTime() satisfies number)
node.on('peer-down', (peer: Peer, ending: PeerEnding) => [peer.dialedBy === 'us', ending.text])
node.on('log', ({ level, text }) => \`\${level satisfies string}: \${text}\`)
const peers: readonly Peer[] = node.peers
const addresses: readonly string[] = node.connectedAddresses
export const codeOf = (error: unknown): NodeErrorCode | undefined =>
  error instanceof NodeError ? error.code : undefined
console.log(peers, addresses)

// @ts-expect-error: a number
new MeshNode({ port: '4001' })
// @ts-expect-error: a list
new MeshNode({ port: 1, knownPeers: 'ws://localhost:4001' })
// @ts-expect-error: for the program only
new MeshNode({ port: 1, portSource: 'here' })
node.on('event', (event) => {
  const kind: 'listening' | 'peer-joined' | string = event.kind
  if (event.kind === 'peer-left') console.log(kind, event.ending.code)
})
// @ts-expect-error: made by the library only
NodeError.portMissing({ file: '' })
`

test.serial('library - CommonJS requires the same', async (t) => {
  const script = `
    const { MeshNode } = require('fullmesh')
    import('fullmesh').then((library) => console.log(library.MeshNode === MeshNode))`
  const exit = await runFile(t, 'program.cjs', script)
  t.deepEqual(exit, { code: 0, stdout: 'true\n', stderr: '' })
})

test.serial('library - a wrong option is an error that names it', async (t) => {
  const script = `
    import { MeshNode, NodeError } from 'fullmesh'
    try {
      new MeshNode({ port: 4001, knownPeers: ['localhost:4002'] })
    } catch (error) {
      console.log(error instanceof NodeError, error.code, error.message)
    }`
  const { stdout } = await runModule(t, script)
  t.regex(stdout, /^true CONFIG_KNOWN_PEERS_INVALID the option knownPeers .*'localhost:4002'/)
})

test.serial('library - an uncaught error has its name, code and sentence', async (t) => {
  const script = "import { MeshNode } from 'fullmesh'\nnew MeshNode({ port: 70000 })"
  const { code, stderr } = await runModule(t, script)
  t.is(code, 1)
  t.regex(stderr, /^NodeError: the option port must be .*, got '70000'/m)
  t.regex(stderr, /^ {2}code: 'CONFIG_PORT_INVALID'/m)
})

test.serial(
  'library - three nodes in one process become complete, print nothing, and let it end',
  async (t) => {
    const ports = [await freePort(t), await freePort(t), await freePort(t)]
    const { code, stdout, stderr } = await runModule(t, THREE(ports))
    t.is(stderr, '')
    t.is(stdout, '2,2,2\n0,0,0\n')
    t.is(code, 0)
  },
)

/**
 * One of the known peers never runs: waiting for it must not keep the process running. Timers
 * and sockets that are left would be named.
 */
const THREE = (ports: readonly number[]): string => `
  import { once } from 'node:events'
  import { MeshNode } from 'fullmesh'
  const knownPeers = ['ws://localhost:${ports[0]}', 'ws://127.0.0.1:9']
  const nodes = ${JSON.stringify(ports)}.map((port) => new MeshNode({ port, knownPeers }))
  const counts = () => nodes.map((node) => node.peers.length).join()
  const complete = nodes.map(async (node) => {
    while (node.peers.length < 2) await once(node, 'peer-up')
  })
  for (const node of nodes) await node.start()
  await Promise.all(complete)
  console.log(counts())
  await Promise.all(nodes.map((node) => node.stop()))
  console.log(counts())
  const listeners = ['SIGHUP', 'SIGINT', 'SIGTERM', 'uncaughtException']
  for (const name of listeners) if (process.listenerCount(name) > 0) console.log(name)
  // The pipe is stdout.
  const held = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap')
  if (held.length > 0) console.log(held)`

// --- The program ---------------------------------------------------------------------------------

test.serial('npx - runs the node of the folder that it is called in', async (t) => {
  const port = await freePort(t)
  const folder = temporaryFolder(t, { '.env': `PORT=${port}\n`, 'known-peers.json': '[]' })
  const run = launchProgram(t, packed.program, [], { cwd: folder })
  await listening(run)
  const { headers } = await call(t, `ws://localhost:${port}`)
  const code = createHash('sha256').update(readFileSync(join(REPOSITORY, 'node-1/index.js')))
  t.is(headers['mesh-code'], code.digest('hex'))
  const peer = await NodeProcess.start(t, { knownPeers: [`ws://localhost:${port}`] })
  await peer.reported('peer-joined', { connected: 1 })
  run.child.kill('SIGTERM')
  t.like(await run.exit, { code: 0, stderr: '' })
})

test.serial('npx - runs the node of another folder when it is named', async (t) => {
  const port = await freePort(t)
  const folder = temporaryFolder(t, { 'node-7/.env': `PORT=${port}\n`, '.env': 'PORT=none\n' })
  for (const words of [['--dir', 'node-7'], ['--dir=node-7']]) {
    const run = launchProgram(t, packed.program, words, { cwd: folder })
    await listening(run)
    run.child.kill('SIGTERM')
    t.like(await run.exit, { code: 0 })
  }
})

test.serial('npx - names the file that is missing in the folder', async (t) => {
  const folder = temporaryFolder(t)
  const { code, stderr } = await launchProgram(t, packed.program, [], { cwd: folder }).exit
  t.is(code, 2)
  t.true(stderr.startsWith(join(folder, '.env')), stderr)
})

test.serial('npx - finds the program, which prints the version of the package', async (t) => {
  const words = ['--offline', '--no', '--', 'fullmesh', '--version']
  const { version } = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'))
  const { code, stdout } = await launchProgram(t, 'npx', words, { cwd: packed.project }).exit
  t.is(code, 0)
  t.regex(stdout, new RegExp(`^fullmesh ${version}\\b`))
})

// --- Helpers -------------------------------------------------------------------------------------

type Context = Parameters<typeof launchProgram>[0]

/** A folder of the project, where imports find the package. */
function projectFolder(t: Context, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  symlinkSync(join(packed.project, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function runFile(t: Context, name: string, text: string): Run['exit'] {
  const folder = projectFolder(t, { [name]: text })
  return launchProgram(t, process.execPath, [join(folder, name)], { cwd: folder }).exit
}

function runModule(t: Context, text: string): Run['exit'] {
  return runFile(t, 'program.mjs', text)
}

async function listening(run: Run): Promise<void> {
  await waitUntil(
    () => run.isOver || / listening on \S+\n/.test(run.stdout),
    () => `listening\n${run.stdout}${run.stderr}`,
  )
}
