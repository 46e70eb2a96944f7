/**
 * The bridge to NATS JetStream, with nats-server. A bridge takes nothing in its first 3 s, and what
 * one had in hand that was killed comes again after 2 s: that is how long these tests take.
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { install, readProject } from '../../build/npm-install.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { type Json, MeshNode } from '../../src/index.ts'
import { endChild } from '../helpers/end-child.ts'
import { freePort } from '../helpers/free-port.ts'
import { NatsServer } from '../helpers/nats-server.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const FOLDER = join(REPOSITORY, 'examples/nats-bridge')
const STREAM = 'fullmesh'

/** How long doubt and delivery take at most on a busy machine, in ms. */
const WITHIN_MS = 40_000

/** The packages of the example: without the library, which is of this repository. */
let packages = ''

test.before('the library is built, and the packages are installed', async () => {
  execFileSync('npm', ['run', '--silent', 'build:library'], { cwd: REPOSITORY, stdio: 'ignore' })
  packages = await install(withoutLibrary())
})

function withoutLibrary() {
  const { lock, manifest } = readProject(FOLDER)
  const project: { dependencies: Record<string, string> } = JSON.parse(manifest)
  const locked: { packages: Record<string, { dependencies?: Record<string, string> }> } =
    JSON.parse(lock)
  delete project.dependencies['fullmesh']
  delete locked.packages['']?.dependencies?.['fullmesh']
  delete locked.packages['../..']
  delete locked.packages['node_modules/fullmesh']
  return { manifest: JSON.stringify(project), lock: JSON.stringify(locked) }
}

/** A bridge that can be killed and started again, in its own folder. */
class Bridge {
  readonly #words: readonly string[]
  readonly #folder: string
  readonly #nats: NatsServer
  #child: ChildProcess | undefined
  output = ''

  private constructor(folder: string, nats: NatsServer, words: readonly string[]) {
    this.#folder = folder
    this.#nats = nats
    this.#words = words
  }

  static async start(
    t: ExecutionContext,
    name: string,
    nats: NatsServer,
    ...knownPeers: readonly string[]
  ): Promise<Bridge> {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(join(packages, 'node_modules/@nats-io'), join(folder, 'node_modules/@nats-io'))
    symlinkSync(REPOSITORY, join(folder, 'node_modules/fullmesh'))
    copyFileSync(join(FOLDER, 'bridge.mjs'), join(folder, 'bridge.mjs'))
    const bridge = new Bridge(folder, nats, [name, String(await freePort(t)), ...knownPeers])
    t.teardown(() => bridge.kill())
    await bridge.start()
    return bridge
  }

  async start(): Promise<void> {
    const env = { ...process.env, NATS: `127.0.0.1:${this.#nats.port}` }
    const child = spawn(process.execPath, ['bridge.mjs', ...this.#words], {
      cwd: this.#folder,
      env,
    })
    this.#child = child
    this.output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
      })
    }
    await waitUntil(
      () => this.output.includes('bridging to'),
      () => `no bridge: ${this.output}`,
    )
  }

  async kill(): Promise<void> {
    if (this.#child !== undefined) await endChild(this.#child)
  }
}

async function startNode(t: ExecutionContext, ...knownPeers: readonly string[]) {
  const node = new MeshNode({ port: await freePort(t), knownPeers })
  t.teardown(() => node.stop())
  await node.start()
  return node
}

interface Got {
  readonly topic: string
  readonly body: Json | Uint8Array
}

/** What reaches a node from the stream. */
function follow(node: MeshNode): readonly Got[] {
  const got: Got[] = []
  node.subscribe('from.>', ({ body, topic }) => void got.push({ body, topic }), { history: 'run' })
  return got
}

