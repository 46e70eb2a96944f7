/** Nodes whose certificates an authority has signed: TLS that both ends prove. */

import { request } from 'node:https'
import test, { type ExecutionContext } from 'ava'
import type { NodeEvent } from '../../src/log/events.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import type { MeshNodeOptions } from '../../src/node/options.ts'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { AUTHORITY, FIRST, SECOND, SERVER_ONLY } from '../helpers/authority.ts'
import { refusal } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const OTHER = `fm1_${'o'.repeat(43)}`
const CERTIFIED = { ...FIRST, ca: AUTHORITY }
const ALSO_CERTIFIED = { ...SECOND, ca: AUTHORITY }

interface Started {
  readonly node: MeshNode
  readonly port: number
  readonly events: readonly NodeEvent[]
}

async function started(
  t: ExecutionContext,
  options: Omit<MeshNodeOptions, 'port'>,
): Promise<Started> {
  const port = await freePort(t)
  const node = new MeshNode({ port, address: `wss://localhost:${port}`, ...options })
  const events: NodeEvent[] = []
  node.on('event', (event) => events.push(event))
  t.teardown(() => node.stop())
  await node.start()
  return { node, port, events }
}

function problems(events: readonly NodeEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.kind === 'secret-problem' ? [`${event.peer} ${event.problem}`] : [],
  )
}

async function connected({ node, events }: Started): Promise<void> {
  await waitUntil(
    () => node.connectedAddresses.length > 0,
    () => `a link, got ${JSON.stringify(events)}`,
  )
}

for (const secret of [undefined, SECRET]) {
  const proof = secret === undefined ? 'no secret' : 'a secret'
  test(`authority - with ${proof}, nodes that it has certified are connected, and others not`, async (t) => {
    const first = await started(t, { secret, certificate: CERTIFIED })
    const knownPeers = [first.node.address]
    await connected(await started(t, { secret, certificate: ALSO_CERTIFIED, knownPeers }))
    const plain = first.port
    const shown = { rejectUnauthorized: false }
    const address = `wss://localhost:${plain}`
    t.is(await refusal(t, address, shown), 401)
    t.is(await refusal(t, address, { ...shown, ...makeSelfSigned(Date.now()) }), 401)
    t.is(await refusal(t, address, { ...shown, ...SERVER_ONLY }), 401)
    // The page, health and metrics are for browsers and probes that have none.
    t.is(await statusOf(plain), 426)
    t.deepEqual(problems(first.events), ['localhost uncertified-there'])
    t.is(first.node.connectedAddresses.length, 1)
  })
}

test('authority - a node without a certificate of it is told so, and stays outside', async (t) => {
  const first = await started(t, { secret: SECRET, certificate: CERTIFIED })
  const { address } = first.node
  const outside = await started(t, { secret: SECRET, knownPeers: [address] })
  await waitUntil(
    () => problems(outside.events).length > 0,
    () => JSON.stringify(outside.events),
  )
  t.deepEqual(problems(outside.events), [`${address} uncertified-here`])
  t.deepEqual(problems(first.events), ['localhost uncertified-there'])
  t.deepEqual(outside.node.connectedAddresses, [])
})

test('authority - a peer that it has not certified is not accepted when it is dialed', async (t) => {
  const outside = await started(t, { secret: SECRET })
  const knownPeers = [outside.node.address]
  const { events } = await started(t, { secret: SECRET, certificate: CERTIFIED, knownPeers })
  const failed = () => events.find(({ kind }) => kind === 'dial-failed')
  await waitUntil(
    () => failed() !== undefined,
    () => JSON.stringify(events),
  )
  const event = failed()
  t.regex(event?.kind === 'dial-failed' ? event.reason : '', /self-signed/)
})

test('authority - with another secret, a certificate makes no link', async (t) => {
  const first = await started(t, { secret: SECRET, certificate: CERTIFIED })
  const { address } = first.node
  const options = { secret: OTHER, certificate: ALSO_CERTIFIED, knownPeers: [address] }
  const other = await started(t, options)
  await waitUntil(
    () => problems(other.events).length > 0,
    () => JSON.stringify(other.events),
  )
  t.deepEqual(problems(other.events), [`${address} differs`])
})

test('authority - a certificate that peers would refuse is not taken, at the start nor later', async (t) => {
  const { node } = await started(t, { certificate: CERTIFIED })
  for (const [pair, problem] of [
    [makeSelfSigned(Date.now()), 'no authority there has signed it'],
    [SERVER_ONLY, 'it is not for both clients and servers'],
  ] as const) {
    const certificate = { ...pair, ca: AUTHORITY }
    const make = () => new MeshNode({ port: 1, address: 'wss://localhost', certificate })
    throwsNodeError(t, make, 'CONFIG_TLS_INVALID', problem)
    throwsNodeError(t, () => node.replaceCertificate(certificate), 'CONFIG_TLS_INVALID', problem)
    throwsNodeError(t, () => node.replaceCertificate(pair), 'CONFIG_TLS_INVALID', problem)
  }
  node.replaceCertificate(SECOND)
})

test('authority - a certificate that has ended ends the start', async (t) => {
  const ended = makeSelfSigned(Date.now() - 365 * 24 * 60 * 60 * 1_000)
  const port = await freePort(t)
  const certificate = { ...ended, ca: ended.cert }
  const node = new MeshNode({ port, address: `wss://localhost:${port}`, certificate })
  t.teardown(() => node.stop())
  const error = await t.throwsAsync(() => node.start())
  t.like(error, { code: 'CONFIG_TLS_INVALID', exitCode: 2 })
  t.regex(error?.message ?? '', /^TLS_CA does not take the certificate .* Node/)
})

test('authority - is text as PEM, and cannot be added while a node runs', async (t) => {
  const make = (ca: unknown) =>
    new MeshNode({
      port: 1,
      address: 'wss://localhost',
      certificate: { ...FIRST, ca: ca as string },
    })
  for (const ca of ['', 'PEM', 7]) {
    throwsNodeError(t, () => make(ca), 'CONFIG_TLS_INVALID', 'certificate.ca has no certificate')
  }
  const { node } = await started(t, { certificate: FIRST })
  t.throws(() => node.replaceCertificate(CERTIFIED), { message: /made without certificate\.ca/ })
  node.replaceCertificate(SECOND)
})

/** The status of a GET that shows no certificate. */
function statusOf(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: 'localhost', port, path: '/health', rejectUnauthorized: false })
    sent.on('response', (response) => {
      resolve(response.statusCode)
      response.destroy()
    })
    sent.on('error', reject).end()
  })
}
