import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { type WebSocket, WebSocketServer } from 'ws'
import { probeAll } from '../../src/io/probe.ts'
import type { NodeEvent } from '../../src/log/events.ts'
import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import { DIALS_MAX } from '../../src/mesh/limits.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { freePort } from '../helpers/free-port.ts'
import { SilentServer } from '../helpers/silent-server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const CODE = 'c0'.repeat(32)

function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new Error(parsed.problem)
  return parsed.address
}

async function startNode(t: ExecutionContext) {
  const port = await freePort(t)
  const address = addressOf(`ws://localhost:${port}`)
  const node = new MeshNode({ port, address, mesh: 'probed', code: CODE })
  const events: NodeEvent[] = []
  t.teardown(() => node.stop())
  await node.start()
  node.on('event', (event) => events.push(event))
  return { address, node, events }
}

async function startServer(t: ExecutionContext, onSocket: (socket: WebSocket) => void = () => {}) {
  const port = await freePort(t)
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  const closings: number[] = []
  server.on('connection', (socket) => {
    socket.on('error', () => {}).on('close', (code) => closings.push(code))
    onSocket(socket)
  })
  t.teardown(() => server.close())
  await once(server, 'listening')
  return { address: addressOf(`ws://127.0.0.1:${port}`), closings }
}

test('probe - reads who a node is, and leaves no trace in what it reports', async (t) => {
  const { address, node, events } = await startNode(t)
  const visit = (await probeAll([address], 5_000)).get(address)
  t.like(visit, { kind: 'met', identity: { address, mesh: 'probed', code: CODE } })
  // Another one, so that whatever the first made the node report has come.
  await probeAll([address], 5_000)
  t.deepEqual(events, [])
  t.deepEqual(node.connectedAddresses, [])
})

test('probe - tells nobody who it is, and says goodbye with 1000', async (t) => {
  const port = await freePort(t)
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  t.teardown(() => server.close())
  await once(server, 'listening')
  const headers: string[] = []
  const closings: number[] = []
  server.on('connection', (socket, request) => {
    headers.push(...Object.keys(request.headers).filter((name) => name.startsWith('mesh-')))
    socket.on('close', (code) => closings.push(code))
  })
  const address = addressOf(`ws://127.0.0.1:${port}`)
  t.deepEqual((await probeAll([address], 5_000)).get(address), { kind: 'met', identity: undefined })
  await waitUntil(
    () => closings.length > 0,
    () => 'the goodbye',
  )
  t.deepEqual(closings, [1000])
  t.deepEqual(headers, [])
})

test('probe - leaves who sends rubbish, and who does not let it go', async (t) => {
  const rubbish = await startServer(t, (socket) => {
    // Two bytes that are no frame: a reserved opcode.
    const stream: unknown = Reflect.get(socket, '_socket')
    if (stream instanceof Object && 'write' in stream && typeof stream.write === 'function') {
      stream.write(Buffer.from([0x8f, 0x00]))
    }
  })
  const deaf = await startServer(t, (socket) => socket.pause())
  const visits = await probeAll([rubbish.address, deaf.address], 5_000)
  for (const { address } of [rubbish, deaf]) t.is(visits.get(address)?.kind, 'met')
})

test('probe - says why nobody was met, each within the time', async (t) => {
  const silent = await SilentServer.start(t)
  const nobody = addressOf(`ws://localhost:${await freePort(t)}`)
  const visits = await probeAll([addressOf(silent.address), nobody], 200)
  t.deepEqual([...visits.values()].map((visit) => visit.kind === 'failed' && visit.reason).sort(), [
    'refused: nothing listens there',
    'takes connections, but gives no answer in time',
  ])
})

test('probe - visits each address once, and no more at a time than its limit', async (t) => {
  let open = 0
  let openMost = 0
  const server = await startServer(t, (socket) => {
    open += 1
    openMost = Math.max(openMost, open)
    socket.on('close', () => {
      open -= 1
    })
  })
  const addresses = Array.from({ length: DIALS_MAX * 2 }, (_, index) =>
    addressOf(`${server.address}/${index}`),
  )
  const visits = await probeAll([...addresses, ...addresses], 5_000)
  t.is(visits.size, addresses.length)
  t.true([...visits.values()].every(({ kind }) => kind === 'met'))
  await waitUntil(
    () => server.closings.length === addresses.length,
    () => `${server.closings.length} goodbyes of ${addresses.length}`,
  )
  t.true(openMost <= DIALS_MAX, `${openMost} at a time`)
})

test('probe - with nobody to visit is done at once', async (t) => {
  t.is((await probeAll([], 5_000)).size, 0)
})
