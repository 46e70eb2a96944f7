/** Dials of a node that has a secret. */

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { type WebSocket, WebSocketServer } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { AcceptorProof } from '../../src/auth/proof.ts'
import type { DialResult } from '../../src/io/dial.ts'
import { Dialer } from '../../src/io/dialer.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { LinkSocket } from '../../src/io/link-socket.ts'
import { ReceiveBudgets } from '../../src/io/receive-budget.ts'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { parseMeshId } from '../../src/wire/headers.ts'
import { anIdentity, dialBy, OTHER_ID, orderOf, webSocketServer } from '../helpers/dialer.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const KEYRING = new Keyring([`fm1_${'s'.repeat(43)}`])
const OTHER_KEYRING = new Keyring([`fm1_${'o'.repeat(43)}`])

/** What an acceptor does once it has read AUTH. */
type Answer = (socket: WebSocket, answer: string, tcp: Socket) => void

/** A WebSocket server that proves a secret. */
async function provingServer(
  t: ExecutionContext,
  onProven: Answer,
  keyring = KEYRING,
  onAuth = () => {},
) {
  const port = await freePort(t)
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  t.teardown(() => server.close())
  const proofs = new WeakMap<IncomingMessage, AcceptorProof>()
  const closings: number[] = []
  server.on('headers', (headers, request) => {
    const context = { keyring, identity: anIdentity(OTHER_ID) }
    const proof = AcceptorProof.begin(context, request.headers['mesh-auth'])
    if (proof === undefined) return
    proofs.set(request, proof)
    headers.push(`Mesh-Auth: ${proof.offer}`)
  })
  server.on('connection', (socket, request) => {
    socket.on('close', (code) => closings.push(code))
    socket.once('message', (data) => {
      onAuth()
      const proven = proofs.get(request)?.verify(String(data))
      if (proven === undefined) socket.close(4010, 'wrong secret')
      else onProven(socket, proven.answer, request.socket)
    })
  })
  await once(server, 'listening')
  return { address: `ws://127.0.0.1:${port}`, closings }
}

/** A dialer with a secret, and what it reports. */
function provingDialer({ keyring = KEYRING, mode }: { keyring?: Keyring; mode?: 'accept' } = {}) {
  const problems: string[] = []
  const identity = anIdentity()
  const dialer = new Dialer({
    identity,
    onNoDescriptors: () => {},
    proofs: new LinkProofs({ keyring, identity, mode }),
    onSecretProblem: (peer, problem) => problems.push(`${peer} ${problem}`),
  })
  return { dialer, problems }
}

test('dialer - gives a peer that has proven the secret, and loses nothing that follows', async (t) => {
  const next = 'n'.repeat(1_000)
  let sendRest = (): void => {}
  const { address } = await provingServer(t, (socket, answer, tcp) => {
    // In one chunk with the proof, and only its begin: the rest comes later.
    tcp.cork()
    socket.send(answer)
    socket.send(next, { fin: false })
    tcp.uncork()
    sendRest = () => socket.send('end')
  })
  const { dialer } = provingDialer()
  const frames: string[] = []
  const result = await new Promise<DialResult>((resolve) => {
    dialer.dial(orderOf({ address }), (opened) => {
      if (opened.kind === 'opened') {
        const { socket } = opened
        t.teardown(() => socket.terminate())
        const linkSocket = new LinkSocket(socket, false, new ReceiveBudgets(), 0)
        linkSocket.onBytes((chunk) => linkSocket.receive(chunk, 0))
        socket.on('message', (data) => frames.push(String(data)))
        t.true(linkSocket.unfinishedBytes >= next.length)
        socket.once('message', () => t.is(linkSocket.unfinishedBytes, 0))
      }
      resolve(opened)
    })
  })
  if (result.kind !== 'opened') return t.fail(result.reason)
  t.is(result.identity?.id, parseMeshId(OTHER_ID))
  t.is(result.key, KEYRING.first)
  sendRest()
  await waitUntil(
    () => frames.length === 1,
    () => 'the message after the proof',
  )
  t.deepEqual(frames, [`${next}end`])
})

test('dialer - makes no link with a peer that proves another secret, or nothing', async (t) => {
  const { dialer, problems } = provingDialer()
  const wrong = async (onProven: Answer, keyring = KEYRING): Promise<number | undefined> => {
    const { address, closings } = await provingServer(t, onProven, keyring)
    t.like(await dialBy(t, dialer, { address }), { kind: 'failed', reason: 'has another secret' })
    t.deepEqual(problems.splice(0), [`${address} differs`])
    await waitUntil(
      () => closings.length > 0,
      () => 'the end of the connection',
    )
    return closings[0]
  }
  t.is(await wrong((socket, answer) => socket.send(answer), OTHER_KEYRING), 4010)
  t.is(
    await wrong((socket, answer) => socket.send(answer.replace('localhost:1', 'localhost:2'))),
    4010,
  )
  t.is(await wrong((socket) => socket.send('{"type":"HANDSHAKE","data":[]}')), 4010)
  t.is(await wrong((socket, answer) => socket.send(Buffer.from(answer))), 4010)
})

test('dialer - a dial that is under way when the secret is replaced blames nobody', async (t) => {
  const keyring = new Keyring([`fm1_${'s'.repeat(43)}`])
  const { dialer, problems } = provingDialer({ keyring })
  const replace = (): void => keyring.replace([`fm1_${'o'.repeat(43)}`])
  const { address } = await provingServer(t, () => {}, OTHER_KEYRING, replace)
  const result = await dialBy(t, dialer, { address })
  t.like(result, { kind: 'failed', reason: 'the secret was replaced meanwhile' })
  t.deepEqual(problems, [])
})

test('dialer - sends a peer without a secret nothing but its offer', async (t) => {
  const { port, requests } = await webSocketServer(t)
  const { dialer, problems } = provingDialer()
  const address = `ws://127.0.0.1:${port}`
  const result = await dialBy(t, dialer, { address })
  t.like(result, { kind: 'failed', reason: 'has no secret, and this node has one' })
  t.deepEqual(problems, [`${address} missing-there`])
  const names = Object.keys(requests[0]?.headers ?? {}).filter((name) => name.startsWith('mesh-'))
  t.deepEqual(names, ['mesh-auth'])
})

test('dialer - a peer that proves nothing in time has not answered', async (t) => {
  const { address } = await provingServer(t, () => {})
  const { dialer } = provingDialer()
  const result = await dialBy(t, dialer, { address, timeoutMs: 300 })
  t.like(result, { kind: 'failed', failure: 'no-answer' })
})

test('dialer - names the host in TLS only to peers that may have a certificate for it', async (t) => {
  const names: string[] = []
  const SNICallback = (name: string, done: (error: null) => void): void => {
    names.push(name)
    done(null)
  }
  const server = createServer({ ...makeSelfSigned(Date.now()), SNICallback })
  t.teardown(() => server.close())
  const webSockets = new WebSocketServer({ server })
  const port = await freePort(t)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = `wss://localhost:${port}`
  const missing = 'has no secret, and this node has one'
  t.like(await dialBy(t, provingDialer().dialer, { address }), { reason: missing })
  t.deepEqual(names, [])
  const unsigned = 'has a certificate that no authority has signed, and no proof of the secret'
  t.like(await dialBy(t, provingDialer({ mode: 'accept' }).dialer, { address }), {
    reason: unsigned,
  })
  t.deepEqual(names, ['localhost'])
  webSockets.close()
})
