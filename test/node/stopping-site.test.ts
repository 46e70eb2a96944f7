/** The HTTP side of a whole node that stops: requests under way get an answer. */

import test from 'ava'
import { HttpHandler } from '../../src/http/http-handler.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { RawCall } from '../helpers/caller.ts'
import { freePorts } from '../helpers/free-port.ts'
import { PAGE } from '../helpers/http-handler.ts'
import { waitUntil } from '../helpers/wait-until.ts'

test('stopping - a node that stops answers the requests under way, then ends their connections', async (t) => {
  const [port = 0, other = 0] = await freePorts(t, 2)
  const node = new MeshNode({
    port,
    site: (facts) =>
      new HttpHandler({
        ...facts,
        allow: [],
        topicsAllow: [],
        page: PAGE,
        version: '0.1.0',
        runtime: 'Node.js',
      }),
  })
  const peer = new MeshNode({ port: other, knownPeers: [node.address] })
  t.teardown(() => Promise.all([node.stop(), peer.stop()]))
  await node.start()
  await peer.start()
  let asked: AbortSignal | undefined
  peer.respond('never', ({ signal }) => {
    asked = signal
    return new Promise(() => {})
  })
  await waitUntil(
    () => node.connectedAddresses.length === 1,
    () => 'a peer',
  )
  const open = (line: string, end: string) =>
    RawCall.open(t, port, `${line} HTTP/1.1\r\nHost: localhost:${port}\r\n${end}`)
  const question = await open(
    `POST /requests/never?to=${peer.address}`,
    'Content-Length: 1\r\n\r\nx',
  )
  await waitUntil(
    () => asked !== undefined,
    () => 'a question',
  )
  // Their bodies do not end. Whatever was sent before the last one is read when that is answered.
  const publication = await open('POST /topics/a', 'Content-Length: 2\r\n\r\nx')
  const half = await open(`POST /requests/never?to=${peer.address}`, 'Content-Length: 2\r\n\r\nx')
  const status = await open('GET /peers', '\r\n')
  const probe = await open('GET /health', '\r\n')
  await waitUntil(
    () => probe.received.startsWith('HTTP/1.1 200 '),
    () => 'an answer',
  )
  await node.stop()
  const all = [question, publication, half, status]
  await waitUntil(
    () => all.every(({ isClosed }) => isClosed),
    () => 'the end of all connections',
  )
  const goneText = /^HTTP\/1\.1 502 [\s\S]*\r\n\r\nPEER_GONE: this node stops; it may have run\n$/
  t.regex(question.received, goneText)
  t.regex(half.received, goneText)
  t.regex(publication.received, /^HTTP\/1\.1 503 [\s\S]*the message was not published\n$/)
  // On a busy machine it may have been made before.
  t.regex(status.received, /^HTTP\/1\.1 (?:200|503) /)
  t.true(asked?.aborted)
})
