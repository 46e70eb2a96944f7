/** Dials: which IP of a name is dialed, which name a TLS server gets, and why a dial failed. */

import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { WebSocketServer } from 'ws'
import { DIAL_IPS_LEARNED_MAX, DIAL_IPS_MAX } from '../../src/io/limits.ts'
import type { DialPolicy } from '../../src/mesh/address/scope.ts'
import { headersOf } from '../../src/wire/headers.ts'
import {
  anIdentity,
  dial,
  dialBy,
  dialerFor,
  listening,
  OTHER_ID,
  OWN_ID,
  webSocketServer,
} from '../helpers/dialer.ts'
import { freePort } from '../helpers/free-port.ts'

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

test('dialer - reports that one IP refused rather than that another cannot be reached', async (t) => {
  const address = `ws://node.example:${await freePort(t)}`
  // A network for documentation (RFC 3849), to which there is no route here, or no answer.
  for (const ips of [
    ['127.0.0.1', '2001:db8::1'],
    ['2001:db8::1', '127.0.0.1'],
  ]) {
    t.like(await dial(t, { address, ips, timeoutMs: 1_000 }), { failure: 'refused' })
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
