/** A server whose mesh has a secret: what a stranger gets, and what it costs. */

import test, { type ExecutionContext } from 'ava'
import type { WebSocket } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { DialerProof } from '../../src/auth/proof.ts'
import { UNPROVEN_BYTES_MAX, UNPROVEN_MAX } from '../../src/io/limits.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { oldestOfMost } from '../../src/io/oldest-of-most.ts'
import { Server } from '../../src/io/server.ts'
import type { SecretProblem } from '../../src/log/events.ts'
import type { Identity } from '../../src/wire/headers.ts'
import { call, RawCall, refusal, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { identityAt, meshId } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const OTHER = `fm1_${'o'.repeat(43)}`

/** The identity of the server has nothing that could come by chance. */
const NAMES = { mesh: 'Secret-Mesh', id: meshId(0xabcdef), code: 'c0de'.repeat(16) }

interface Accepted {
  readonly socket: WebSocket
  readonly identity: Identity | undefined
}

async function serverFor(t: ExecutionContext, requestTimeoutMs = 60_000) {
  const port = await freePort(t)
  const links: Accepted[] = []
  const problems: (readonly [peer: string, problem: SecretProblem])[] = []
  const identity = identityAt(port, NAMES)
  const proofs = new LinkProofs({ keyring: new Keyring([SECRET]), identity })
  const server = new Server({
    identity,
    hosts: ['127.0.0.1'],
    port,
    portSource: 'the test',
    requestTimeoutMs,
    problemWithPage: () => undefined,
    onLink: (socket, facts) => {
      links.push({ socket, identity: facts.identity })
      socket.send('welcome')
    },
    onNoDescriptors: () => {},
    onCrowded: () => {},
    proofs,
    onSecretProblem: (...problem) => problems.push(problem),
  })
  await server.listen()
  t.teardown(() => {
    server.close()
    for (const { socket } of links) socket.terminate()
  })
  return { port, links, problems, proofs, server }
}

/** Opens a WebSocket that offers a proof, and gives it with the proof. */
async function offering(t: ExecutionContext, port: number, secret = SECRET, identity = true) {
  const address = `ws://127.0.0.1:${port}`
  const context = {
    keyring: new Keyring([secret]),
    identity: identity ? identityAt(1) : undefined,
  }
  const proof = new DialerProof(context, address)
  const link = await call(t, address, { headers: { 'Mesh-Auth': proof.offer } })
  return { proof, link, auth: proof.answered(link.headers['mesh-auth']) ?? '' }
}

const NONCE = 'n'.repeat(43)
const OFFER = UPGRADE_REQUEST.replace('\r\n\r\n', `\r\nMesh-Auth: 1 ${NONCE}\r\n\r\n`)

/** A text frame of a client, masked with zeros (RFC 6455 §5.2). */
function frameOf(text: string, opcode = 0x81): Buffer {
  const bytes = Buffer.from(text)
  const length = bytes.length < 126 ? [bytes.length] : [126, bytes.length >> 8, bytes.length & 255]
  const [first = 0, ...rest] = length
  return Buffer.concat([Buffer.from([opcode, 0x80 | first, ...rest, 0, 0, 0, 0]), bytes])
}

test('unproven - without an offer of a proof gets 401, whoever it is', async (t) => {
  const { port, links, problems } = await serverFor(t)
  const address = `ws://127.0.0.1:${port}`
  for (const headers of [{}, { 'Mesh-Auth': '1 short' }, { 'Mesh-Auth': `2 ${NONCE}` }]) {
    t.is(await refusal(t, address, { headers }), 401)
  }
  const { received } = await rawAnswer(t, port, UPGRADE_REQUEST)
  t.regex(received, /^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]*\r\nWWW-Authenticate: Mesh-Auth\r\n/)
  assertTellsNothing(t, received)
  t.deepEqual(links, [])
  t.deepEqual([...new Set(problems.map(String))], ['localhost,missing-there'])
})

/** All that comes until the connection closes. */
async function rawAnswer(t: ExecutionContext, port: number, bytes: string | Buffer) {
  const caller = await RawCall.open(t, port, bytes)
  await waitUntil(
    () => caller.isClosed,
    () => `the end of a connection that got '${caller.received}'`,
  )
  return caller
}

/** Nothing of who the node is, in whatever it sent. */
function assertTellsNothing(t: ExecutionContext, received: string): void {
  const { mesh, id, code } = NAMES
  for (const word of [
    mesh,
    id,
    code,
    'ws://',
    'Mesh-Version',
    'Mesh-Name',
    'HANDSHAKE',
    'welcome',
  ]) {
    t.false(received.includes(word), `'${received}' has ${word}`)
  }
}

test('unproven - gets the same bytes whatever is wrong, and nothing of who the node is', async (t) => {
  const { port, links, problems } = await serverFor(t)
  const { auth } = await offering(t, port)
  const { auth: other } = await offering(t, port, OTHER)
  const wrong: Readonly<Record<string, Buffer>> = {
    'a proof for another link': frameOf(auth),
    'a proof of another secret': frameOf(other),
    'a proof that is cut': frameOf(auth.slice(0, -9)),
    'a HANDSHAKE': frameOf('{"type":"HANDSHAKE","data":["ws://localhost:1"]}'),
    'no JSON': frameOf('hello'),
    'an empty text': frameOf(''),
    'a binary frame': frameOf(auth, 0x82),
    'a frame that is too large': frameOf('x'.repeat(UNPROVEN_BYTES_MAX)),
  }
  const answers = new Map<string, string>()
  for (const [what, frame] of Object.entries(wrong)) {
    const { received } = await rawAnswer(t, port, Buffer.concat([Buffer.from(OFFER), frame]))
    const [head = '', frames = ''] = received.split('\r\n\r\n')
    t.regex(head, /^HTTP\/1\.1 101 /, what)
    t.deepEqual(head.match(/^Mesh-\S+/gm), ['Mesh-Auth:'], what)
    assertTellsNothing(t, received)
    answers.set(frames, what)
  }
  t.deepEqual([...answers.keys()], ['\u0088\u000e\u000f\u00aawrong secret'])
  t.deepEqual(links, [])
  t.is(problems.length, Object.keys(wrong).length)
})

