/** What nodes store: durable messages, and named subscriptions over restarts. */

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type Gap, MeshNode, type MeshNodeOptions, type Message } from '../../src/index.ts'
import { freePort } from '../helpers/free-port.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

async function start(t: ExecutionContext, options: Partial<MeshNodeOptions>): Promise<MeshNode> {
  const node = new MeshNode({ port: await freePort(t), ...options })
  t.teardown(() => node.stop())
  await node.start()
  return node
}

/** What a named subscription gets: numbers, and gaps as [first, last]. */
function follow(node: MeshNode, name: string, options: { readonly echo?: boolean } = {}) {
  const items: (Message | Gap)[] = []
  const take = (item: Message | Gap): void => {
    items.push(item)
  }
  const subscription = node.subscribe('a.>', take, { ...options, name, onGap: take })
  const bodies = (): readonly unknown[] =>
    items.map((item) => (item.kind === 'gap' ? [item.first, item.last] : item.body))
  const got = (count: number): Promise<void> =>
    waitUntil(
      () => items.length >= count,
      () => `${count} items, got ${JSON.stringify(bodies())}`,
    )
  return { items, bodies, got, subscription }
}

test('durable - without a folder nothing claims to be stored', async (t) => {
  const node = await start(t, {})
  await t.throwsAsync(node.publishDurable('a.b', 1), { code: 'DATA_MISSING' })
  t.throws(() => node.subscribe('a.>', () => {}, { name: 'a' }), { code: 'DATA_MISSING' })
  t.is(node.publish('a.b', 1).seq, 1)
})

test('durable - names of subscriptions are checked, and used once at a time', async (t) => {
  const node = await start(t, { messages: { folder: temporaryFolder(t) } })
  for (const name of ['', 'A', '.a', 'a/b', 'x'.repeat(65)]) {
    t.throws(() => node.subscribe('a.>', () => {}, { name }), { instanceOf: TypeError }, name)
  }
  t.throws(() => node.subscribe('a.>.b', () => {}, { name: 'a' }), { instanceOf: TypeError })
  const first = node.subscribe('a.>', () => {}, { name: 'a' })
  t.throws(() => node.subscribe('a.>', () => {}, { name: 'a' }), {
    message: /has the name 'a'; end it first/,
  })
  first[Symbol.dispose]()
  await waitUntil(
    () => {
      try {
        return node.subscribe('a.>', () => {}, { name: 'a' }) !== undefined
      } catch {
        return false
      }
    },
    () => 'the name is not free again',
  )
  node.subscribe('a.>', () => {}, { name: 'x'.repeat(64) })
})

test('durable - a named subscription goes on where its handler had got to', async (t) => {
  const folder = temporaryFolder(t)
  const first = await start(t, { messages: { folder } })
  const before = follow(first, 'one')
  for (const n of [1, 2, 3]) await first.publishDurable('a.b', n)
  await before.got(3)
  before.subscription[Symbol.dispose]()
  await first.publishDurable('b', 'another topic')
  first.publish('a.c', 4)
  await first.stop()
  const second = await start(t, { messages: { folder } })
  const plain: unknown[] = []
  second.subscribe('a.>', ({ body }) => plain.push(body), { history: 'run' })
  const after = follow(second, 'one')
  const other = follow(second, 'two')
  const silent = follow(second, 'three', { echo: false })
  second.publish('a.b', 5)
  await after.got(2)
  await other.got(5)
  t.deepEqual(after.bodies(), [4, 5])
  t.deepEqual(other.bodies(), [1, 2, 3, 4, 5])
  t.deepEqual(silent.bodies(), [])
  t.deepEqual(plain, [5])
  const [stored] = after.items
  t.like(stored, { from: second.address, feed: first.id, seq: 5, relayed: true })
  t.true(stored?.kind === 'message' && stored.ageMs < 20_000)
  await second.stop()
  const third = await start(t, { messages: { folder } })
  const end = follow(third, 'one')
  third.publish('a.b', 6)
  await end.got(1)
  t.deepEqual(end.bodies(), [6])
})

test('durable - a message that no handler could take comes again after a restart', async (t) => {
  const folder = temporaryFolder(t)
  const calls: unknown[] = []
  const failAtTwo = ({ body }: Message): void => {
    calls.push(body)
    if (body === 2) throw new Error('not now')
  }
  const first = await start(t, { messages: { folder } })
  first.subscribe('a.>', failAtTwo, { name: 'one' })
  for (const n of [1, 2, 3]) first.publish('a.b', n)
  await waitUntil(
    () => calls.includes(2),
    () => calls.join(),
  )
  await first.stop()
  // Now it is read from the folder.
  calls.length = 0
  const second = await start(t, { messages: { folder } })
  second.subscribe('a.>', failAtTwo, { name: 'one' })
  await waitUntil(
    () => calls.includes(2),
    () => calls.join(),
  )
  await second.stop()
  t.false(calls.includes(1))
  const after = follow(await start(t, { messages: { folder } }), 'one')
  await after.got(2)
  t.deepEqual(after.bodies(), [2, 3])
})

