/**
 * Nodes that encrypt, and whoever is between them: one that listens, one with a certificate of its
 * own, one that does not encrypt.
 */

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import type { NodeEvent } from '../../src/log/events.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import type { MeshNodeOptions } from '../../src/node/options.ts'
import { type KeyPair, makeSelfSigned } from '../../src/tls/self-signed.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { freePorts } from '../helpers/free-port.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const TOPIC = 'unseen.topic'
const BODY = 'an unseen body'

/** What is between two nodes: both ends of a connection. */
type Between = (fromDialer: Socket, toPort: number) => void

for (const scheme of ['ws', 'wss'] as const) {
  const outcome = scheme === 'ws' ? 'everything' : 'no address, topic or body'
  test(`node tls - whoever records ${scheme} sees ${outcome}`, async (t) => {
    const chunks: Buffer[] = []
    const { acceptor, dialer } = await pair(t, scheme, (socket, port) => {
      const onward = connectTcp(port, '127.0.0.1')
      for (const each of [socket, onward]) each.on('data', (chunk: Buffer) => chunks.push(chunk))
      join(socket, onward)
    })
    const bodies: unknown[] = []
    dialer.subscribe(TOPIC, ({ body }) => bodies.push(body))
    await connectedTo(dialer, acceptor)
    // Frames to the dialer are not masked (RFC 6455 §5.3).
    acceptor.publish(TOPIC, BODY)
    await waitUntil(
      () => bodies.includes(BODY),
      () => 'the message',
    )
    const recorded = Buffer.concat(chunks).toString('latin1')
    const told = [acceptor.id, acceptor.address, 'localhost', 'unseen-mesh', TOPIC, BODY]
    const seen = told.filter((text) => recorded.includes(text))
    t.deepEqual(seen, scheme === 'wss' ? [] : told)
  })
}

test('node tls - whoever has another certificate in between gets no link', async (t) => {
  const own = new TlsAcceptor(undefined)
  const texts: string[] = []
  const { acceptor, dialer, accepting, dialing } = await pair(t, 'wss', (socket, port) => {
    const inside = own.accept(socket)
    const onward = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    onward.on('data', (chunk: Buffer) => texts.push(chunk.toString('latin1')))
    join(inside, onward)
  })
  await reported(dialing, 'secret-problem', 1)
  t.like(problemIn(dialing), { peer: acceptor.address, problem: 'differs', mayBeProxy: true })
  await reported(accepting, 'secret-problem', 1)
  t.like(problemIn(accepting), { peer: 'localhost', problem: 'differs', mayBeProxy: false })
  t.deepEqual([dialer.connectedAddresses, acceptor.connectedAddresses], [[], []])
  // The acceptor has told nothing of itself.
  t.false(texts.join('').includes(acceptor.id))
})

test('node tls - a node with the secret that does not encrypt gets no link', async (t) => {
  const [plainPort = 0, port = 0] = await freePorts(t, 2)
  const address = `wss://localhost:${plainPort}`
  const events: NodeEvent[] = []
  await started(t, { port: plainPort, address, tls: 'off', secret: SECRET })
  const dialer = await started(t, { port, knownPeers: [address], secret: SECRET }, events)
  await reported(events, 'dial-failed', 1)
  const failed = events.find(({ kind }) => kind === 'dial-failed')
  t.like(failed, { reason: 'does not speak TLS' })
  t.deepEqual(dialer.connectedAddresses, [])
})

test('node tls - whoever dials one that encrypts with ws says so once', async (t) => {
  const [securePort = 0, port = 0] = await freePorts(t, 2)
  const secure = `localhost:${securePort}`
  await started(t, { port: securePort, address: `wss://${secure}`, secret: SECRET })
  const events: NodeEvent[] = []
  await started(t, { port, knownPeers: [`ws://${secure}`], secret: SECRET }, events)
  await reported(events, 'dial-failed', 1)
  t.like(
    events.find(({ kind }) => kind === 'dial-failed'),
    { reason: 'speaks TLS: dial it with wss://' },
  )
  t.deepEqual(problemIn(events), {
    kind: 'secret-problem',
    peer: `ws://${secure}`,
    problem: 'encrypts',
    mayBeProxy: false,
  })
})

test('node tls - a certificate that only the secret proves is refused without it', async (t) => {
  const [first = 0, second = 0, third = 0] = await freePorts(t, 3)
  const address = `wss://localhost:${first}`
  await started(t, { port: first, address, secret: SECRET })
  const events: NodeEvent[] = []
  const knownPeers = [address]
  const nodes = [
    await started(t, { port: second, knownPeers }, events),
    await started(t, { port: third, knownPeers, secret: SECRET, tlsPin: 'none' }, events),
  ]
  await reported(events, 'dial-failed', 2)
  for (const event of events) {
    if (event.kind === 'dial-failed') t.regex(event.reason, /self-signed/)
  }
  t.deepEqual(
    nodes.map(({ connectedAddresses }) => connectedAddresses),
    [[], []],
  )
})

