/** Messages between nodes of one process, over real sockets. */

import test, { type ExecutionContext } from 'ava'
import { type Gap, type Json, MeshNode, type Message } from '../../src/index.ts'
import { headersOf } from '../../src/wire/headers.ts'
import { NESTING_MAX } from '../../src/wire/nesting.ts'
import { call } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** So many nodes that are connected to each other. */
async function meshOf(t: ExecutionContext, count: number): Promise<readonly MeshNode[]> {
  const nodes: MeshNode[] = []
  for (let n = 0; n < count; n += 1) {
    const knownPeers = nodes.map(({ address }) => address)
    const node = new MeshNode({ port: await freePort(t), knownPeers })
    nodes.push(node)
    t.teardown(() => node.stop())
    await node.start()
  }
  await waitUntil(
    () => nodes.every(({ peers }) => peers.length === count - 1),
    () => 'not connected',
  )
  return nodes
}

test('messages - what one node publishes reaches all, in order', async (t) => {
  const [a, b, c] = await meshOf(t, 3)
  if (a === undefined || b === undefined || c === undefined) return t.fail()
  const got = [a, b, c].map((node) => {
    const bodies: unknown[] = []
    node.subscribe('news.>', ({ body }) => {
      bodies.push(body)
    })
    return bodies
  })
  const wanted: unknown[] = []
  for (let n = 0; n < 500; n += 1) {
    a.publish('news.today', { n })
    a.publish('other', n)
    wanted.push({ n })
  }
  a.publish('news.bytes', Uint8Array.of(1, 2, 255))
  wanted.push(Uint8Array.of(1, 2, 255))
  await waitUntil(
    () => got.every(({ length }) => length === wanted.length),
    () => got.map(({ length }) => length).join(' '),
  )
  for (const bodies of got) t.deepEqual(bodies, wanted)
})

test('messages - what a runtime could not write again is not published', async (t) => {
  const [node] = await meshOf(t, 1)
  if (node === undefined) return t.fail()
  const nested = (depth: number): Json => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
  for (const depth of [NESTING_MAX + 1, 60_000]) {
    t.throws(() => node.publish('a', nested(depth)), { instanceOf: RangeError, message: /256/ })
  }
  t.is(node.publish('a', nested(NESTING_MAX)).seq, 1)
})

test('messages - what JSON would write as null or empty is not published', async (t) => {
  const [node] = await meshOf(t, 1)
  if (node === undefined) return t.fail()
  const emptied: readonly (readonly [unknown, RegExp])[] = [
    [Number.NaN, /got NaN/],
    [[1, { a: Number.POSITIVE_INFINITY }], /got Infinity/],
    [new Map([[1, 2]]), /Map/],
    [{ a: new Set([1]) }, /Set/],
    [new ArrayBuffer(4), /ArrayBuffer/],
    [[Uint8Array.of(1)], /Uint8Array in it/],
    [Float32Array.of(1), /Float32Array/],
  ]
  for (const [body, message] of emptied) {
    t.throws(() => node.publish('a', body as Json), { instanceOf: TypeError, message })
  }
  t.is(node.publish('a', JSON.parse('{"at":[1.5,null,"x"]}')).seq, 1)
  const written = { hidden: new Map(), toJSON: () => 'text' } as unknown as Json
  t.is(node.publish('a', [written, new Date(0) as unknown as Json]).seq, 2)
})

test('messages - an iterator gives messages with their sender', async (t) => {
  const [a, b] = await meshOf(t, 2)
  if (a === undefined || b === undefined) return t.fail()
  const messages = b.subscribe('>')
  const { feed, seq } = a.publish('hello', 'world')
  const { value } = await messages.next()
  t.like(value, { kind: 'message', body: 'world', feed, seq, from: a.address, relayed: false })
  messages[Symbol.dispose]()
  t.true((await messages.next()).done)
})

test('messages - a node that stops sends first what it published', async (t) => {
  const [a, b] = await meshOf(t, 2)
  if (a === undefined || b === undefined) return t.fail()
  const got: (Message | Gap)[] = []
  b.subscribe('>', (message) => {
    got.push(message)
  })
  for (let n = 0; n < 1_000; n += 1) a.publish('last', 'x'.repeat(1_000))
  await a.stop()
  await waitUntil(
    () => got.length === 1_000,
    () => `got ${got.length}`,
  )
  t.pass()
})

test('messages - stop() waits for a while only for a peer that reads nothing', async (t) => {
  const [node] = await meshOf(t, 1)
  if (node === undefined) return t.fail()
  const { feed } = node.publish('a', 'first')
  const identity = identityAt(await freePort(t), { mesh: 'default', messages: true })
  const peer = await call(t, node.address, { headers: headersOf(identity) })
  peer.socket.send(JSON.stringify({ type: 'HANDSHAKE', data: [identity.address] }))
  peer.socket.send(JSON.stringify({ type: 'WANT', data: { feed, from: 1 } }))
  await waitUntil(
    () => node.peers.length === 1,
    () => 'no peer',
  )
  peer.socket.pause()
  // More than a connection takes that nobody reads.
  for (let n = 0; n < 140; n += 1) node.publish('a', 'x'.repeat(100_000))
  await waitUntil(
    () => node.lag(identity.address).items > 0,
    () => 'the peer has taken all',
  )
  let isStopped = false
  void node.stop().then(() => {
    isStopped = true
  })
  await waitUntil(
    () => isStopped,
    () => `${node.lag(identity.address).items} messages wait`,
  )
  t.true(isStopped)
})

test('messages - a gap is one event, however many subscriptions there are, and none gets it twice', async (t) => {
  const [node] = await meshOf(t, 1)
  if (node === undefined) return t.fail()
  const events: Gap[] = []
  const given: (Message | Gap)[] = []
  node.on('gap', (gap) => events.push(gap))
  for (const pattern of ['a', 'b.>']) {
    node.subscribe(pattern, () => {}, {
      onGap: (gap) => {
        given.push(gap)
      },
    })
  }
  const identity = identityAt(await freePort(t), { mesh: 'default', messages: true })
  const peer = await call(t, node.address, { headers: headersOf(identity) })
  const send = (type: string, data: unknown): void =>
    peer.socket.send(JSON.stringify({ type, data }))
  send('HANDSHAKE', [identity.address])
  send('FEED', { feed: identity.id, first: 5, next: 9 })
  send('GONE', { feed: identity.id, first: 5, ageMs: 0 })
  await waitUntil(
    () => given.length === 2,
    () => `${given.length} gaps`,
  )
  const gap = { kind: 'gap', from: identity.address, feed: identity.id, first: 1, last: 4 } as const
  t.deepEqual(events, [gap])
  t.deepEqual(given, [gap, gap])
})

test('messages - a handler may give anything; only what throws is called again', async (t) => {
  const [node] = await meshOf(t, 1)
  if (node === undefined) return t.fail()
  const got: unknown[] = []
  node.subscribe('a', ({ body }) => got.push(body))
  node.subscribe('a', async ({ body }) => got.push(body))
  for (const body of [1, 2, 3]) node.publish('a', body)
  await waitUntil(
    () => got.length === 6,
    () => JSON.stringify(got),
  )
  t.deepEqual(got.toSorted(), [1, 1, 2, 2, 3, 3])
})

test('messages - await using stops a node', async (t) => {
  let stopped: MeshNode | undefined
  {
    await using node = new MeshNode({ port: await freePort(t) })
    await node.start()
    stopped = node
  }
  await t.throwsAsync(stopped.start(), { message: /stopped/ })
})