test('durable - what peers published meanwhile comes after a restart', async (t) => {
  const folder = temporaryFolder(t)
  const peer = await start(t, {})
  const options = { knownPeers: [peer.address], messages: { folder } }
  for (let n = 1; n <= 3; n += 1) peer.publish('a.b', n)
  const first = await start(t, options)
  const before = follow(first, 'one')
  peer.publish('a.b', 4)
  await before.got(1)
  await first.stop()
  // Nobody is there to get them.
  peer.publish('a.b', 5)
  peer.publish('b', 'another topic')
  const late = await start(t, {})
  late.publish('a.b', 'of a new peer')
  const second = await start(t, { ...options, knownPeers: [peer.address, late.address] })
  const after = follow(second, 'one')
  const plain: unknown[] = []
  second.subscribe('a.>', ({ body }) => plain.push(body))
  await after.got(2)
  peer.publish('a.b', 6)
  await after.got(3)
  t.deepEqual([...after.bodies()].sort(), [5, 6, 'of a new peer'])
  // Younger than the margin of a start.
  t.true(plain.includes(6))
})

test('durable - a node publishes again what it had stored, and peers get it once', async (t) => {
  const folder = temporaryFolder(t)
  const peer = await start(t, {})
  const got: unknown[] = []
  peer.subscribe('a.>', ({ body, relayed }) => got.push([body, relayed]))
  // Nobody is connected.
  const first = await start(t, { messages: { folder } })
  for (const n of [1, 2]) await first.publishDurable('a.b', n)
  await first.stop()
  const options = { knownPeers: [peer.address], messages: { folder } }
  const second = await start(t, options)
  await waitUntil(
    () => got.length >= 2,
    () => JSON.stringify(got),
  )
  // With a copy of the folder, too.
  const copied = join(temporaryFolder(t), 'copy')
  cpSync(folder, copied, { recursive: true })
  const copy = await start(t, { ...options, messages: { folder: copied } })
  const kept: unknown[] = []
  copy.subscribe('a.>', ({ body }) => kept.push(body), { history: 'kept' })
  copy.publish('a.b', 'of the copy')
  await waitUntil(
    () => got.length >= 3 && kept.length >= 3,
    () => JSON.stringify([got, kept]),
  )
  t.deepEqual(kept, [1, 2, 'of the copy'])
  await copy.stop()
  await second.stop()
  const third = await start(t, options)
  third.publish('a.b', 3)
  await waitUntil(
    () => got.length >= 4,
    () => JSON.stringify(got),
  )
  t.deepEqual(got, [
    [1, true],
    [2, true],
    ['of the copy', false],
    [3, false],
  ])
})

test('durable - a subscription that is slower than the log reads the folder', async (t) => {
  const messages = { folder: temporaryFolder(t), keepMib: 1, senderPercent: 10 }
  const node = await start(t, { messages })
  const got: unknown[] = []
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const take = async (item: Message | Gap): Promise<void> => {
    await gate
    got.push(item.kind === 'gap' ? [item.first, item.last] : item.seq)
  }
  node.subscribe('a.>', take, { name: 'one', onGap: take })
  const wanted: number[] = []
  for (let n = 1; n <= 20; n += 1) {
    node.publish('a.b', 'x'.repeat(50_000))
    await node.flush()
    wanted.push(n)
  }
  open()
  await waitUntil(
    () => got.length >= 20,
    () => JSON.stringify(got),
  )
  t.deepEqual(got, wanted)
})

test('durable - two nodes never have one folder', async (t) => {
  const folder = temporaryFolder(t)
  const first = await start(t, { messages: { folder } })
  await t.throwsAsync(start(t, { messages: { folder } }), { code: 'DATA_IN_USE' })
  await t.throwsAsync(start(t, { port: 0, messages: { folder } }), { code: 'DATA_IN_USE' })
  await first.stop()
  t.true((await start(t, { messages: { folder } })) instanceof MeshNode)
})

test('durable - a stop ends a handler that fails, and no error follows', async (t) => {
  const errors: unknown[] = []
  const fail = (calls: unknown[]) => (message: Message) => {
    calls.push(message.body)
    throw new Error('not now')
  }
  const [node, other] = [await start(t, {}), await start(t, {})]
  const [calls, otherCalls]: [unknown[], unknown[]] = [[], []]
  node.on('error', (error) => errors.push(error))
  node.subscribe('a.>', fail(calls))
  node.publish('a.b', 1)
  await waitUntil(
    () => calls.length === 1,
    () => 'not called',
  )
  await node.stop()
  const callsAtStop = calls.length
  // As long as it takes another one to be called three times.
  other.subscribe('a.>', fail(otherCalls))
  other.publish('a.b', 1)
  await waitUntil(
    () => otherCalls.length === 3,
    () => 'not called again',
  )
  t.is(calls.length, callsAtStop)
  t.deepEqual(errors, [])
})

test('durable - a stop ends a subscription that goes through the folder', async (t) => {
  const folder = temporaryFolder(t)
  const first = await start(t, { messages: { folder } })
  for (const n of [1, 2, 3]) await first.publishDurable('a.b', n)
  await first.stop()
  const second = await start(t, { messages: { folder } })
  const calls: unknown[] = []
  let open: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const take = async ({ body }: Message): Promise<void> => {
    calls.push(body)
    await gate
  }
  second.subscribe('a.>', take, { name: 'one' })
  await waitUntil(
    () => calls.length === 1,
    () => 'not called',
  )
  await second.stop()
  open()
  for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  t.deepEqual(calls, [1])
  // That one was not done when the place was written.
  const after = follow(await start(t, { messages: { folder } }), 'one')
  await after.got(3)
  t.deepEqual(after.bodies(), [1, 2, 3])
})
