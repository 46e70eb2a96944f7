/** How a server answers an upgrade to WebSocket, and offers of other protocols. */

import type { ServerResponse } from 'node:http'
import test from 'ava'
import type { WebSocket } from 'ws'
import { RawCall, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { ended, GET, serverFor } from '../helpers/server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const REFUSED: readonly (readonly [what: string, status: number, request: string])[] = [
  [
    'a foreign page',
    403,
    UPGRADE_REQUEST.replace('\r\n\r\n', '\r\nOrigin: https://evil.example\r\n\r\n'),
  ],
  ['an upgrade without a key', 400, UPGRADE_REQUEST.replace(/Sec-WebSocket-Key: \S+\r\n/, '')],
  ['an upgrade in HTTP/1.0', 400, UPGRADE_REQUEST.replace('HTTP/1.1', 'HTTP/1.0')],
  ['an upgrade without Host', 400, UPGRADE_REQUEST.replace(/Host: \S+\r\n/, '')],
  ['a plain GET', 426, GET],
  ['a GET that offers h2c', 426, upgradeTo('h2c')],
]

/** As curl --http2 sends it, and Java's HttpClient. */
function upgradeTo(protocol: string, line = 'GET /path', more: readonly string[] = []): string {
  const connection = 'Connection: close, Upgrade, HTTP2-Settings'
  const settings = 'HTTP2-Settings: AAMAAABk'
  const headers = ['Host: localhost', connection, `Upgrade: ${protocol}`, settings, ...more]
  return `${line} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`
}

for (const [what, status, request] of REFUSED) {
  test(`server - closes the socket of ${what} that holds its own end open`, async (t) => {
    const { server, port } = await serverFor(t)
    await server.listen()
    const caller = await RawCall.open(t, port, request, { allowHalfOpen: true })
    await waitUntil(
      () => {
        // Writes to a half-closed socket succeed for ever; a closed one resets the connection,
        // which would lose a response that was not read yet.
        if (caller.received !== '' && caller.socket.writable) caller.socket.write(' ')
        return caller.isClosed
      },
      () => `the end of a socket that got '${caller.received}'`,
    )
    t.true(caller.received.startsWith(`HTTP/1.1 ${status} `))
  })
}

test('server - says in one line why it refuses an upgrade', async (t) => {
  const { server, port } = await serverFor(t)
  await server.listen()
  for (const [, , request] of REFUSED.slice(0, 4)) {
    const caller = await RawCall.open(t, port, request)
    await waitUntil(
      () => caller.isClosed,
      () => `the end of a socket that got '${caller.received}'`,
    )
    const [head = '', body = ''] = caller.received.split('\r\n\r\n')
    t.regex(body, /^[^\n]{10,}\n?$/)
    const length = /^Content-Length: (\d+)/im.exec(head)?.[1]
    t.is(length, String(Buffer.byteLength(body, 'latin1')))
  }
})

for (const protocol of ['h2c', 'TLS/1.0', 'websocket2', 'h2c, websocket']) {
  test(`server - answers a request that offers ${protocol} over HTTP/1.1, and closes`, async (t) => {
    const paths: (string | undefined)[] = []
    const { server, port } = await serverFor(t, {
      onRequest: ({ url }, response) => {
        paths.push(url)
        response.writeHead(200, { 'Content-Length': 4 }).end('fine')
      },
    })
    await server.listen()
    const caller = await RawCall.open(t, port, upgradeTo(protocol))
    await ended(caller)
    t.deepEqual(paths, ['/path'])
    t.regex(caller.received, /^HTTP\/1\.1 200 OK\r\n/)
    t.regex(caller.received, /\r\nConnection: close\r\n/)
    t.true(caller.received.endsWith('\r\n\r\nfine'), caller.received)
  })
}

const BODIES: readonly (readonly [of: string, header: string, body: string])[] = [
  ['known length', 'Content-Length: 5', 'hello'],
  ['chunks', 'Transfer-Encoding: chunked', '5\r\nhello\r\n0\r\n\r\n'],
]

