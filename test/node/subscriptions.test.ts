/** Subscriptions of one node: what each option and each end does. */

import { mock } from 'node:test'
import test, { type ExecutionContext } from 'ava'
import { type Gap, type LagEvent, MeshNode, type Message, type NodeError } from '../../src/index.ts'
import { RETRIES_MAX } from '../../src/node/handler-calls.ts'
import { headersOf } from '../../src/wire/headers.ts'
import { call } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

async function start(t: ExecutionContext, options: object = {}): Promise<MeshNode> {
  const node = new MeshNode({ port: 0, ...options })
  t.teardown(() => node.stop())
  await node.start()
  return node
}

/** What is there at the moment. */
async function bodiesIn(node: MeshNode, options: object): Promise<readonly unknown[]> {
  const bodies: unknown[] = []
  const iterator = node.subscribe('>', options)
  for (;;) {
    const next = await Promise.race([iterator.next(), ended()])
    if (next === undefined || next.done === true) break
    bodies.push(next.value.kind === 'gap' ? `gap ${next.value.first}` : next.value.body)
  }
  await iterator.return?.()
  return bodies
}

function ended(): Promise<undefined> {
  return new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(undefined))))
}

/** Whether something is so within a few turns of the event loop, without a timer. */
async function withinTurns(condition: () => boolean): Promise<boolean> {
  for (let turns = 0; turns < TURNS_MAX && !condition(); turns += 1) await ended()
  return condition()
}

const TURNS_MAX = 100

test('subscriptions - history and echo', async (t) => {
  const node = await start(t)
  node.publish('a', 1)
  node.publish('a', 2)
  await ended()
  t.deepEqual(await bodiesIn(node, {}), [])
  t.deepEqual(await bodiesIn(node, { history: 'run' }), [1, 2])
  t.deepEqual(await bodiesIn(node, { history: 'kept' }), [1, 2])
  t.deepEqual(await bodiesIn(node, { history: 'kept', echo: false }), [])
})

test('subscriptions - of what is not kept, run has a gap, and kept has none', async (t) => {
  const node = await start(t, { messages: { keepMib: 1, senderPercent: 1 } })
  for (const body of [1, 'x'.repeat(9_000), 'y'.repeat(9_000)]) {
    node.publish('a', body)
    await ended()
  }
  const kept = await bodiesIn(node, { history: 'kept' })
  t.deepEqual(kept, ['y'.repeat(9_000)])
  t.deepEqual(await bodiesIn(node, { history: 'run' }), ['gap 1', ...kept])
})

test('subscriptions - each of several calls of next gets a message of its own', async (t) => {
  const node = await start(t)
  const iterator = node.subscribe('>')
  const calls = [1, 2, 3, 4, 5].map(() => iterator.next())
  for (const body of [1, 2, 3]) node.publish('a', body)
  await ended()
  for (const body of [4, 5, 6]) node.publish('a', body)
  const values = await Promise.all([...calls, iterator.next()])
  t.deepEqual(
    values.map(({ value }) => value?.kind === 'message' && value.body),
    [1, 2, 3, 4, 5, 6],
  )
  const open = [iterator.next(), iterator.next()]
  iterator[Symbol.dispose]()
  for (const { done } of await Promise.all(open)) t.true(done)
})

test('subscriptions - end by a signal, by a break, by using, and when the node stops', async (t) => {
  const node = await start(t)
  const controller = new AbortController()
  const { signal } = controller
  const got: unknown[] = []
  node.subscribe('a', ({ body }) => void got.push(body), { signal })
  const iterator = node.subscribe('a', { signal })
  const waiting = iterator.next()
  controller.abort()
  t.true((await waiting).done)
  t.true((await node.subscribe('a', { signal }).next()).done)
  const other = node.subscribe('a')
  {
    await using _used = other
  }
  t.true((await other.next()).done)
  const last = node.subscribe('a')
  node.publish('a', 'last')
  for await (const item of node.subscribe('a', { history: 'run' })) {
    t.is(item.kind, 'message')
    break
  }
  await node.stop()
  t.like(await last.next(), { done: false })
  t.true((await last.next()).done)
  t.deepEqual(got, [])
})

test('subscriptions - a handler that throws gets the same message again, and holds up no other', async (t) => {
  const node = await start(t)
  const calls: unknown[] = []
  const others: { readonly body: unknown; readonly calls: number }[] = []
  node.subscribe('a', async ({ body }) => {
    calls.push(body)
    if (calls.length === 1) throw new Error('at once')
    if (calls.length === 2) await Promise.reject(new Error('later'))
    if (calls.length === 3) throw Object.create(null)
  })
  const handler = ({ body }: Message) => others.push({ body, calls: calls.length })
  // What a handler returns is of no interest.
  node.subscribe('a', handler as unknown as () => void)
  node.publish('a', 1)
  node.publish('a', 2)
  await waitUntil(
    () => calls.length === 5,
    () => `${calls}`,
  )
  t.deepEqual(calls, [1, 1, 1, 1, 2])
  t.deepEqual(
    others.map(({ body }) => body),
    [1, 2],
  )
  t.true(others.every((other) => other.calls < 4))
})

