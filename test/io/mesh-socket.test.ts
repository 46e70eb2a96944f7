/**
 * The limits of a frame and one above them, on sockets that this node accepts and that it dials.
 */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { WebSocket, WebSocketServer } from 'ws'
import { FRAGMENTS_MAX } from '../../src/io/limits.ts'
import { MeshSocket, SOCKET_OPTIONS } from '../../src/io/mesh-socket.ts'
import { FRAME_BYTES_MAX } from '../../src/mesh/limits.ts'
import { Recording } from '../helpers/recording.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** One of our sockets, and a plain one at the other end. */
interface Pair {
  readonly ours: Recording
  readonly theirs: Recording
}

for (const side of ['accepted', 'dialed'] as const) {
  test(`mesh socket - ${side}, it reads a frame of the most bytes and no more`, async (t) => {
    const { ours, theirs } = await pair(t, side)
    theirs.socket.send('x'.repeat(FRAME_BYTES_MAX))
    await waitUntil(
      () => ours.frames.length === 1,
      () => 'a frame',
    )
    t.true(ours.isOpen)
    theirs.socket.send('x'.repeat(FRAME_BYTES_MAX + 1))
    t.deepEqual(await theirs.closed(), {
      code: 1009,
      reason: 'message exceeds limit of 262144 bytes',
    })
    t.is(ours.frames.length, 1)
  })

  test(`mesh socket - ${side}, it reads a message of the most fragments and no more`, async (t) => {
    const { ours, theirs } = await pair(t, side)
    sendFragments(theirs.socket, FRAGMENTS_MAX)
    await waitUntil(
      () => ours.frames.length === 1,
      () => 'a message',
    )
    t.true(ours.isOpen)
    sendFragments(theirs.socket, FRAGMENTS_MAX + 1)
    t.deepEqual(await theirs.closed(), {
      code: 1009,
      reason: 'message exceeds limit of 1024 fragments',
    })
    t.is(ours.frames.length, 1)
  })
}

test('mesh socket - uses no compression, whatever the peer offers', async (t) => {
  for (const side of ['accepted', 'dialed'] as const) {
    const { ours } = await pair(t, side)
    t.is(ours.socket.extensions, '')
  }
})

async function pair(t: ExecutionContext, side: 'accepted' | 'dialed'): Promise<Pair> {
  const isOurs = side === 'accepted'
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: true,
    ...(isOurs ? { ...SOCKET_OPTIONS, WebSocket: MeshSocket } : {}),
  })
  t.teardown(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  const url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const accepted = new Promise<Recording>((resolve) => {
    server.once('connection', (socket) => resolve(new Recording(socket, {})))
  })
  const dialed = new Recording(
    isOurs ? new WebSocket(url) : new MeshSocket(url, SOCKET_OPTIONS),
    {},
  )
  t.teardown(() => dialed.socket.terminate())
  await once(dialed.socket, 'open')
  return isOurs
    ? { ours: await accepted, theirs: dialed }
    : { ours: dialed, theirs: await accepted }
}

function sendFragments(socket: WebSocket, count: number): void {
  for (let sent = 1; sent <= count; sent += 1) socket.send('x', { fin: sent === count })
}