test('node tls - an address that encrypts needs a secret, unless a proxy encrypts', (t) => {
  const address = 'wss://localhost:4001'
  throwsNodeError(
    t,
    () => new MeshNode({ port: 4001, address }),
    'CONFIG_TLS_INVALID',
    "needs a secret: without one nobody can tell whether a stranger in between encrypts; set one on all nodes, such as the command secret --write makes, or tls: 'off' if a proxy in front of the node encrypts",
  )
  t.is(new MeshNode({ port: 4001, address, tls: 'off' }).address, address)
  t.is(new MeshNode({ port: 4001, address, secret: SECRET }).address, address)
})

test('node tls - a certificate of the program is used, and another one while the node runs', async (t) => {
  const [port = 0] = await freePorts(t, 1)
  const [first, second] = [makeSelfSigned(Date.now()), makeSelfSigned(Date.now())]
  const node = await started(t, { port, address: `wss://localhost:${port}`, certificate: first })
  const shown = async (): Promise<string> => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const { raw } = socket.getPeerCertificate()
    socket.destroy()
    return new X509Certificate(raw).toString()
  }
  t.is((await shown()).trim(), first.cert.trim())
  const bad = { cert: second.cert, key: first.key }
  throwsNodeError(t, () => node.replaceCertificate(bad), 'CONFIG_TLS_INVALID', 'do not fit')
  node.replaceCertificate(second)
  t.is((await shown()).trim(), second.cert.trim())
})

test('node tls - a certificate of the program needs an address that encrypts', (t) => {
  const certificate = makeSelfSigned(Date.now())
  throwsNodeError(
    t,
    () => new MeshNode({ port: 1, certificate }),
    'CONFIG_ADDRESS_INVALID',
    'encrypts nothing',
  )
  const address = 'wss://localhost'
  const make = (pair: unknown) => new MeshNode({ port: 1, address, certificate: pair as KeyPair })
  throwsNodeError(t, () => make('PEM'), 'CONFIG_TLS_INVALID', 'have no certificate as PEM')
  throwsNodeError(t, () => make({ cert: certificate.cert }), 'CONFIG_TLS_INVALID', 'as PEM')
  throwsNodeError(t, () => make(null), 'CONFIG_TLS_INVALID', 'as PEM')
})

/** Two nodes of a mesh; the second one dials the first one, and reaches whatever is between. */
async function pair(t: ExecutionContext, scheme: 'ws' | 'wss', between: Between) {
  const [relayPort = 0, port = 0, ownPort = 0] = await freePorts(t, 3)
  const relay = createServer((socket) => between(socket, port))
  t.teardown(() => relay.close())
  relay.listen(relayPort, '127.0.0.1')
  await once(relay, 'listening')
  const accepting: NodeEvent[] = []
  const dialing: NodeEvent[] = []
  const address = `${scheme}://localhost:${relayPort}`
  const shared = { secret: SECRET, mesh: 'unseen-mesh' }
  const acceptor = await started(t, { ...shared, port, address }, accepting)
  const own = { port: ownPort, address: `${scheme}://localhost:${ownPort}` }
  const dialer = await started(t, { ...shared, ...own, knownPeers: [address] }, dialing)
  return { acceptor, dialer, accepting, dialing }
}

async function started(
  t: ExecutionContext,
  options: MeshNodeOptions,
  events: NodeEvent[] = [],
): Promise<MeshNode> {
  const node = new MeshNode(options)
  node.on('event', (event) => events.push(event))
  t.teardown(() => node.stop())
  await node.start()
  return node
}

function problemIn(events: readonly NodeEvent[]): NodeEvent | undefined {
  return events.find(({ kind }) => kind === 'secret-problem')
}

/** Both directions. One that ends ends the other one. */
function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one)
  one.on('error', () => other.destroy()).on('close', () => other.destroy())
  other.on('error', () => one.destroy()).on('close', () => one.destroy())
}

async function connectedTo(dialer: MeshNode, { address }: MeshNode): Promise<void> {
  await waitUntil(
    () => dialer.connectedAddresses.includes(address),
    () => `a link to ${address}`,
  )
}

async function reported(events: readonly NodeEvent[], kind: string, count: number): Promise<void> {
  await waitUntil(
    () => events.filter((event) => event.kind === kind).length >= count,
    () => `${count} ${kind} in ${JSON.stringify(events)}`,
  )
}
