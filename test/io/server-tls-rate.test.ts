/** A server that encrypts: what a connection costs that is refused. A process of its own. */

import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import test from 'ava'
import { CONNECTS_BURST, CONNECTS_PER_SECOND } from '../../src/io/limits.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { serverFor } from '../helpers/server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Beyond the limit. */
const MORE = 50

class CountingAcceptor extends TlsAcceptor {
  accepted = 0

  override accept(tcp: Socket): TLSSocket {
    this.accepted += 1
    return super.accept(tcp)
  }
}

test('server with tls - a connection beyond the rate of its host costs no TLS', async (t) => {
  // Our own machine has no limit. Node asks this for the address, whose getter cannot be replaced.
  Reflect.set(Socket.prototype, '_getpeername', () => ({ address: '192.0.2.7', port: 1 }))
  const acceptor = new CountingAcceptor(undefined)
  const { server, port } = await serverFor(t, { tls: acceptor })
  await server.listen()
  const beganMs = performance.now()
  let closed = 0
  for (let count = 0; count < CONNECTS_BURST + MORE; count += 1) {
    const socket = connect(port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    socket
      .on('error', () => {})
      .on('close', () => {
        closed += 1
      })
    await once(socket, 'connect')
    socket.write('\x16')
  }
  await waitUntil(
    () => acceptor.accepted + closed >= CONNECTS_BURST + MORE,
    () => `${acceptor.accepted} accepted and ${closed} closed connections`,
  )
  const seconds = (performance.now() - beganMs) / 1_000
  t.true(acceptor.accepted >= CONNECTS_BURST, String(acceptor.accepted))
  t.true(acceptor.accepted <= CONNECTS_BURST + Math.ceil(seconds * CONNECTS_PER_SECOND))
})
