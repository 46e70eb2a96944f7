/** Where a server listens, which connections it drops, and when. */

import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { NodeError } from '../../src/errors/node-error.ts'
import { IDLE_MS, KEPT_OPEN_MAX } from '../../src/io/limits.ts'
import { CONNECTIONS_MAX } from '../../src/mesh/limits.ts'
import { call, RawCall } from '../helpers/caller.ts'
import { ended, GET, serverFor } from '../helpers/server.ts'
import { listeningOn } from '../helpers/socket-table.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Two hosts that are there without IPv6, too. */
const HOSTS = ['127.0.0.1', '127.0.0.2'] as const

/** Reserved for documentation (RFC 5737), so no machine has them. */
const ELSEWHERE = ['198.51.100.1', '203.0.113.1'] as const

/** A request timeout for tests of it, in ms. */
const SOON_MS = 300

test.serial(
  'server - when it is full, the oldest connection without a request makes room',
  async (t) => {
    let crowded = 0
    const { server, port, links } = await serverFor(t, { hosts: HOSTS, onCrowded: () => crowded++ })
    await server.listen()
    const others: Socket[] = []
    t.teardown(() => {
      for (const other of others) other.destroy()
    })
    const link = await call(t, `ws://127.0.0.1:${port}`)
    while (others.length < CONNECTIONS_MAX - 1) {
      others.push(await connected(port, HOSTS[others.length % 2]))
    }
    t.is(crowded, 0)
    const newcomer = await call(t, `ws://127.0.0.1:${port}`)
    await waitUntil(
      () => others.some(({ destroyed, closed }) => destroyed || closed),
      () => 'one makes room',
    )
    t.is(crowded, 1)
    t.is(others.filter(({ closed }) => closed).length, 1)
    t.true(others[0]?.closed)
    t.true(newcomer.isOpen && link.isOpen)
    t.is(links.length, 2)
  },
)

test.serial('server - drops a connection beyond its limit when all others are links', async (t) => {
  let crowded = 0
  const { server, port, links } = await serverFor(t, { onCrowded: () => crowded++ })
  await server.listen()
  const calls = []
  for (let count = 0; count < CONNECTIONS_MAX; count += 1) {
    calls.push(await call(t, `ws://127.0.0.1:${port}`))
  }
  const newcomer = await connected(port, HOSTS[0])
  await once(newcomer, 'close')
  t.is(crowded, 1)
  t.is(links.length, CONNECTIONS_MAX)
  t.true(calls.every(({ isOpen }) => isOpen))

  calls[0]?.socket.terminate()
  await t.notThrowsAsync(
    waitUntil(
      async () => {
        const next = await call(t, `ws://127.0.0.1:${port}`).catch(() => undefined)
        return next?.isOpen === true
      },
      () => 'a new connection takes the place that became free',
    ),
  )
})

test('server - keeps no connection open for the next request when there are many', async (t) => {
  const { server, port } = await serverFor(t, {
    onRequest: (_request, response) => response.writeHead(200, { 'Content-Length': 0 }).end(),
  })
  await server.listen()
  const answered = async (): Promise<RawCall> => {
    const caller = await RawCall.open(t, port, GET)
    await waitUntil(
      () => caller.received !== '',
      () => 'an answer',
    )
    return caller
  }
  const isClosing = ({ received }: RawCall): boolean => /^connection: close\r$/im.test(received)
  // At once: each is kept for some seconds only.
  const kept = await Promise.all(Array.from({ length: KEPT_OPEN_MAX }, answered))
  t.deepEqual(kept.filter(isClosing), [])
  const last = await answered()
  t.true(isClosing(last))
  await t.notThrowsAsync(ended(last))
})

const LATE: readonly (readonly [what: string, bytes: string])[] = [
  ['nothing', ''],
  ['half of a request', 'GET / HTTP/1.1\r\n'],
]

for (const [what, bytes] of LATE) {
  test(`server - drops in time a connection that sends ${what}`, async (t) => {
    const { server, port } = await serverFor(t, { requestTimeoutMs: SOON_MS })
    await server.listen()
    const caller = await RawCall.open(t, port, bytes)
    await ended(caller)
    t.true(caller.received.startsWith('HTTP/1.1 408 '))
  })
}

