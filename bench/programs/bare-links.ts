/** What bare-ws.ts and bare-wss.ts do on each connection: one message each way, and no more. */

import { type ClientOptions, WebSocket, type WebSocketServer } from 'ws'
import { HELLO } from './dial-order.ts'

export const UNCOMPRESSED = { perMessageDeflate: false } as const

export function greet(server: WebSocketServer): void {
  server.on('connection', (socket) => socket.on('message', read).send(HELLO))
}

export function dialAt(url: string, options: ClientOptions, onOpen: () => void): void {
  const socket = new WebSocket(url, { ...UNCOMPRESSED, ...options })
  socket.on('message', read)
  socket.on('open', () => {
    socket.send(HELLO)
    onOpen()
  })
}

function read(data: unknown): void {
  JSON.parse(String(data))
}
