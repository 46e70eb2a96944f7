import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import test, { type ExecutionContext } from 'ava'
import { type WebSocket, WebSocketServer } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { AcceptorProof } from '../../src/auth/proof.ts'
import type { DialResult } from '../../src/io/dial.ts'
import { Dialer, type DialOrder } from '../../src/io/dialer.ts'
import { DIAL_IPS_LEARNED_MAX, DIAL_IPS_MAX } from '../../src/io/limits.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { LinkSocket } from '../../src/io/link-socket.ts'
import { NameLookup } from '../../src/io/name-lookup.ts'
import { ReceiveBudgets } from '../../src/io/receive-budget.ts'
import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import type { DialPolicy } from '../../src/mesh/address/scope.ts'
import { DIAL_LATE_MS, DIAL_TIMEOUT_FACTOR_MAX } from '../../src/mesh/limits.ts'
import { headersOf, type Identity, parseMeshId } from '../../src/wire/headers.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil, waitUntilQuick } from '../helpers/wait-until.ts'

/** A dial of a test: what is not given is the same for all of them. */
interface Dial {
  readonly address: string
  readonly policy?: DialPolicy
  readonly timeoutMs?: number
  /** The IPs of every name. */
  readonly ips?: readonly string[]
  readonly ownIps?: () => readonly string[]
}

function dialerFor({ ips, ownIps = () => [] }: Partial<Dial>): Dialer {
  return new Dialer({
    identity: { ...anIdentity(), address: 'ws://own.example:1' },
    ownIps,
    onNoDescriptors: () => {},
    names: new NameLookup({
      lookup: async (name) => {
        if (ips === undefined) throw new Error(`${name} must not be resolved`)
        return ips
      },
    }),
  })
}

function dial(t: ExecutionContext, options: Dial): Promise<DialResult> {
  return dialBy(t, dialerFor(options), options)
}

function dialBy(t: ExecutionContext, dialer: Dialer, options: Dial): Promise<DialResult> {
  return new Promise((resolve) => {
    dialer.dial(orderOf(options), (result) => {
      if (result.kind === 'opened') t.teardown(() => result.socket.terminate())
      resolve(result)
    })
  })
}

function orderOf({ address, policy = 'operator', timeoutMs = 5_000 }: Dial): DialOrder {
  return { address: addressOf(address), policy, timeoutMs }
}

const OWN_ID = 'a'.repeat(32)
const OTHER_ID = 'b'.repeat(32)

function anIdentity(text = OWN_ID): Identity {
  const id = parseMeshId(text)
  if (id === undefined) throw new Error('32 hex digits are an id')
  return {
    version: '1',
    mesh: 'default',
    id,
    address: 'ws://localhost:1',
    code: '',
    messages: false,
  }
}

/** A WebSocket server on an IP that announces an id. */
async function nodeAt(t: ExecutionContext, host: string, port: number, id: string): Promise<void> {
  const server = new WebSocketServer({ host, port })
  t.teardown(() => server.close())
  server.on('headers', (headers) => {
    for (const [name, value] of Object.entries(headersOf(anIdentity(id)))) {
      headers.push(`${name}: ${value}`)
    }
  })
  await once(server, 'listening')
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new Error(parsed.problem)
  return parsed.address
}

