/** Requests between nodes of one process, over real sockets. */

import test, { type ExecutionContext } from 'ava'
import type { SiteFacts } from '../../src/http/site.ts'
import { type IncomingRequest, MeshNode, type MeshNodeOptions, NodeError } from '../../src/index.ts'
import { ITEM_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { headersOf } from '../../src/wire/headers.ts'
import { call } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Two nodes that are connected. */
async function pair(
  t: ExecutionContext,
  options: Partial<MeshNodeOptions> = {},
): Promise<readonly [MeshNode, MeshNode]> {
  const a = new MeshNode({ port: await freePort(t), ...options })
  const b = new MeshNode({ port: await freePort(t), knownPeers: [a.address] })
  for (const node of [a, b]) {
    t.teardown(() => node.stop())
    await node.start()
  }
  await waitUntil(
    () => a.peers.length + b.peers.length === 2,
    () => 'not connected',
  )
  return [a, b]
}

/** The code of the error of a request. */
async function codeOf(t: ExecutionContext, request: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(request, { instanceOf: NodeError })
  return error?.code ?? ''
}

test('requests - a request has the answer of its peer: by peer, address and id', async (t) => {
  const [a, b] = await pair(t)
  const seen: IncomingRequest[] = []
  b.respond('sum', (request) => {
    seen.push(request)
    return Array.isArray(request.body) ? request.body.reduce<number>((n, m) => n + Number(m), 0) : 0
  })
  const [peer] = a.peers
  if (peer === undefined) return t.fail()
  t.is(await a.request(peer, 'sum', [1, 2]), 3)
  t.is(await a.request(b.address, 'sum', [1, 3]), 4)
  t.is(await a.request(b.address.toUpperCase().replace('WS:', 'ws:'), 'sum', [1, 4]), 5)
  t.is(await a.request(b.id, 'sum', [1, 5]), 6)
  // A node may ask itself.
  t.is(await b.request(b.address, 'sum', [1, 6]), 7)
  t.deepEqual(
    seen.map(({ from, topic }) => [from, topic]),
    [...Array(4).fill([a.address, 'sum']), [b.address, 'sum']],
  )
})

test('requests - answers are what JSON and bytes are, and nothing is null', async (t) => {
  const [a, b] = await pair(t)
  b.respond('echo', ({ body }) => body)
  b.respond('later', async () => {})
  for (const body of [null, 'text', 0, { a: [1] }, Uint8Array.of(0, 255)]) {
    t.deepEqual(await a.request(b.address, 'echo', body), body)
  }
  t.is(await a.request(b.address, 'later', 1), null)
})

test('requests - what fails has a code of its own', async (t) => {
  const [a, b] = await pair(t)
  b.respond('throws', () => {
    throw new Error('no such order')
  })
  b.respond('large', () => 'x'.repeat(ITEM_BYTES_MAX))
  b.respond('odd', () => () => {})
  b.respond('stringless', () => {
    throw Object.create(null)
  })
  b.respond('never', () => new Promise(() => {}))
  const failed = await t.throwsAsync(a.request(b.address, 'throws', 1), {
    message: /no such order/,
  })
  t.like(failed, { code: 'RESPONDER_FAILED', cause: 'no such order' })
  const large = await t.throwsAsync(a.request(b.address, 'large', 1), { message: /131072 bytes/ })
  t.like(large, { code: 'RESPONDER_FAILED' })
  t.is(await codeOf(t, a.request(b.address, 'odd', 1)), 'RESPONDER_FAILED')
  t.is(await codeOf(t, a.request(b.address, 'stringless', 1)), 'RESPONDER_FAILED')
  t.is(await codeOf(t, a.request(b.address, 'nobody', 1)), 'NO_RESPONDER')
  t.is(await codeOf(t, a.request(b.address, 'never', 1, { timeoutMs: 50 })), 'TIMEOUT')
  await t.throwsAsync(a.request('bob', 'a', 1), { instanceOf: TypeError })
  await t.throwsAsync(a.request(b.address, 'a b', 1), { instanceOf: TypeError })
  const tooLarge = 'x'.repeat(ITEM_BYTES_MAX)
  await t.throwsAsync(a.request(b.address, 'a', tooLarge), { instanceOf: RangeError })
  const text = '500' as unknown as number
  for (const timeoutMs of [0, 2 ** 31, Number.NaN, text]) {
    await t.throwsAsync(a.request(b.address, 'a', 1, { timeoutMs }), { instanceOf: RangeError })
  }
})

test('requests - the largest answer fits', async (t) => {
  const [a, b] = await pair(t)
  const body = 'x'.repeat(ITEM_BYTES_MAX - 'a""'.length)
  b.respond('a', () => body)
  t.is(await a.request(b.address, 'a', body), body)
})

test('requests - a thousand large answers come to a peer that reads', async (t) => {
  // The dial that verifies an address may replace the connection amid them, and not all are kept.
  const [a, b] = await pair(t, { timings: { verifyMs: 60_000 } })
  const body = 'x'.repeat(4_000)
  b.respond('a', () => body)
  // A process that has little of a processor takes more than the default for 8 MB.
  const options = { timeoutMs: 50_000 }
  const asked = Array.from({ length: 1_000 }, () => a.request(b.address, 'a', body, options))
  t.true((await Promise.all(asked)).every((answer) => answer === body))
  t.is(
    await codeOf(t, Promise.all(Array.from({ length: 1_001 }, () => a.request(b.address, 'a', 1)))),
    'TOO_MANY_REQUESTS',
  )
})

test('requests - a signal ends a request, and the one of its handler is aborted', async (t) => {
  const [a, b] = await pair(t)
  let running: AbortSignal | undefined
  b.respond('job', ({ signal }) => {
    running = signal
    return new Promise(() => {})
  })
  const controller = new AbortController()
  const { signal } = controller
  const asked = a.request(b.address, 'job', 1, { signal })
  await waitUntil(
    () => running !== undefined,
    () => 'not running',
  )
  controller.abort(new Error('enough'))
  await t.throwsAsync(asked, { message: 'enough' })
  await waitUntil(
    () => running?.aborted === true,
    () => 'not aborted',
  )
  await t.throwsAsync(a.request(b.address, 'job', 1, { signal }), { message: 'enough' })
})

test('requests - a peer that stops ends requests at once', async (t) => {
  const [a, b] = await pair(t)
  b.respond('job', () => new Promise(() => {}))
  const asked = a.request(b.address, 'job', 1)
  const byId = codeOf(t, asked)
  await b.stop()
  t.is(await byId, 'PEER_GONE')
  t.is(await codeOf(t, a.request(b.id, 'job', 1)), 'PEER_GONE')
  await a.stop()
  t.is(await codeOf(t, a.request(b.address, 'job', 1, { timeoutMs: 60_000 })), 'PEER_GONE')
})

test('requests - one responder for each topic, until it is disposed', async (t) => {
  const [a, b] = await pair(t)
  {
    using _responder = b.respond('a', () => 1)
    t.throws(() => b.respond('a', () => 2), { message: /responder already/ })
    t.throws(() => b.respond('a.*', () => 2), { instanceOf: TypeError })
    t.is(await a.request(b.address, 'a', null), 1)
  }
  t.is(await codeOf(t, a.request(b.address, 'a', null)), 'NO_RESPONDER')
  using _next = b.respond('a', () => 2)
  t.is(await a.request(b.address, 'a', null), 2)
})

test('requests - all peers are asked, and one that is old answers that it has none', async (t) => {
  const [a, b] = await pair(t)
  b.respond('who', () => 'b')
  // It carries messages, and takes no requests: as before there were any.
  const identity = identityAt(await freePort(t), { mesh: 'default', messages: true })
  const old = await call(t, a.address, { headers: headersOf(identity) })
  const frames: string[] = []
  old.socket.on('message', (data) => frames.push(String(data)))
  old.socket.send(JSON.stringify({ type: 'HANDSHAKE', data: [identity.address] }))
  await waitUntil(
    () => a.peers.length === 2,
    () => 'not connected',
  )
  const got: unknown[][] = []
  for await (const { from, body, error } of a.requestAll('who', null)) {
    got.push([from, body ?? (error instanceof NodeError && error.code)])
  }
  const wanted = [
    [b.address, 'b'],
    [identity.address, 'NO_RESPONDER'],
  ]
  t.deepEqual(got.toSorted(), wanted.toSorted())
  t.true(frames.every((text) => !text.includes('REQUEST"')))
})

test('requests - a loop over answers that ends cancels the rest', async (t) => {
  const [a, b] = await pair(t)
  let running: AbortSignal | undefined
  b.respond('slow', ({ signal }) => {
    running = signal
    return new Promise(() => {})
  })
  const controller = new AbortController()
  const loop = async (): Promise<void> => {
    for await (const answer of a.requestAll('slow', 1, { signal: controller.signal })) t.log(answer)
  }
  const looping = loop()
  await waitUntil(
    () => running !== undefined,
    () => 'not running',
  )
  controller.abort(new Error('enough'))
  await t.throwsAsync(looping, { message: 'enough' })
  await waitUntil(
    () => running?.aborted === true,
    () => 'not aborted',
  )
})

test('requests - requests of a peer that announced none are ignored', async (t) => {
  const [a] = await pair(t)
  let runs = 0
  a.respond('a', () => {
    runs += 1
  })
  const data = { series: 'a'.repeat(32), n: 1, ageMs: 0, topic: 'a', json: 1 }
  const old = identityAt(await freePort(t), { mesh: 'default', messages: true })
  const today = identityAt(await freePort(t), { mesh: 'default', messages: true, requests: true })
  const answers: string[] = []
  for (const identity of [old, today]) {
    const peer = await call(t, a.address, { headers: headersOf(identity) })
    peer.socket.on('message', (frame) => answers.push(String(frame)))
    peer.socket.send(JSON.stringify({ type: 'HANDSHAKE', data: [identity.address] }))
    peer.socket.send(JSON.stringify({ type: 'REQUEST', data }))
  }
  await waitUntil(
    () => answers.some((text) => text.includes('RESPONSE')),
    () => 'no answer',
  )
  t.is(runs, 1)
})

test('requests - requests are counted by how they ended, and while they are open', async (t) => {
  let facts: SiteFacts | undefined
  const site: MeshNodeOptions['site'] = (given) => {
    facts = given
    return { observe() {}, wake() {}, handle() {}, close() {} }
  }
  const [a, b] = await pair(t, { site })
  const totals = () => facts?.requests()
  t.deepEqual(totals()?.open, { sent: 0, received: 0 })
  b.respond('yes', () => 'yes')
  b.respond('throws', () => {
    throw new Error('no')
  })
  b.respond('hangs', () => new Promise(() => {}))
  a.respond('hangs', () => new Promise(() => {}))
  await a.request(b.address, 'yes', null)
  await a.request(b.address, 'yes', null)
  await codeOf(t, a.request(b.address, 'none', null))
  await codeOf(t, a.request(b.address, 'throws', null))
  await codeOf(t, a.request(b.address, 'hangs', null, { timeoutMs: 10 }))
  await t.throwsAsync(a.request(b.address, 'hangs', null, { signal: AbortSignal.timeout(10) }), {
    any: true,
  })
  await codeOf(t, b.request(a.address, 'none', null))
  const open = [a.request(b.address, 'hangs', null), b.request(a.address, 'hangs', null)]
  await waitUntil(
    () => totals()?.open.received === 1,
    () => JSON.stringify(totals()),
  )
  t.deepEqual(totals(), {
    sent: 7,
    received: 2,
    outcomes: {
      answered: 2,
      abandoned: 1,
      NO_RESPONDER: 1,
      PEER_GONE: 0,
      RESPONDER_FAILED: 1,
      TIMEOUT: 1,
      TOO_MANY_REQUESTS: 0,
    },
    open: { sent: 1, received: 1 },
  })
  await b.stop()
  t.deepEqual(await Promise.all(open.map((one) => codeOf(t, one))), ['PEER_GONE', 'PEER_GONE'])
  t.is(totals()?.outcomes.PEER_GONE, 1)
  t.is(totals()?.open.sent, 0)
})
