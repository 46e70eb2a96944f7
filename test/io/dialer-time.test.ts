/** How long a dial may take: timeouts, lookups, a dialer that closes, a thread that is busy. */

import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import test, { type ExecutionContext } from 'ava'
import { WebSocketServer } from 'ws'
import type { DialResult } from '../../src/io/dial.ts'
import { Dialer } from '../../src/io/dialer.ts'
import { NameLookup } from '../../src/io/name-lookup.ts'
import { DIAL_LATE_MS, DIAL_TIMEOUT_FACTOR_MAX } from '../../src/mesh/limits.ts'
import {
  anIdentity,
  dial,
  dialBy,
  dialerFor,
  listening,
  orderOf,
  webSocketServer,
} from '../helpers/dialer.ts'
import { waitUntil, waitUntilQuick } from '../helpers/wait-until.ts'

test('dialer - times out for a server that accepts and never answers', async (t) => {
  const server = createServer((socket) => t.teardown(() => socket.destroy()))
  const port = await listening(t, server)
  const result = await dial(t, { address: `ws://127.0.0.1:${port}`, timeoutMs: 1_000 })
  const reason = 'timed out: TCP connected, no answer to the WebSocket upgrade'
  t.deepEqual(result, { kind: 'failed', failure: 'no-answer', reason })
})

test('dialer - an IP that accepts has all the time, though there are more IPs', async (t) => {
  const verifyClient = (_info: unknown, answer: (isAllowed: boolean) => void): void => {
    setTimeout(answer, 2_500, true)
  }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient })
  t.teardown(() => server.close())
  await once(server, 'listening')
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('it has a port')
  const address = `ws://node.example:${bound.port}`
  const result = await dial(t, { address, ips: ['127.0.0.1', '127.0.0.2'], timeoutMs: 4_000 })
  t.is(result.kind, 'opened')
})

test('dialer - times out for a name that is not resolved in time', async (t) => {
  const dialer = new Dialer({
    identity: anIdentity(),
    onNoDescriptors: () => {},
    names: new NameLookup({ lookup: () => new Promise(() => {}) }),
  })
  // The dialer's own timer does not keep a process alive; a node has a server that does.
  const keepAlive = setInterval(() => {}, 1_000)
  t.teardown(() => clearInterval(keepAlive))
  const result = await new Promise<DialResult>((resolve) => {
    dialer.dial(orderOf({ address: 'ws://node.example:4001', timeoutMs: 100 }), resolve)
  })
  t.deepEqual(result, {
    kind: 'failed',
    failure: 'name-not-found',
    reason: 'name lookup timed out',
  })
})

test('dialer - the time that a name waits for other lookups is not the time of the dial', async (t) => {
  const { port } = await webSocketServer(t)
  const timeoutMs = 1_000
  const find = async () => {
    await delay(timeoutMs)
    return { ips: ['127.0.0.1'], waitedMs: timeoutMs }
  }
  const dialer = new Dialer({
    identity: anIdentity(),
    onNoDescriptors: () => {},
    names: { find, close: () => {} },
  })
  const order = { address: `ws://node.example:${port}`, timeoutMs }
  t.is((await dialBy(t, dialer, order)).kind, 'opened')
})

test('dialer - ends a name lookup that is under way when it is closed', async (t) => {
  const dialer = new Dialer({
    identity: anIdentity(),
    onNoDescriptors: () => {},
    names: new NameLookup({ lookup: () => new Promise(() => {}) }),
  })
  const result = dialBy(t, dialer, { address: 'ws://node.example:4001' })
  dialer.close()
  t.like(await result, { kind: 'failed', failure: 'stopped' })
})

test('dialer - ends what is under way when it is closed', async (t) => {
  const server = createServer((socket) => t.teardown(() => socket.destroy()))
  const port = await listening(t, server)
  const dialer = dialerFor({})
  const result = new Promise<DialResult>((resolve) => {
    dialer.dial(orderOf({ address: `ws://127.0.0.1:${port}` }), resolve)
  })
  await once(server, 'connection')
  dialer.close()
  t.like(await result, { kind: 'failed', failure: 'stopped' })
})

/** How a thread and this one wait for each other: each flag is 0 until it is 1. */
const [ASKED, MAY_ANSWER, NEVER] = [0, 1, 2]