test('server - drops no link, and no connection that waits for an answer', async (t) => {
  const waiting: ServerResponse[] = []
  const { server, port } = await serverFor(t, {
    requestTimeoutMs: SOON_MS,
    onRequest: (_request, response) => waiting.push(response),
  })
  await server.listen()
  const link = await call(t, `ws://127.0.0.1:${port}`)
  const asker = await RawCall.open(t, port, GET + GET)
  await waitUntil(
    () => waiting.length > 0,
    () => 'the first request',
  )
  waiting[0]?.end('one')
  await waitUntil(
    () => waiting.length > 1,
    () => 'the second request',
  )
  // After this time all of those would have been dropped.
  const other = await trickling(t, port)
  await waitUntil(
    () => waiting.length > 2,
    () => 'a request that came last',
  )
  waiting[2]?.end()
  await ended(other)
  t.true(link.isOpen)
  waiting[1]?.end('two')
  await waitUntil(
    () => asker.received.includes('two'),
    () => 'the second answer',
  )
  t.true(asker.received.includes('one'))
})

test('server - drops in time a connection that got an answer and sends half of another request', async (t) => {
  const { server, port } = await serverFor(t, {
    requestTimeoutMs: SOON_MS,
    onRequest: (_request, response) => response.end(),
  })
  await server.listen()
  await t.notThrowsAsync(ended(await trickling(t, port)))
})

test('server - stops listening on all hosts when one is in use', async (t) => {
  const { server, port } = await serverFor(t, { hosts: HOSTS })
  const other = createServer()
  t.teardown(() => other.close())
  await once(other.listen(port, HOSTS[1]), 'listening')
  t.like(await t.throwsAsync(server.listen()), { code: 'LISTEN_PORT_IN_USE' })
  await t.notThrowsAsync(listeningOn(port, ['0200007F']))
})

test('server - stops listening on all hosts after an unexpected error', async (t) => {
  const { server, port } = await serverFor(t, { hosts: ['127.0.0.1', 'no host'] })
  const error = await t.throwsAsync(server.listen())
  t.false(error instanceof NodeError)
  await t.notThrowsAsync(listeningOn(port, []))
})

test('server - skips a host that this machine does not have, but not all of them', async (t) => {
  const some = await serverFor(t, { hosts: [ELSEWHERE[0], '127.0.0.1'] })
  t.deepEqual(await some.server.listen(), [ELSEWHERE[0]])
  await t.notThrowsAsync(listeningOn(some.port, ['0100007F']))
  const none = await serverFor(t, { hosts: ELSEWHERE })
  t.like(await t.throwsAsync(none.server.listen()), { code: 'LISTEN_ADDRESS_UNAVAILABLE' })
})

test('server - does not listen when it was closed during listen', async (t) => {
  const { server, port } = await serverFor(t, { hosts: HOSTS })
  const listening = server.listen()
  server.close()
  await listening
  await t.notThrowsAsync(listeningOn(port, []))
})

test('server - when it closes, drops all connections but links', async (t) => {
  const { server, port } = await serverFor(t)
  await server.listen()
  const link = await call(t, `ws://127.0.0.1:${port}`)
  const others = ['', 'GET / HTTP/1.1\r\n'].map((bytes) => RawCall.open(t, port, bytes))
  const [silent, slow] = await Promise.all(others)
  server.close()
  await ended(silent)
  await ended(slow)
  t.true(link.isOpen)
})

/** Asks once, and never gets to the end of the next request. */
async function trickling(t: ExecutionContext, port: number): Promise<RawCall> {
  const caller = await RawCall.open(t, port, `${GET}GET / HTTP/1.1\r\nX: `)
  const trickle = setInterval(() => caller.socket.write('x'), IDLE_MS / 10)
  t.teardown(() => clearInterval(trickle))
  return caller
}

async function connected(port: number, host: string | undefined): Promise<Socket> {
  const socket = connect({ host, port })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}