/** All messages of the stream, when it has so many. */
async function storedMessages(nats: NatsServer, count: number) {
  const until = async (): Promise<boolean> => (await nats.count(STREAM)) >= count
  await waitUntil(until, () => `the stream has less than ${count} messages`)
  return nats.messages(STREAM)
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

test('nats-bridge - each message crosses once, whichever process is killed', async (t) => {
  const nats = await NatsServer.start(t)
  const sender = await startNode(t)
  const receiver = await startNode(t, sender.address)
  const got = follow(receiver)
  const bridge = await Bridge.start(t, 'berlin', nats, sender.address)
  let sent = 0
  const sending = setInterval(() => {
    sender.publish('orders.new', sent)
    sent += 1
  }, 2)
  t.teardown(() => clearInterval(sending))

  let given = 0
  const give = async (count: number): Promise<void> => {
    const numbers = upTo(count).map((n) => given + n)
    given += count
    await Promise.all(numbers.map((n) => nats.publish('mesh.paris.jobs', String(n))))
  }
  const gotMore = async (count: number): Promise<void> => {
    const before = got.length
    await waitUntil(
      () => got.length >= before + count,
      () => `${got.length} of ${before + count}: ${bridge.output}`,
    )
  }

  // Killed while it takes some of them to the mesh, and sends what is published.
  for (let round = 0; round < 2; round += 1) {
    const giving = give(500)
    await gotMore(10)
    await bridge.kill()
    await giving
    await bridge.start()
  }
  await Promise.all([give(100), gotMore(10)])
  await nats.kill()
  const sentBefore = sent
  await waitUntil(
    () => sent >= sentBefore + 100,
    () => 'nothing more was sent',
  )
  await nats.start()
  await give(100)
  clearInterval(sending)

  await waitUntil(
    () => got.length >= given,
    () => `${got.length} of ${given}: ${bridge.output}`,
    WITHIN_MS,
  )
  const stored = await storedMessages(nats, sent + given)
  const orders = stored.filter(({ subject }) => subject === 'mesh.berlin.orders.new')
  t.deepEqual(
    orders.map(({ text }) => Number(text)),
    upTo(sent),
  )
  t.is(stored.length, sent + given)
  t.deepEqual(
    got.map(({ body }) => Number(body)).sort((a, b) => a - b),
    upTo(given),
  )
  t.is(new Set(got.map(({ topic }) => topic)).size, given)
})

test('nats-bridge - what a killed bridge had not acknowledged comes, unless the mesh has it', async (t) => {
  const nats = await NatsServer.start(t)
  const node = await startNode(t)
  const got = follow(node)
  const bridge = await Bridge.start(t, 'berlin', nats, node.address)
  await bridge.kill()
  for (const text of ['one', 'two']) {
    await nats.publish('mesh.paris.jobs', text)
    await nats.take(STREAM, 'bridge-berlin', 'mesh.paris.jobs')
  }
  // As the bridge would have, had it been killed a moment later.
  node.publish('from.paris.jobs.1', 'one')
  await bridge.start()
  await waitUntil(
    () => got.length >= 2,
    () => bridge.output,
  )
  await nats.publish('mesh.paris.jobs', 'three')
  await waitUntil(
    () => got.some(({ body }) => body === 'three'),
    () => bridge.output,
  )
  const bodies = got.map(({ body }) => body)
  t.deepEqual(bodies, ['one', 'two', 'three'])
})

test('nats-bridge - two bridges of a mesh pass a message on once, and not back', async (t) => {
  const nats = await NatsServer.start(t)
  const berlin = await startNode(t)
  const paris = await startNode(t)
  const [inBerlin, inParis] = [follow(berlin), follow(paris)]
  const one = await Bridge.start(t, 'berlin', nats, berlin.address)
  const two = await Bridge.start(t, 'berlin', nats, berlin.address)
  const other = await Bridge.start(t, 'paris', nats, paris.address)
  berlin.publish('a.json', { n: 1 })
  berlin.publish('a.bytes', new Uint8Array([0, 255]))
  paris.publish('b', 'text')
  await nats.publish('mesh.else.c', 'a text')
  await waitUntil(
    () => inBerlin.length >= 2 && inParis.length >= 3,
    () => [one, two, other].map(({ output }) => output).join('\n'),
  )
  // What went around in a circle would be there before this.
  paris.publish('last', true)
  await waitUntil(
    () => inBerlin.some(({ topic }) => topic.startsWith('from.paris.last.')),
    () => JSON.stringify(inBerlin),
  )
  const plain = ({ body, topic }: Got) => [topic.replace(/\.\d+$/, ''), body]
  t.deepEqual(inParis.map(plain).sort(), [
    ['from.berlin.a.bytes', new Uint8Array([0, 255])],
    ['from.berlin.a.json', { n: 1 }],
    ['from.else.c', 'a text'],
  ])
  t.deepEqual(inBerlin.map(plain).sort(), [
    ['from.else.c', 'a text'],
    ['from.paris.b', 'text'],
    ['from.paris.last', true],
  ])
  t.is((await storedMessages(nats, 5)).length, 5)
})

test('nats-bridge - it has less than 150 lines, and the pages name it', (t) => {
  t.true(readFileSync(join(FOLDER, 'bridge.mjs'), 'utf8').split('\n').length < 150)
  for (const page of ['examples/README.md', 'docs/SCALE.md']) {
    t.true(readFileSync(join(REPOSITORY, page), 'utf8').includes('nats-bridge'), page)
  }
})
