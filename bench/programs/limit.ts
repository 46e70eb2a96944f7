/**
 * A process on ws that does as little as can be done: it listens, and dials the addresses that it
 * gets. One message goes each way on every connection. What N of these need is what nobody can beat
 * who builds a mesh on ws.
 *
 *     node limit.js PORT
 *
 * It prints a line when it listens, and then reads a line with a JSON array of addresses on
 * standard input.
 */

import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { WebSocket, WebSocketServer } from 'ws'

/** As many as Fullmesh has under way, see DIALS_MAX in src/mesh/limits.ts. */
const DIALS_MAX = 32

/** As Fullmesh does. */
const HOSTS = ['127.0.0.1', '::1'] as const

const port = Number(process.argv[2])
const hello = JSON.stringify({ type: 'HANDSHAKE', data: [`ws://localhost:${port}`] })

let listening = 0

for (const host of HOSTS) {
  const server = new WebSocketServer({ host, port, perMessageDeflate: false })
  server.on('connection', (socket) => socket.on('message', read).send(hello))
  server.on('listening', () => {
    listening += 1
    if (listening === HOSTS.length) writeSync(1, 'listening\n')
  })
}

createInterface({ input: process.stdin }).once('line', (line) => {
  const targets: string[] = JSON.parse(line)
  const dialNext = (): void => {
    const target = targets.shift()
    if (target === undefined) return
    const socket = new WebSocket(target, { perMessageDeflate: false })
    socket.on('message', read)
    socket.on('open', () => {
      socket.send(hello)
      dialNext()
    })
  }
  for (let dial = 0; dial < DIALS_MAX; dial += 1) dialNext()
})

function read(data: unknown): void {
  JSON.parse(String(data))
}

// A profile is written by a process that ends, not by one that is ended.
process.once('SIGTERM', () => process.exit())