/** A WebSocket server in a thread of its own, which answers when released, and reports requests. */
async function serveInThread(t: ExecutionContext, flags: Int32Array): Promise<string> {
  const worker = new Worker(
    `const { createServer } = require('node:http')
     const { parentPort, workerData: flags } = require('node:worker_threads')
     const { WebSocketServer } = require('ws')
     const webSockets = new WebSocketServer({ noServer: true })
     const server = createServer().on('upgrade', (...request) => {
       Atomics.store(flags, ${ASKED}, 1)
       Atomics.wait(flags, ${MAY_ANSWER}, 0)
       webSockets.handleUpgrade(...request, () => {})
     })
     server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port))`,
    { eval: true, workerData: flags },
  )
  t.teardown(() => worker.terminate())
  const [port] = await once(worker, 'message')
  return `ws://127.0.0.1:${port}`
}

function letAnswer(flags: Int32Array): void {
  Atomics.store(flags, MAY_ANSWER, 1)
  Atomics.notify(flags, MAY_ANSWER)
}

function untilAsked(flags: Int32Array): Promise<void> {
  return waitUntil(
    () => Atomics.load(flags, ASKED) === 1,
    () => 'a request at the server',
  )
}

test.serial(
  'dialer - an answer that came while the process was blocked is not too late',
  async (t) => {
    const flags = new Int32Array(new SharedArrayBuffer(12))
    const address = await serveInThread(t, flags)
    const timeoutMs = 1_000
    const whenDialed = dial(t, { address, timeoutMs })
    await untilAsked(flags)
    // Timers are what comes next after an immediate.
    await new Promise(setImmediate)
    letAnswer(flags)
    // This thread is blocked until long after the timeout; the other one is not.
    Atomics.wait(flags, NEVER, 0, 2 * timeoutMs)
    t.is((await whenDialed).kind, 'opened')
  },
)

test.serial('dialer - a process that is not busy gives no more time to answer', async (t) => {
  const server = createServer((socket) => t.teardown(() => socket.destroy()))
  const address = `ws://127.0.0.1:${await listening(t, server)}`
  const timeoutMs = 200
  await waitUntilQuick(async () => {
    const beganMs = performance.now()
    t.like(await dial(t, { address, timeoutMs }), { kind: 'failed', failure: 'no-answer' })
    return performance.now() - beganMs
  }, 2 * timeoutMs)
})

test.serial(
  'dialer - a busy process gives a peer that has accepted more time to answer',
  async (t) => {
    const flags = new Int32Array(new SharedArrayBuffer(12))
    const address = await serveInThread(t, flags)
    const timeoutMs = 1_000
    const whenDialed = dial(t, { address, timeoutMs })
    await untilAsked(flags)
    await new Promise(setImmediate)
    // This thread is blocked until after the timeout, and finds no answer then.
    Atomics.wait(flags, NEVER, 0, timeoutMs + 2 * DIAL_LATE_MS)
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
    letAnswer(flags)
    t.is((await whenDialed).kind, 'opened')
  },
)

test.serial('dialer - but no more than four times as much', async (t) => {
  const flags = new Int32Array(new SharedArrayBuffer(12))
  const address = await serveInThread(t, flags)
  const timeoutMs = 500
  const beganMs = performance.now()
  let result: DialResult | undefined
  void dial(t, { address, timeoutMs }).then((ended) => {
    result = ended
  })
  await untilAsked(flags)
  for (let timeouts = 1; timeouts <= DIAL_TIMEOUT_FACTOR_MAX; timeouts += 1) {
    t.is(result, undefined)
    // At each timeout this thread is blocked.
    const untilMs = beganMs + (timeouts + 0.5) * timeoutMs
    Atomics.wait(flags, NEVER, 0, untilMs - performance.now())
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate)
  }
  // Long before the next one.
  for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate)
  t.like(result, { kind: 'failed', failure: 'no-answer' })
  letAnswer(flags)
})

test.serial(
  'dialer - a connection accepted while the process was blocked has all the time',
  async (t) => {
    const flags = new Int32Array(new SharedArrayBuffer(12))
    const { port } = new URL(await serveInThread(t, flags))
    const timeoutMs = 4_000
    const ips = ['127.0.0.1', '127.0.0.2']
    const whenDialed = dial(t, { address: `ws://node.example:${port}`, ips, timeoutMs })
    // Until the connection is requested, and no further: no socket is read meanwhile.
    for (let tick = 0; tick < 10; tick += 1)
      await new Promise<void>((next) => process.nextTick(next))
    // Longer than the share of the first IP, if it did not accept.
    Atomics.wait(flags, NEVER, 0, timeoutMs / 2 + 200)
    for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate)
    letAnswer(flags)
    t.is((await whenDialed).kind, 'opened')
  },
)
