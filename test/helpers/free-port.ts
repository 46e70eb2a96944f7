/** Ports that no other test on this machine uses. */

import { createSocket, type Socket } from 'node:dgram'
import { createServer } from 'node:net'
import type { Teardown } from './teardown.ts'

/**
 * Below the ports of outgoing connections (32768 and up on Linux, 49152 elsewhere): any dial could
 * take a port from there between this check and the moment when a node listens.
 */
const PORT_MIN = 20_000
const PORT_MAX = 31_999

const ATTEMPTS_MAX = 1_000

/** The hosts that a node listens on. */
const HOSTS = ['127.0.0.1', '::1'] as const

/**
 * A TCP port that is free on both loopback IPs, and that no other test gets until this one is over.
 * The lock is the UDP port of the same number: one process can have it, and the system takes it
 * back however that process ends.
 */
export async function freePort(t: Teardown): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN + 1))
    const lock = await lockPort(port)
    if (lock === undefined) continue
    if (await isFree(port)) {
      t.teardown(() => lock.close())
      return port
    }
    lock.close()
  }
  throw new Error(`no free port from ${PORT_MIN} to ${PORT_MAX}`)
}

/** Several free ports, in ascending order. */
export async function freePorts(t: Teardown, count: number): Promise<readonly number[]> {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freePort(t))
  return ports.sort((a, b) => a - b)
}

function lockPort(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(undefined))
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => resolve(socket.unref()))
  })
}

async function isFree(port: number): Promise<boolean> {
  for (const host of HOSTS) if (!(await canListen(host, port))) return false
  return true
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    // A host that this machine does not have is free.
    server.once('error', (error) => resolve('code' in error && error.code !== 'EADDRINUSE'))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
