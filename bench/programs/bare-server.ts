/**
 * The least that listens for WebSockets where a node does. It prints a line when it listens.
 *
 *     node bare-server.js
 */

import { WebSocketServer } from 'ws'

/** As Fullmesh does. */
const HOSTS = ['127.0.0.1', '::1'] as const

let listening = 0

for (const host of HOSTS) {
  new WebSocketServer({ host, port: 0, perMessageDeflate: false }).on('listening', () => {
    listening += 1
    if (listening === HOSTS.length) console.log('listening')
  })
}