test.serial(
  'subscriptions - a message that no call can handle is an error, and the next one comes',
  async (t) => {
    const node = await start(t)
    // From now on, so that its pauses take no time.
    mock.timers.enable({ apis: ['setTimeout'] })
    t.teardown(() => mock.timers.reset())
    const calls: unknown[] = []
    const errors: [NodeError, Message | Gap][] = []
    const retries: unknown[] = []
    node.on('error', (...facts) => errors.push(facts))
    node.on('event', (event) => {
      if (event.kind === 'handler-failed') retries.push(event.retryInMs)
    })
    const cause = new Error('poison')
    node.subscribe('a', ({ body }) => {
      calls.push(body)
      if (body === 1) throw cause
    })
    node.publish('a', 1)
    node.publish('a', 2)
    for (let retry = 0; retry < RETRIES_MAX; retry += 1) {
      t.true(await withinTurns(() => retries.length === retry + 1))
      mock.timers.tick(100 * 2 ** retry - 1)
      await ended()
      t.is(calls.length, retry + 1, 'not before')
      mock.timers.tick(1)
    }
    t.true(await withinTurns(() => calls.at(-1) === 2))
    t.deepEqual(calls, [...Array(RETRIES_MAX + 1).fill(1), 2])
    const [[error, item] = [], ...more] = errors
    t.deepEqual(more, [])
    t.like(error, { code: 'HANDLER_FAILED', cause })
    t.is(
      error?.message,
      `the handler of 'a' failed with message 1 of ${node.address}: Error: poison`,
    )
    t.like(item, { kind: 'message', body: 1 })
    t.deepEqual(retries, [100, 200, 400, 800, 1_600, 3_200, 6_400, null])
  },
)

test('subscriptions - one that does not read is told to lag, and again when it has read', async (t) => {
  const node = await start(t, { messages: { keepMib: 4 } })
  const lags: LagEvent[] = []
  const lines: string[] = []
  node.on('lag', (lag) => lags.push(lag))
  node.on('log', ({ text }) => lines.push(text))
  const iterator = node.subscribe('a.>')
  for (let n = 0; n < 4; n += 1) node.publish('a.b', 'x'.repeat(100_000))
  await waitUntil(
    () => lags.length === 1,
    () => `${lags.length} events`,
  )
  t.like(lags, [{ kind: 'subscription-lag', pattern: 'a.>', state: 'behind', items: 4 }])
  for (let n = 0; n < 4; n += 1) await iterator.next()
  await waitUntil(
    () => lags.length === 2,
    () => `${lags.length} events`,
  )
  t.like(lags[1], { state: 'caught-up', items: 0, bytes: 0 })
  t.deepEqual(
    lines.filter((line) => line.startsWith('the subscription')),
    [
      "the subscription 'a.>' is slow: 4 messages wait for it (0.4 MiB)",
      "the subscription 'a.>' has caught up",
    ],
  )
})

test('subscriptions - made after the node has stopped, they end', async (t) => {
  const node = await start(t)
  await node.stop()
  for await (const _item of node.subscribe('a')) t.fail()
  t.pass()
})

test('subscriptions - what is no history, pattern or topic is a TypeError that says so', async (t) => {
  const node = await start(t)
  const wrong = (value: unknown) => value as never
  t.throws(() => node.subscribe('a', { history: wrong('all') }), {
    message: /run or kept, got "all"/,
  })
  t.throws(() => node.subscribe(wrong(5)), { instanceOf: TypeError, message: /got 5/ })
  t.throws(() => node.publish(wrong(5), 1), { instanceOf: TypeError, message: /got 5/ })
})

test('lag - is that of a peer, by its address, its id or itself', async (t) => {
  const node = await start(t)
  const identity = identityAt(await freePort(t), { mesh: 'default', messages: true })
  node.publish('a', 'x'.repeat(1_000))
  await ended()
  const peer = await call(t, node.address, { headers: headersOf(identity) })
  peer.socket.send(JSON.stringify({ type: 'HANDSHAKE', data: [identity.address] }))
  await waitUntil(
    () => node.peers.length === 1,
    () => 'no peer',
  )
  const [found] = node.peers
  if (found === undefined) return t.fail()
  // It has not asked yet, and may want all.
  for (const name of [found, identity.id, identity.address]) {
    const { items, bytes } = node.lag(name)
    t.is(items, 1)
    t.true(bytes > 1_000)
  }
  t.deepEqual(node.lag('ws://localhost:1'), { items: 0, bytes: 0 })
})

test('port 0 - is a free port, each time another, which the address has from the start', async (t) => {
  const nodes = Array.from({ length: 20 }, () => new MeshNode({ port: 0 }))
  t.teardown(() => Promise.all(nodes.map((node) => node.stop())))
  t.is(new Set(nodes.map(({ address }) => address)).size, nodes.length)
  for (const { address } of nodes) t.regex(address, /^ws:\/\/localhost:[1-9]\d+$/)
  const [one, other] = nodes
  if (one === undefined || other === undefined) return t.fail()
  await one.start()
  await other.start()
  other.addPeer(one.address)
  await waitUntil(
    () => one.connectedAddresses.includes(other.address),
    () => 'not connected',
  )
})

test('await using - stops the node', async (t) => {
  let address = ''
  {
    await using node = new MeshNode({ port: 0 })
    await node.start()
    ;({ address } = node)
  }
  const node = new MeshNode({ port: Number(address.split(':').at(-1)) })
  t.true(await node.start())
  await node.stop()
})
