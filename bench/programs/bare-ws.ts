/**
 * A process on ws that does as little as can be done: it listens, and dials the ports that it gets
 * (dial-order.ts). One message goes each way on every connection. No mesh that uses ws as it is
 * needs less than N of these.
 */

import { WebSocketServer } from 'ws'
import { dialAt, greet, UNCOMPRESSED } from './bare-links.ts'
import { dialInOrder, HOSTS, PORT } from './dial-order.ts'

let listening = 0

for (const host of HOSTS) {
  const server = new WebSocketServer({ host, port: PORT, ...UNCOMPRESSED })
  greet(server)
  server.on('listening', () => {
    listening += 1
    if (listening === HOSTS.length) dialInOrder(dial)
  })
}

function dial(port: number, onOpen: () => void): void {
  dialAt(`ws://localhost:${port}`, {}, onOpen)
}
