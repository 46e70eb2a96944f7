/**
 * How bare-ws.ts and floor.ts are run: `node PROGRAM.js PORT`. Each prints a line when it listens,
 * and then reads a line with a JSON array of ports, which it dials, on standard input.
 */

import { writeSync } from 'node:fs'

/** As many as Fullmesh has under way, see DIALS_MAX in src/mesh/limits.ts. */
const DIALS_MAX = 32

export const PORT = Number(process.argv[2])

/** As Fullmesh does. */
export const HOSTS = ['127.0.0.1', '::1'] as const

/** The one message that each side of a connection sends. */
export const HELLO = JSON.stringify({ type: 'HANDSHAKE', data: [`ws://localhost:${PORT}`] })

/** Says that the process listens, and dials the ports of each order, some at a time. */
export function dialInOrder(dial: (port: number, onOpen: () => void) => void): void {
  let text = ''
  process.stdin.on('data', (chunk) => {
    text += String(chunk)
    if (!text.endsWith('\n')) return
    const ports: number[] = JSON.parse(text)
    text = ''
    const dialNext = (): void => {
      const port = ports.shift()
      if (port !== undefined) dial(port, dialNext)
    }
    for (let dials = 0; dials < DIALS_MAX; dials += 1) dialNext()
  })
  writeSync(1, 'listening\n')
}

// A profile is written by a process that ends, not by one that is ended.
process.once('SIGTERM', () => process.exit())