test('unproven - is read up to its limit of bytes, and not beyond it', async (t) => {
  const { port } = await serverFor(t)
  for (const [bytes, isClosed] of [
    [UNPROVEN_BYTES_MAX, false],
    [UNPROVEN_BYTES_MAX + 1, true],
  ] as const) {
    // The begin of a larger frame, which never ends.
    const begin = frameOf('x'.repeat(2 * UNPROVEN_BYTES_MAX)).subarray(0, bytes)
    const caller = await RawCall.open(t, port, Buffer.concat([Buffer.from(OFFER), begin]))
    const isOver = () => caller.received.endsWith('wrong secret')
    // A second one is answered later than a first one would be closed.
    if (!isClosed) await offering(t, port)
    else await waitUntil(isOver, () => `a refusal, got '${caller.received}'`)
    t.is(isOver(), isClosed)
  }
})

// Alone: its request has the same time, which passes while hundreds of other tests begin.
test.serial('unproven - is closed when it sends nothing in time', async (t) => {
  const { port } = await serverFor(t, 1_000)
  const { link } = await offering(t, port)
  t.deepEqual(await link.closed(), { code: 4010, reason: 'wrong secret' })
  t.deepEqual(link.frames, [])
})

test('unproven - one more than there may be ends the oldest one', async (t) => {
  const { port, links } = await serverFor(t)
  const all = []
  for (let count = 0; count < UNPROVEN_MAX; count += 1) all.push(await offering(t, port))
  const [oldest, second] = all
  t.true(all.every(({ link }) => link.isOpen))
  const newest = await offering(t, port)
  t.deepEqual(await oldest?.link.closed(), { code: 1006, reason: '' })
  t.true(second?.link.isOpen)
  newest.link.socket.send(newest.auth)
  await waitUntil(
    () => links.length === 1,
    () => 'a link of the newest one',
  )
  // It takes no place of the unproven any more.
  await offering(t, port)
  t.true(second?.link.isOpen)
})

test('unproven - the oldest of the host with most of them goes', (t) => {
  const entries = new Map(
    ['a', undefined, 'b', 'b', undefined, 'b', 'a'].map((host, index) => [index, { host }]),
  )
  t.is(oldestOfMost(entries), 2)
  t.is(oldestOfMost(new Map()), undefined)
})

test('proven - is a link with the identity of AUTH, and what follows comes after the proof', async (t) => {
  const { port, links, proofs } = await serverFor(t)
  const { link, proof, auth } = await offering(t, port)
  t.deepEqual(
    proofs.usage().map((key) => key.links),
    [0],
  )
  link.socket.send(auth)
  await waitUntil(
    () => link.frames.length === 2,
    () => `two frames, got ${link.frames}`,
  )
  const [answer = '', next] = link.frames
  t.is(proof.verify(answer)?.identity?.mesh, NAMES.mesh)
  t.is(next, 'welcome')
  t.deepEqual(
    links.map(({ identity }) => identity),
    [identityAt(1)],
  )
  t.deepEqual(
    proofs.usage().map((key) => key.links),
    [1],
  )
  link.socket.terminate()
  await waitUntil(
    () => proofs.usage().every((key) => key.links === 0),
    () => 'no link of the key',
  )
})

test('proven - a probe gets the identity, and is closed without being a link', async (t) => {
  const { port, links } = await serverFor(t)
  const { link, proof, auth } = await offering(t, port, SECRET, false)
  link.socket.send(auth)
  t.is((await link.closed())?.code, 1000)
  t.is(proof.verify(link.frames[0] ?? '')?.identity?.id, NAMES.id)
  t.is(link.frames.length, 1)
  t.deepEqual(links, [])
})

test('proven - links of a secret that was withdrawn are given back, others are not', async (t) => {
  const keyring = new Keyring([SECRET, OTHER])
  const withdrawn: WebSocket[] = []
  const { port, links } = await serverFor(t)
  const proofs = new LinkProofs({
    keyring,
    identity: identityAt(port),
    onWithdrawn: (socket) => withdrawn.push(socket),
  })
  for (let count = 0; count < 2; count += 1) {
    const { link, auth } = await offering(t, port)
    link.socket.send(auth)
  }
  await waitUntil(
    () => links.length === 2,
    () => 'two links',
  )
  const [first, second] = links.map(({ socket }) => socket)
  const [keyOfFirst, keyOfSecond] = keyring.keys
  if (!first || !second || !keyOfFirst || !keyOfSecond) return t.fail()
  proofs.linked(first, keyOfFirst)
  proofs.linked(second, keyOfSecond)
  proofs.replace([OTHER])
  await waitUntil(
    () => withdrawn.length > 0,
    () => 'a link that has to end',
  )
  t.deepEqual(withdrawn, [first])
})
