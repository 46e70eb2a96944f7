/** A server that encrypts: what holds for connections holds for those of TLS. */

import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { RawCall } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { ended, GET, serverFor } from '../helpers/server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const UNCHECKED = { host: '127.0.0.1', rejectUnauthorized: false }

async function secureServer(t: ExecutionContext, requestTimeoutMs = 60_000) {
  const made = await serverFor(t, { tls: new TlsAcceptor(undefined), requestTimeoutMs })
  await made.server.listen()
  return made
}

/** What came until the end of a connection that does not encrypt. */
async function answered(t: ExecutionContext, port: number, text: string): Promise<RawCall> {
  const caller = await RawCall.open(t, port, text)
  await ended(caller)
  return caller
}

async function connected(t: ExecutionContext, port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, ...UNCHECKED })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

test('server with tls - whoever begins a handshake and no more is closed in time', async (t) => {
  const { port } = await secureServer(t, 200)
  // The head of a record, and the first byte of a ClientHello.
  const { received } = await answered(t, port, '\x16\x03\x01\x00\xc8\x01')
  t.is(received, '')
})

test('server with tls - whoever sends nothing is closed in time, and told nothing', async (t) => {
  const { port } = await secureServer(t, 200)
  const { received } = await answered(t, port, '')
  t.is(received, '')
})

test('server with tls - whoever speaks HTTP without it is told to, and nothing else', async (t) => {
  const { port } = await secureServer(t)
  const before = identityAt(port)
  for (const text of [GET, 'x', `POST / HTTP/1.1\r\n${'x'.repeat(64 * 1024)}`]) {
    const { received } = await answered(t, port, text)
    t.regex(received, /^HTTP\/1\.1 400 Bad Request\r\n/)
    const [head = '', body = ''] = received.split('\r\n\r\n')
    t.regex(head, /\r\nConnection: close\r\n/)
    t.regex(head, /\r\nContent-Type: text\/plain; charset=utf-8\r\n/)
    t.is(head.match(/Content-Length: (\d+)/)?.[1], String(body.length))
    t.regex(body, /^this port speaks TLS: use https:\/\/ [^\n]*\n$/)
    for (const told of [before.id, before.address, String(port), 'Mesh']) {
      t.false(received.includes(told), received)
    }
  }
})

test('server with tls - answers requests, and upgrades', async (t) => {
  const { port, links } = await secureServer(t)
  const socket = await connected(t, port)
  socket.write(GET)
  t.regex(String(await once(socket, 'data')), /^HTTP\/1\.1 426 /)
  const link = new WebSocket(`wss://127.0.0.1:${port}`, UNCHECKED)
  t.teardown(() => link.terminate())
  await once(link, 'open')
  links[0]?.send('hello')
  t.is(String(await once(link, 'message').then(([data]) => data)), 'hello')
})

test('server with tls - a stop closes what is no link, and keeps links', async (t) => {
  const { server, port, links } = await secureServer(t)
  const idle = await connected(t, port)
  const halfway = connectTcp(port, '127.0.0.1')
  halfway.on('error', () => {}).resume()
  await once(halfway, 'connect')
  const link = new WebSocket(`wss://127.0.0.1:${port}`, UNCHECKED)
  t.teardown(() => link.terminate())
  await once(link, 'open')
  const ends = Promise.all([once(idle.resume(), 'close'), once(halfway, 'close')])
  await server.close()
  await ends
  links[0]?.send('still here')
  t.is(String(await once(link, 'message').then(([data]) => data)), 'still here')
  const refused = connectTcp(port, '127.0.0.1')
  const [error] = await once(refused, 'error')
  t.is(error.code, 'ECONNREFUSED')
})

test('server with tls - connections that break in any state end nothing', async (t) => {
  const { port, links } = await secureServer(t)
  for (let round = 0; round < 10; round += 1) {
    const tcp = connectTcp(port, '127.0.0.1')
    tcp.on('error', () => {})
    await once(tcp, 'connect')
    tcp.resetAndDestroy()
    const half = connectTls({ port, ...UNCHECKED })
    half.on('error', () => {})
    await once(half, 'connect')
    half.destroy()
    const whole = await connected(t, port)
    whole.write(GET)
    whole.destroy()
  }
  const link = new WebSocket(`wss://127.0.0.1:${port}`, UNCHECKED)
  t.teardown(() => link.terminate())
  await once(link, 'open')
  await waitUntil(
    () => links.length === 1,
    () => 'a link',
  )
  t.is(links.length, 1)
})
