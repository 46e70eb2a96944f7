/** The same as bare-ws.ts over TLS, with a certificate made at the start, as Fullmesh does. */

import { createServer } from 'node:https'
import { WebSocket, WebSocketServer } from 'ws'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { dialInOrder, HELLO, PORT } from './dial-order.ts'

const HOSTS = ['127.0.0.1', '::1'] as const

const TLS = { ...makeSelfSigned(Date.now()), minVersion: 'TLSv1.3' } as const

let listening = 0

for (const host of HOSTS) {
  const https = createServer(TLS)
  const server = new WebSocketServer({ server: https, perMessageDeflate: false })
  server.on('connection', (socket) => socket.on('message', read).send(HELLO))
  https.listen({ host, port: PORT }, () => {
    listening += 1
    if (listening === HOSTS.length) dialInOrder(dial)
  })
}

function dial(port: number, onOpen: () => void): void {
  const options = { perMessageDeflate: false, rejectUnauthorized: false }
  const socket = new WebSocket(`wss://localhost:${port}`, options)
  socket.on('message', read)
  socket.on('open', () => {
    socket.send(HELLO)
    onOpen()
  })
}

function read(data: unknown): void {
  JSON.parse(String(data))
}