/** A WebSocket server on 127.0.0.1 that keeps the requests it got. */
async function webSocketServer(t: ExecutionContext) {
  const port = await freePort(t)
  const requests: IncomingMessage[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  server.on('connection', (_socket, request) => requests.push(request))
  t.teardown(() => server.close())
  await once(server, 'listening')
  return { port, requests }
}

async function listening<S extends Server>(t: ExecutionContext, server: S): Promise<number> {
  const port = await freePort(t)
  t.teardown(() => server.close())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return port
}

test('dialer - opens a socket and sends its identity', async (t) => {
  const { port, requests } = await webSocketServer(t)
  const result = await dial(t, { address: `ws://127.0.0.1:${port}` })
  t.is(result.kind, 'opened')
  t.is(requests[0]?.headers['mesh-id'], 'a'.repeat(32))
})

test('dialer - dials the IP that policy admitted, under the name that was given', async (t) => {
  const { port, requests } = await webSocketServer(t)
  const address = `ws://node.example:${port}`
  t.is((await dial(t, { address, ips: ['127.0.0.1'] })).kind, 'opened')
  t.is(requests[0]?.headers.host, `node.example:${port}`)
})

test('dialer - does not resolve localhost or an IP', async (t) => {
  const { port } = await webSocketServer(t)
  for (const host of ['localhost', 'a.localhost', '127.0.0.1']) {
    t.is((await dial(t, { address: `ws://${host}:${port}`, policy: 'loopback' })).kind, 'opened')
  }
})

test('dialer - does not dial an IP that policy refuses once the name is resolved', async (t) => {
  const { port, requests } = await webSocketServer(t)
  const address = `ws://innocent.example:${port}`
  for (const ips of [['127.0.0.1'], ['::1'], ['::ffff:127.0.0.1'], ['169.254.169.254'], []]) {
    const result = await dial(t, { address, policy: 'network', ips })
    t.deepEqual(result, {
      kind: 'failed',
      failure: 'not-admitted',
      reason: 'host has no IP that may be dialed',
    })
  }
  t.deepEqual(requests, [])
})

test('dialer - skips IPs that refuse and dials the next', async (t) => {
  const { port } = await webSocketServer(t)
  // No server listens on ::1, and 169.254.169.254 must not be dialed.
  const ips = ['169.254.169.254', '::1', '127.0.0.1']
  const result = await dial(t, { address: `ws://node.example:${port}`, policy: 'loopback', ips })
  t.is(result.kind, 'opened')
})

test('dialer - only the name of this machine, where it leads to loopback, is dialed at its network IPs', async (t) => {
  const { port, requests } = await webSocketServer(t)
  let asked = 0
  // 169.254.0.0/16 is not admitted, nor is loopback for a learned address.
  const ownIps = () => {
    asked += 1
    return ['127.0.0.1', '169.254.1.2']
  }
  const dialed = async (host: string, ips: readonly string[], policy: DialPolicy = 'network') => {
    const { kind } = await dial(t, { address: `ws://${host}:${port}`, policy, ips, ownIps })
    return [kind, asked]
  }
  t.deepEqual(await dialed('other.example', ['127.0.0.1']), ['failed', 0])
  t.deepEqual(await dialed('own.example', ['169.254.1.2']), ['failed', 0])
  t.deepEqual(await dialed('own.example', ['127.0.0.1'], 'operator'), ['opened', 0])
  t.deepEqual(await dialed('own.example', ['127.0.0.1']), ['failed', 1])
  t.is(requests.length, 1)
})

for (const [policy, ipsMax] of [
  ['operator', DIAL_IPS_MAX],
  ['loopback', DIAL_IPS_LEARNED_MAX],
] as const) {
  test(`dialer - dials as many IPs of a name as its limit for ${policy}, then the others`, async (t) => {
    const { port } = await webSocketServer(t)
    // All of 127.0.0.0/8 is this machine, and the server listens on one IP of it.
    const others = Array.from({ length: ipsMax }, (_, index) => `127.0.0.${index + 2}`)
    const order = { address: `ws://node.example:${port}`, policy }
    t.is((await dial(t, { ...order, ips: [...others.slice(1), '127.0.0.1'] })).kind, 'opened')
    const beyond = { ...order, ips: [...others, '127.0.0.1'] }
    const dialer = dialerFor(beyond)
    t.deepEqual(await dialBy(t, dialer, beyond), {
      kind: 'failed',
      failure: 'refused',
      reason: 'connection refused',
    })
    t.is((await dialBy(t, dialer, beyond)).kind, 'opened')
  })
}

test('dialer - an IP that uses up the time hides no other from the next dial', async (t) => {
  const { port } = await webSocketServer(t)
  const silent = createServer((socket) => t.teardown(() => socket.destroy()))
  t.teardown(() => silent.close())
  silent.listen(port, '127.0.0.2')
  await once(silent, 'listening')
  const options = {
    address: `ws://node.example:${port}`,
    ips: ['127.0.0.2', '127.0.0.1'],
    timeoutMs: 2_000,
  }
  const dialer = dialerFor(options)
  t.like(await dialBy(t, dialer, options), { kind: 'failed', failure: 'no-answer' })
  t.is((await dialBy(t, dialer, options)).kind, 'opened')
})

test('dialer - an IP that leads to ourselves hides no other', async (t) => {
  const port = await freePort(t)
  await nodeAt(t, '127.0.0.1', port, OWN_ID)
  await nodeAt(t, '127.0.0.2', port, OTHER_ID)
  await nodeAt(t, '127.0.0.3', port, OWN_ID)
  const options = {
    address: `ws://node.example:${port}`,
    ips: ['127.0.0.1', '127.0.0.3', '127.0.0.2'],
  }
  t.like(await dial(t, options), { kind: 'opened', identity: { id: OTHER_ID } })
})

test('dialer - reports ourselves when each IP that answers is ourselves', async (t) => {
  const port = await freePort(t)
  await nodeAt(t, '127.0.0.1', port, OWN_ID)
  await nodeAt(t, '127.0.0.3', port, OWN_ID)
  for (const ips of [['127.0.0.1'], ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']]) {
    const result = await dial(t, { address: `ws://node.example:${port}`, ips })
    t.like(result, { kind: 'opened', identity: { id: OWN_ID } })
  }
})

const SERVER_NAMES: readonly (readonly [host: string, serverName: string | undefined])[] = [
  ['node.example', 'node.example'],
  ['127.0.0.1', undefined],
  ['[::ffff:127.0.0.1]', undefined],
]

for (const [host, serverName] of SERVER_NAMES) {
  test(`dialer - sends a TLS server at ${host} ${serverName ?? 'no'} name`, async (t) => {
    const server = createServer((socket) => t.teardown(() => socket.destroy()))
    const hello = once(server, 'connection').then(([socket]) => once(socket, 'data'))
    const port = await listening(t, server)
    const dialing = dial(t, {
      address: `wss://${host}:${port}`,
      ips: ['127.0.0.1'],
      timeoutMs: 500,
    })
    t.is(serverNameIn((await hello)[0]), serverName)
    t.is((await dialing).kind, 'failed')
  })
}

/** The server name in a TLS ClientHello: extension 0 (RFC 6066 §3). */
function serverNameIn(hello: Buffer): string | undefined {
  // Record header 5, handshake header 4, version 2, random 32; then session id, ciphers and
  // compressions by length.
  let at = 43
  at += 1 + hello.readUInt8(at)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello.readUInt8(at)
  const end = at + 2 + hello.readUInt16BE(at)
  for (at += 2; at < end; at += 4 + hello.readUInt16BE(at + 2)) {
    if (hello.readUInt16BE(at) === 0)
      return hello.toString('latin1', at + 9, at + 4 + hello.readUInt16BE(at + 2))
  }
  return undefined
}

test('dialer - reports why a dial failed', async (t) => {
  const port = await freePort(t)
  const refused = await dial(t, { address: `ws://localhost:${port}` })
  t.deepEqual(refused, {
    kind: 'failed',
    failure: 'refused',
    reason: 'connection refused',
  })
  const server = createHttpServer((_request, response) => response.end('hello'))
  const other = await dial(t, { address: `ws://localhost:${await listening(t, server)}` })
  t.deepEqual(other, { kind: 'failed', failure: 'not-mesh', reason: 'not a mesh node: HTTP 200' })
})

test('dialer - reports the answer of one IP rather than that another refused', async (t) => {
  const server = createHttpServer((_request, response) => response.end('hello'))
  const address = `ws://node.example:${await listening(t, server)}`
  for (const ips of [
    ['127.0.0.1', '127.0.0.2'],
    ['127.0.0.2', '127.0.0.1'],
  ]) {
    t.like(await dial(t, { address, ips }), { kind: 'failed', failure: 'not-mesh' })
  }
})

test('dialer - follows no redirect', async (t) => {
  const { port, requests } = await webSocketServer(t)
  const server = createHttpServer((_request, response) => {
    response.writeHead(302, { Location: `ws://127.0.0.1:${port}` }).end()
  })
  const result = await dial(t, { address: `ws://127.0.0.1:${await listening(t, server)}` })
  t.like(result, { kind: 'failed', reason: 'not a mesh node: HTTP 302' })
  t.deepEqual(requests, [])
})

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
  t.deepEqual(result, { kind: 'failed', failure: 'timed-out', reason: 'timed out' })
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

// --- A secret ------------------------------------------------------------------------------------

const KEYRING = new Keyring([`fm1_${'s'.repeat(43)}`])
const OTHER_KEYRING = new Keyring([`fm1_${'o'.repeat(43)}`])

/** What an acceptor does once it has read AUTH. */
type Answer = (socket: WebSocket, answer: string, tcp: Socket) => void

/** A WebSocket server that proves a secret. */
async function provingServer(t: ExecutionContext, onProven: Answer, keyring = KEYRING) {
  const port = await freePort(t)
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  t.teardown(() => server.close())
  const proofs = new WeakMap<IncomingMessage, AcceptorProof>()
  const closings: number[] = []
  server.on('headers', (headers, request) => {
    const context = { keyring, identity: anIdentity(OTHER_ID) }
    const proof = AcceptorProof.begin(context, request.headers['mesh-auth'])
    if (proof === undefined) return
    proofs.set(request, proof)
    headers.push(`Mesh-Auth: ${proof.offer}`)
  })
  server.on('connection', (socket, request) => {
    socket.on('close', (code) => closings.push(code))
    socket.once('message', (data) => {
      const proven = proofs.get(request)?.verify(String(data))
      if (proven === undefined) socket.close(4010, 'wrong secret')
      else onProven(socket, proven.answer, request.socket)
    })
  })
  await once(server, 'listening')
  return { address: `ws://127.0.0.1:${port}`, closings }
}

/** A dialer with a secret, and what it reports. */
function provingDialer() {
  const problems: string[] = []
  const identity = anIdentity()
  const dialer = new Dialer({
    identity,
    onNoDescriptors: () => {},
    proofs: new LinkProofs({ keyring: KEYRING, identity }),
    onSecretProblem: (peer, problem) => problems.push(`${peer} ${problem}`),
  })
  return { dialer, problems }
}

test('dialer - gives a peer that has proven the secret, and loses nothing that follows', async (t) => {
  const next = 'n'.repeat(1_000)
  let sendRest = (): void => {}
  const { address } = await provingServer(t, (socket, answer, tcp) => {
    // In one chunk with the proof, and only its begin: the rest comes later.
    tcp.cork()
    socket.send(answer)
    socket.send(next, { fin: false })
    tcp.uncork()
    sendRest = () => socket.send('end')
  })
  const { dialer } = provingDialer()
  const frames: string[] = []
  const result = await new Promise<DialResult>((resolve) => {
    dialer.dial(orderOf({ address }), (opened) => {
      if (opened.kind === 'opened') {
        const { socket } = opened
        t.teardown(() => socket.terminate())
        const linkSocket = new LinkSocket(socket, false, new ReceiveBudgets(), 0)
        linkSocket.onBytes((chunk) => linkSocket.receive(chunk, 0))
        socket.on('message', (data) => frames.push(String(data)))
        t.true(linkSocket.unfinishedBytes >= next.length)
        socket.once('message', () => t.is(linkSocket.unfinishedBytes, 0))
      }
      resolve(opened)
    })
  })
  if (result.kind !== 'opened') return t.fail(result.reason)
  t.is(result.identity?.id, parseMeshId(OTHER_ID))
  t.is(result.key, KEYRING.first)
  sendRest()
  await waitUntil(
    () => frames.length === 1,
    () => 'the message after the proof',
  )
  t.deepEqual(frames, [`${next}end`])
})

test('dialer - makes no link with a peer that proves another secret, or nothing', async (t) => {
  const { dialer, problems } = provingDialer()
  const wrong = async (onProven: Answer, keyring = KEYRING): Promise<number | undefined> => {
    const { address, closings } = await provingServer(t, onProven, keyring)
    t.like(await dialBy(t, dialer, { address }), { kind: 'failed', reason: 'has another secret' })
    t.deepEqual(problems.splice(0), [`${address} differs`])
    await waitUntil(
      () => closings.length > 0,
      () => 'the end of the connection',
    )
    return closings[0]
  }
  t.is(await wrong((socket, answer) => socket.send(answer), OTHER_KEYRING), 4010)
  t.is(
    await wrong((socket, answer) => socket.send(answer.replace('localhost:1', 'localhost:2'))),
    4010,
  )
  t.is(await wrong((socket) => socket.send('{"type":"HANDSHAKE","data":[]}')), 4010)
  t.is(await wrong((socket, answer) => socket.send(Buffer.from(answer))), 4010)
})

test('dialer - sends a peer without a secret nothing but its offer', async (t) => {
  const { port, requests } = await webSocketServer(t)
  const { dialer, problems } = provingDialer()
  const address = `ws://127.0.0.1:${port}`
  const result = await dialBy(t, dialer, { address })
  t.like(result, { kind: 'failed', reason: 'has no secret, and this node has one' })
  t.deepEqual(problems, [`${address} missing-there`])
  const names = Object.keys(requests[0]?.headers ?? {}).filter((name) => name.startsWith('mesh-'))
  t.deepEqual(names, ['mesh-auth'])
})

test('dialer - a peer that proves nothing in time has not answered', async (t) => {
  const { address } = await provingServer(t, () => {})
  const { dialer } = provingDialer()
  const result = await dialBy(t, dialer, { address, timeoutMs: 300 })
  t.like(result, { kind: 'failed', failure: 'no-answer' })
})
