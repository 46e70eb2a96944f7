/** A wss address is dialed over TLS, which a node loads only then. */

import { createServer } from 'node:net'
import test from 'ava'
import { freePort } from '../helpers/free-port.ts'
import { DENO, NODE, NodeProcess } from '../helpers/node-process.ts'

/** The first bytes of a ClientHello: a handshake record of TLS (RFC 8446 §5.1). */
const CLIENT_HELLO = [0x16, 0x03]

for (const [name, runtime] of [
  ['Node', NODE],
  ['Deno', DENO],
] as const) {
  test.serial(`secure dials - ${name} sends a ClientHello to a wss address`, async (t) => {
    const port = await freePort(t)
    const first: number[][] = []
    const server = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        first.push([...bytes.subarray(0, 2)])
        socket.destroy()
      })
    })
    t.teardown(() => server.close())
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve))
    const knownPeers = [`wss://localhost:${port}`]
    const settings = { LOG_LEVEL: 'debug' }
    const node = await NodeProcess.start(t, { knownPeers, runtime, settings })
    await node.reported('dial-failed', { address: `wss://localhost:${port}` })
    t.deepEqual(first[0], CLIENT_HELLO)
  })
}
