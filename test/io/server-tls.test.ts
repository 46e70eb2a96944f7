/** A server that encrypts: what holds for connections holds for those of TLS. */

import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { TlsDoor } from '../../src/tls/tls-door.ts'
import { GET, serverFor } from '../helpers/server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const UNCHECKED = { host: '127.0.0.1', rejectUnauthorized: false }

async function secureServer(t: ExecutionContext, requestTimeoutMs = 60_000) {
  const made = await serverFor(t, { tls: new TlsDoor(undefined), requestTimeoutMs })
  await made.server.listen()
  return made
}

async function connected(t: ExecutionContext, port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, ...UNCHECKED })
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

test('server with tls - whoever does no handshake is closed in time', async (t) => {
  const { port } = await secureServer(t, 200)
  const silent = connectTcp(port, '127.0.0.1')
  silent.on('error', () => {}).resume()
  await once(silent, 'close')
  t.pass()
})

test('server with tls - whoever speaks HTTP without it gets no answer', async (t) => {
  const { port } = await secureServer(t)
  const plain = connectTcp(port, '127.0.0.1')
  let received = ''
  plain
    .on('error', () => {})
    .on('data', (data) => {
      received += String(data)
    })
  plain.write(GET)
  await once(plain, 'close')
  t.notRegex(received, /HTTP/)
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
