/** How much is read of a connection that has failed to prove the secret. */

import { createServer } from 'node:http'
import { Socket } from 'node:net'
import test from 'ava'
import { WebSocketServer } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { AcceptorProof } from '../../src/auth/proof.ts'
import { UNPROVEN_BYTES_MAX } from '../../src/io/limits.ts'
import { MeshSocket, SOCKET_OPTIONS } from '../../src/io/mesh-socket.ts'
import { UnprovenLinks } from '../../src/io/unproven-links.ts'
import { RawCall, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const MIB = 1024 * 1024

/**
 * The most that one read of a socket gives. There are three of them: the one that exceeds the
 * limit, one because `ws` resumes a socket whose bytes it does not understand, and one that a
 * paused socket keeps.
 */
const READ_BYTES_MAX = 64 * 1024
const READS_MAX = 3

/** A short text frame of a client, masked with zeros (RFC 6455 §5.2). */
function frameOf(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}

test('unproven - after a wrong proof, no more is read than before it', async (t) => {
  const port = await freePort(t)
  const unproven = new UnprovenLinks(60_000)
  const context = { keyring: new Keyring([`fm1_${'s'.repeat(43)}`]), identity: identityAt(port) }
  const webSockets = new WebSocketServer({
    noServer: true,
    WebSocket: MeshSocket,
    ...SOCKET_OPTIONS,
  })
  const accepted: Socket[] = []
  let failed = 0
  const server = createServer().on('upgrade', (request, duplex, head) => {
    webSockets.handleUpgrade(request, duplex, head, (socket) => {
      const proof = AcceptorProof.begin(context, `1 ${'n'.repeat(43)}`)
      if (!(duplex instanceof Socket) || proof === undefined) return socket.terminate()
      accepted.push(duplex)
      const onFailed = (): void => {
        failed += 1
      }
      unproven.add({ socket, tcp: duplex, proof, onProven: () => t.fail(), onFailed })
    })
  })
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const caller = await RawCall.open(t, port, UPGRADE_REQUEST)
  await waitUntil(
    () => accepted.length === 1,
    () => 'a WebSocket',
  )
  caller.socket.write(frameOf('{}'))
  await waitUntil(
    () => caller.received.endsWith('wrong secret'),
    () => `a refusal, got '${caller.received}'`,
  )
  caller.socket.write(Buffer.alloc(MIB))
  const [tcp] = accepted
  await waitUntil(
    () => caller.isClosed && tcp?.destroyed === true,
    () => 'the end of the connection',
  )
  const most = UPGRADE_REQUEST.length + UNPROVEN_BYTES_MAX + READS_MAX * READ_BYTES_MAX
  t.true((tcp?.bytesRead ?? MIB) <= most, `${tcp?.bytesRead} bytes were read`)
  t.is(failed, 1)
})
