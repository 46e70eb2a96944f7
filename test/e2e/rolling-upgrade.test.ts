/**
 * Nodes of the bundle before are replaced by today's, one after the other, while messages are
 * published: whoever runs gets each message once, and in order, on both versions.
 */

import { writeFileSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { MeshNode } from '../../src/index.ts'
import { EventReader } from '../helpers/event-reader.ts'
import { freePorts } from '../helpers/free-port.ts'
import { BUNDLE, NodeProcess } from '../helpers/node-process.ts'
import { olderBundle } from '../helpers/older-bundle.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const NODES = 3
const PAUSE_MS = 5

/** Messages between two replacements. */
const STEP = 50

/** What a node gets from its start on. */
class Follower {
  readonly #reader: EventReader

  private constructor(reader: EventReader) {
    this.#reader = reader
  }

  static async open(t: ExecutionContext, { port }: NodeProcess): Promise<Follower> {
    return new Follower(await EventReader.open(t, port, '/topics/numbers?history=run'))
  }

  /** The numbers, in the order in which they came; `gap` for what will not come. */
  get numbers(): readonly unknown[] {
    return this.#reader.events.map(({ data, name }) => {
      const { body }: { body?: unknown } = JSON.parse(data)
      return name === 'message' ? body : name
    })
  }

  async reaches(number: number): Promise<void> {
    await waitUntil(
      () => this.#reader.events.length > 0 && Number(this.numbers.at(-1)) >= number,
      () => `${number}, got ${this.numbers.slice(-5).join()}`,
    )
  }
}

test('upgrade - nodes that are replaced one after the other get each message once', async (t) => {
  const older = olderBundle()
  t.not(older, BUNDLE.toString())
  const ports = await freePorts(t, NODES + 1)
  const knownPeers = ports.map((port) => `ws://localhost:${port}`)
  const nodes = await Promise.all(
    ports.slice(1).map((port) => {
      return NodeProcess.create(t, { port, knownPeers, files: { 'index.js': older } })
    }),
  )
  const sender = new MeshNode({ port: ports[0] ?? 0, knownPeers })
  t.teardown(() => sender.stop())
  await Promise.all([sender.start(), ...nodes.map((node) => node.start())])
  const complete = (): Promise<void> =>
    waitUntil(
      () => [...nodes, { connected: sender.peers.length }].every((one) => one.connected === NODES),
      () => nodes.map(({ output }) => output).join('\n'),
    )
  await complete()
  let sent = 0
  const publish = (): void => {
    sent += 1
    sender.publish('numbers', sent)
  }
  publish()
  const sending = setInterval(publish, PAUSE_MS)
  t.teardown(() => clearInterval(sending))

  const before = await Promise.all(nodes.map((node) => Follower.open(t, node)))
  const after: { readonly follower: Follower; readonly sentAtStart: number }[] = []
  for (const node of nodes) {
    for (const follower of before.slice(after.length)) await follower.reaches(sent)
    t.is((await node.stop()).code, 0, node.output)
    writeFileSync(node.script, BUNDLE)
    await node.start()
    const sentAtStart = sent
    await complete()
    const follower = await Follower.open(t, node)
    after.push({ follower, sentAtStart })
    await follower.reaches(sent + STEP)
  }
  clearInterval(sending)

  for (const { follower, sentAtStart } of after) {
    await follower.reaches(sent)
    const { numbers } = follower
    const first = Number(numbers[0])
    t.true(first <= sentAtStart + 1, `${first} is the first, and ${sentAtStart} were sent`)
    t.deepEqual(
      numbers,
      numbers.map((_, index) => first + index),
    )
  }
  for (const { numbers } of before) {
    t.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    )
  }
  t.is(sender.peers.length, NODES)
  assertNoUnhandledErrors(t, nodes)
})
