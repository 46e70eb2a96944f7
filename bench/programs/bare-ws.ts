/**
 * A process on ws that does as little as can be done: it listens, and dials the ports that it gets
 * (dial-order.ts). One message goes each way on every connection. No mesh that uses ws as it is
 * needs less than N of these.
 */

import { WebSocket, WebSocketServer } from 'ws'
import { dialInOrder, HELLO, PORT } from './dial-order.ts'

/** As Fullmesh does. */
const HOSTS = ['127.0.0.1', '::1'] as const

let listening = 0

for (const host of HOSTS) {
  const server = new WebSocketServer({ host, port: PORT, perMessageDeflate: false })
  server.on('connection', (socket) => socket.on('message', read).send(HELLO))
  server.on('listening', () => {
    listening += 1
    if (listening === HOSTS.length) dialInOrder(dial)
  })
}

function dial(port: number, onOpen: () => void): void {
  const socket = new WebSocket(`ws://localhost:${port}`, { perMessageDeflate: false })
  socket.on('message', read)
  socket.on('open', () => {
    socket.send(HELLO)
    onOpen()
  })
}

function read(data: unknown): void {
  JSON.parse(String(data))
}
