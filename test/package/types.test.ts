/** The types of the library in the package: their names, and programs that use them. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { launchProgram } from '../tools/run-tool.ts'
import { EXAMPLE, packed, projectFolder, runModule } from './project.ts'

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
  const folder = join(packed().folder, 'dist/library')
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
