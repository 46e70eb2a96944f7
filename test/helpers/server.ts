/** A server for tests, and requests to it. */

import type { ExecutionContext } from 'ava'
import type { WebSocket } from 'ws'
import { Server, type ServerOptions } from '../../src/io/server.ts'
import type { RawCall } from './caller.ts'
import { identityAt } from './core.ts'
import { freePort } from './free-port.ts'
import { waitUntil } from './wait-until.ts'

export const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

export async function serverFor(t: ExecutionContext, options: Partial<ServerOptions> = {}) {
  const port = await freePort(t)
  const links: WebSocket[] = []
  const server = new Server({
    problemWithPage: ({ origin }) => (origin === undefined ? undefined : 'a page of «évil»'),
    identity: identityAt(port),
    hosts: ['127.0.0.1'],
    port,
    portSource: 'the test',
    requestTimeoutMs: 60_000,
    onLink: (socket) => links.push(socket),
    onNoDescriptors: () => {},
    onCrowded: () => {},
    ...options,
  })
  t.teardown(() => {
    server.close()
    for (const link of links) link.terminate()
  })
  return { server, port, links }
}

export async function ended(caller: RawCall | undefined): Promise<void> {
  await waitUntil(
    () => caller?.isClosed === true,
    () => `the end of a connection that got '${caller?.received}'`,
  )
}