for (const [of, header, body] of BODIES) {
  test(`server - reads a body of ${of} that comes with an offer of h2c, or refuses it`, async (t) => {
    const bodies: string[] = []
    const { server, port } = await serverFor(t, {
      onRequest: async (request, response) => {
        bodies.push(String(Buffer.concat(await request.toArray())))
        response.end('taken')
      },
    })
    await server.listen()
    const caller = await RawCall.open(t, port, upgradeTo('h2c', 'POST /path', [header]) + body)
    await ended(caller)
    // Before 22.21, Node does not read it.
    const isRead = caller.received.startsWith('HTTP/1.1 200 ')
    t.deepEqual(bodies, isRead ? ['hello'] : [])
    if (!isRead) t.regex(caller.received, /^HTTP\/1\.1 400 .*send it without Upgrade\n$/s)
  })
}

test('server - accepts no subprotocol, since it speaks none', async (t) => {
  const { server, port } = await serverFor(t)
  await server.listen()
  const request = UPGRADE_REQUEST.replace(/\r\n$/, 'Sec-WebSocket-Protocol: chat, mqtt\r\n\r\n')
  const caller = await RawCall.open(t, port, request)
  await waitUntil(
    () => caller.received.includes('\r\n\r\n'),
    () => 'an answer',
  )
  t.true(caller.received.startsWith('HTTP/1.1 101 '))
  t.notRegex(caller.received, /Sec-WebSocket-Protocol/i)
})

test('server - answers requests before the upgrade that follows them on one connection', async (t) => {
  const waiting: ServerResponse[] = []
  const { server, port, links } = await serverFor(t, {
    onRequest: (_request, response) => waiting.push(response),
  })
  await server.listen()
  const caller = await RawCall.open(t, port, GET + GET + UPGRADE_REQUEST)
  for (const answer of ['one', 'two']) {
    await waitUntil(
      () => waiting.length > 0,
      () => 'a request',
    )
    t.is(links.length, 0)
    waiting.shift()?.end(answer)
  }
  await waitUntil(
    () => links.length === 1,
    () => `a link, got ${caller.received}`,
  )
  await waitUntil(
    () => caller.received.includes(' 101 '),
    () => caller.received,
  )
  const answers = [...caller.received.matchAll(/HTTP\/1\.1 (\d+)|(one|two)/g)].map(([text]) => text)
  t.deepEqual(answers, ['HTTP/1.1 200', 'one', 'HTTP/1.1 200', 'two', 'HTTP/1.1 101'])
  links[0]?.send('hello')
  await t.notThrowsAsync(
    waitUntil(
      () => caller.received.endsWith('hello'),
      () => caller.received,
    ),
  )
})

test('server - drops in time an upgrade whose connection closes before it is due', async (t) => {
  const waiting: ServerResponse[] = []
  const { server, port, links } = await serverFor(t, {
    onRequest: (_request, response) => waiting.push(response),
  })
  await server.listen()
  const caller = await RawCall.open(t, port, GET + UPGRADE_REQUEST)
  await waitUntil(
    () => waiting.length > 0,
    () => 'a request',
  )
  caller.socket.resetAndDestroy()
  await waitUntil(
    () => waiting[0]?.closed === true,
    () => 'the end of the request',
  )
  t.is(links.length, 0)
})

test('server - sends the response and the first message in one write', async (t) => {
  const unsent: number[] = []
  const onLink = (link: WebSocket): void => {
    unsent.push(link.bufferedAmount)
    link.send('hello')
    t.teardown(() => link.terminate())
  }
  const { server, port } = await serverFor(t, { onLink })
  await server.listen()
  const caller = await RawCall.open(t, port, UPGRADE_REQUEST)
  await waitUntil(
    () => caller.received.endsWith('\x81\x05hello'),
    () => `the message after '${caller.received}'`,
  )
  t.regex(caller.received, /^HTTP\/1\.1 101 /)
  // The response still waits for the message.
  t.true((unsent[0] ?? 0) >= 'HTTP/1.1 101 '.length)
})
