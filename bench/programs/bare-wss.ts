/** The same as bare-ws.ts over TLS, with a certificate made at the start, as Fullmesh does. */

import { createServer } from 'node:https'
import { WebSocketServer } from 'ws'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { dialAt, greet, UNCOMPRESSED } from './bare-links.ts'
import { dialInOrder, HOSTS, PORT } from './dial-order.ts'

const TLS = { ...makeSelfSigned(Date.now()), minVersion: 'TLSv1.3' } as const

let listening = 0

for (const host of HOSTS) {
  const https = createServer(TLS)
  greet(new WebSocketServer({ server: https, ...UNCOMPRESSED }))
  https.listen({ host, port: PORT }, () => {
    listening += 1
    if (listening === HOSTS.length) dialInOrder(dial)
  })
}

function dial(port: number, onOpen: () => void): void {
  dialAt(`wss://localhost:${port}`, { rejectUnauthorized: false }, onOpen)
}
