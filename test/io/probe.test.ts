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

test('probe - reads the identity of a node, which reports nothing', async (t) => {
  const { address, node, events } = await startNode(t)
  const result = (await probeAll([address], 5_000)).get(address)
  t.like(result, { kind: 'answered', identity: { address, mesh: 'probed', code: CODE } })
  // Another one: all reports of the node about the first have arrived then.
  await probeAll([address], 5_000)
  t.deepEqual(events, [])
  t.deepEqual(node.connectedAddresses, [])
})

test('probe - sends no identity, and closes with 1000', async (t) => {
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
  t.deepEqual((await probeAll([address], 5_000)).get(address), {
    kind: 'answered',
    identity: undefined,
  })
  await waitUntil(
    () => closings.length > 0,
    () => 'the close',
  )
  t.deepEqual(closings, [1000])
  t.deepEqual(headers, [])
})

test('probe - closes a socket that sends garbage, and one that does not close', async (t) => {
  const garbage = await startServer(t, (socket) => {
    // Two bytes that are no frame: a reserved opcode.
    const stream: unknown = Reflect.get(socket, '_socket')
    if (stream instanceof Object && 'write' in stream && typeof stream.write === 'function') {
      stream.write(Buffer.from([0x8f, 0x00]))
    }
  })
  const paused = await startServer(t, (socket) => socket.pause())
  const probes = await probeAll([garbage.address, paused.address], 5_000)
  for (const { address } of [garbage, paused]) t.is(probes.get(address)?.kind, 'answered')
})

test('probe - reports why there was no answer, each in time', async (t) => {
  const silent = await SilentServer.start(t)
  const closed = addressOf(`ws://localhost:${await freePort(t)}`)
  const probes = await probeAll([addressOf(silent.address), closed], 200)
  t.deepEqual([...probes.values()].map((probe) => probe.kind === 'failed' && probe.reason).sort(), [
    'connection refused',
    'timed out: TCP connected, no answer to the WebSocket upgrade',
  ])
})

test('probe - probes each address once, and no more at a time than its limit', async (t) => {
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
  const probes = await probeAll([...addresses, ...addresses], 5_000)
  t.is(probes.size, addresses.length)
  t.true([...probes.values()].every(({ kind }) => kind === 'answered'))
  await waitUntil(
    () => server.closings.length === addresses.length,
    () => `${server.closings.length} closed of ${addresses.length}`,
  )
  t.true(openMost <= DIALS_MAX, `${openMost} at a time`)
})

test('probe - of no address is done at once', async (t) => {
  t.is((await probeAll([], 5_000)).size, 0)
})
