/** socket.io: each publisher is a server, to which all others connect, by WebSocket at once. */

import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'

const EVENT = 'bench'

/** @type {import('../../messages/transport.ts').Open} */
export const open = async ({ index, ports, publishers }, deliver) => {
  const http = createServer()
  const server = publishers.includes(index) ? new Server(http) : undefined
  await new Promise((resolve) => http.listen(ports[index], '127.0.0.1', resolve))
  let count = 0
  let onConnected = () => {}
  const connected = () => {
    count += 1
    onConnected()
  }
  server?.on('connection', connected)
  let hasConnected = false
  return {
    async connect(indices) {
      const others = publishers.filter((other) => other !== index)
      if (!hasConnected) {
        hasConnected = true
        for (const other of others) {
          const client = io(`http://127.0.0.1:${ports[other]}`, { transports: ['websocket'] })
          client.on('connect', connected).on(EVENT, deliver)
        }
      }
      const dialed = others.filter((other) => indices.includes(other)).length
      const expected = dialed + (server === undefined ? 0 : indices.length - 1)
      while (count < expected) {
        await new Promise((resolve) => {
          onConnected = resolve
        })
      }
    },
    publish: (body) => server.emit(EVENT, body),
  }
}
