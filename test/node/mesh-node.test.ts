/** The class that programs import: its states, and what a listener may do. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { TYPESCRIPT } from '../../build/repository.ts'
import { logLineFor } from '../../src/log/log-messages.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { call, refusal } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { listeningOn } from '../helpers/socket-table.ts'
import { waitUntil } from '../helpers/wait-until.ts'

async function createNode(t: ExecutionContext, knownPeers: readonly string[] = []) {
  const port = await freePort(t)
  const node = new MeshNode({
    port,
    listen: ['127.0.0.1', '127.0.0.2'],
    knownPeers,
  })
  t.teardown(() => node.stop())
  return { node, port }
}

test('node - started twice listens once', async (t) => {
  const { node, port } = await createNode(t)
  const first = node.start()
  t.is(node.start(), first)
  t.true(await first)
  t.true(await node.start())
  await t.notThrowsAsync(listeningOn(port, ['0100007F', '0200007F']))
})

test('node - is complete while all members are connected, and says when it becomes so', async (t) => {
  const { node: seed } = await createNode(t)
  const { node } = await createNode(t, [seed.address])
  t.true(seed.complete, 'alone, and there is nobody to find')
  t.false(node.complete, 'no known peer has answered')
  let times = 0
  node.on('complete', () => {
    times += 1
  })
  await Promise.all([once(node, 'complete'), node.start(), seed.start()])
  t.true(node.complete)
  t.is(times, 1)
  await Promise.all([once(node, 'peer-down'), seed.stop()])
  t.false(node.complete, 'a known peer is missing')
})

test('node - stopped while it starts neither listens nor dials', async (t) => {
  const peer = await PlainPeer.start(t)
  const { node, port } = await createNode(t, [peer.address])
  const started = node.start()
  await node.stop()
  t.false(await started)
  await t.notThrowsAsync(listeningOn(port, []))
  const later = await PlainPeer.start(t, { knownPeers: [peer.address] })
  await waitUntil(
    () => peer.connectedAddresses.length > 0,
    () => 'a call back',
  )
  t.deepEqual(peer.connectedAddresses, [later.address])
})

test('node - stopped twice closes once, and both calls resolve when it is done', async (t) => {
  const { node, port } = await createNode(t)
  await node.start()
  const caller = await call(t, node.address)
  const stopped = node.stop()
  t.is(node.stop(), stopped)
  await stopped
  t.deepEqual(await caller.closed(), { code: 1001, reason: 'node stops' })
  await t.notThrowsAsync(listeningOn(port, []))
  t.is(node.stop(), stopped)
})

test('node - stopped before it was started cannot be started, nor after', async (t) => {
  const { node, port } = await createNode(t)
  await node.stop()
  await t.throwsAsync(node.start(), { message: /cannot be started again/ })
  await t.notThrowsAsync(listeningOn(port, []))
})

test('node - stopped by a listener closes also the link that the event is about', async (t) => {
  const peer = await PlainPeer.start(t)
  const { node, port } = await createNode(t, [peer.address])
  const stopped = new Promise<void>((resolve) => {
    node.on('event', ({ kind }) => {
      if (kind === 'peer-joined') resolve(node.stop())
    })
  })
  await node.start()
  await stopped
  await t.notThrowsAsync(listeningOn(port, []))
  t.deepEqual(await peer.calls[0]?.closed(), { code: 1001, reason: 'node stops' })
  t.deepEqual(node.connectedAddresses, [])
})

test('node - stops also when it could not listen', async (t) => {
  const { node, port } = await createNode(t)
  const other = createServer()
  t.teardown(() => other.close())
  await once(other.listen(port, '127.0.0.2'), 'listening')
  const started = node.start()
  const stopped = node.stop()
  await t.notThrowsAsync(stopped)
  await started.catch(() => {})
  await t.notThrowsAsync(listeningOn(port, ['0200007F']))
})

test('node - three nodes in one process become complete, and emit each peer once', async (t) => {
  const knownPeers = [`ws://localhost:${await freePort(t)}`]
  const first = new MeshNode({ port: Number(knownPeers[0]?.split(':').at(-1)), knownPeers })
  const others = [await freePort(t), await freePort(t)].map(
    (port) => new MeshNode({ port, knownPeers }),
  )
  const nodes = [first, ...others]
  const emitted = nodes.map(recordPeers)
  for (const node of nodes) {
    t.teardown(() => node.stop())
    t.true(await node.start())
  }
  const dialedByUs = (): number =>
    nodes.flatMap((node) => node.peers.filter((peer) => peer.dialedBy === 'us')).length
  // While two nodes have dialed each other, both report that they dialed.
  await waitUntil(
    () => nodes.every((node) => node.peers.length === 2) && dialedByUs() === 3,
    () => JSON.stringify(nodes.map((node) => node.peers)),
  )
  for (const [index, node] of nodes.entries()) {
    const rest = nodes.filter((other) => other !== node)
    const addresses = node.peers.map(({ address }) => address)
    t.deepEqual(addresses.toSorted(), rest.map(({ address }) => address).toSorted())
    t.deepEqual(addresses, node.connectedAddresses)
    t.deepEqual(
      emitted[index],
      addresses.map((address) => `up ${address}`),
    )
    for (const { id } of rest) t.true(node.peers.some((peer) => peer.id === id))
  }
})

test('node - each peer goes down when it stops, and all when we stop', async (t) => {
  const { node } = await createNode(t)
  const emitted = recordPeers(node)
  await node.start()
  const peers = [await createNode(t, [node.address]), await createNode(t, [node.address])]
  for (const peer of peers) await peer.node.start()
  // A node that stops during its own dial destroys that connection.
  await waitUntil(
    () => [node, ...peers.map((peer) => peer.node)].every(({ peers }) => peers.length === 2),
    () => emitted.join('\n'),
  )
  const [one, other] = peers.map((peer) => peer.node.address)
  await peers[0]?.node.stop()
  await waitUntil(
    () => emitted.length === 3,
    () => emitted.join('\n'),
  )
  await node.stop()
  t.deepEqual(emitted.slice(2), [
    `down ${one} closed by peer: 1001 'node stops'`,
    `down ${other} closed by us: 1001 'node stops'`,
  ])
  t.deepEqual(node.peers, [])
})

test('node - stopped when a peer comes up, it emits no other', async (t) => {
  const peers = [await PlainPeer.start(t), await PlainPeer.start(t)]
  const { node } = await createNode(
    t,
    peers.map(({ address }) => address),
  )
  const emitted = recordPeers(node)
  const stopped = new Promise<void>((resolve) => node.once('peer-up', () => resolve(node.stop())))
  await node.start()
  await stopped
  const address = emitted[0]?.split(' ')[1]
  t.deepEqual(emitted, [`up ${address}`, `down ${address} closed by us: 1001 'node stops'`])
})

test('node - stopped by the first line of its log, it dials no peer', async (t) => {
  const peer = await PlainPeer.start(t)
  const { node, port } = await createNode(t, [peer.address])
  const stopped = new Promise<void>((resolve) => node.once('log', () => resolve(node.stop())))
  await node.start()
  await stopped
  await t.notThrowsAsync(listeningOn(port, []))
  const later = await PlainPeer.start(t, { knownPeers: [peer.address] })
  await waitUntil(
    () => peer.connectedAddresses.length > 0,
    () => 'a call back',
  )
  t.deepEqual(peer.connectedAddresses, [later.address])
})

test('node - its log has the lines that the program would print', async (t) => {
  const port = await freePort(t)
  const { node } = await createNode(t, [`ws://localhost:${port}`])
  const lines: string[] = []
  node.on('log', ({ level, text }) => lines.push(`${level}: ${text}`))
  await node.start()
  await waitUntil(
    () => lines.length > 1,
    () => lines.join('\n'),
  )
  t.is(lines[0], `info: listening on ${node.address}`)
  t.regex(
    lines[1] ?? '',
    new RegExp(`^debug: cannot connect to ws://localhost:${port}: 'connection refused'`),
  )
})

test('node - its log names an IP that was asked for and that the machine lacks', async (t) => {
  const port = await freePort(t)
  const node = new MeshNode({ port, listen: ['127.0.0.1', '192.0.2.7'] })
  t.teardown(() => node.stop())
  const lines: string[] = []
  node.on('log', ({ level, text }) => lines.push(`${level}: ${text}`))
  await node.start()
  t.regex(lines[0] ?? '', /^warn: the option listen: no interface of this machine has 192\.0\.2\.7/)
})

test('node - a web page of a host in httpHosts may connect, any other is reported', async (t) => {
  const port = await freePort(t)
  const node = new MeshNode({ port, httpHosts: ['Mesh.example', 'localhost:1'] })
  t.teardown(() => node.stop())
  const reasons: string[] = []
  node.on('event', (event) => event.kind === 'request-refused' && reasons.push(event.reason))
  await node.start()
  for (const host of ['mesh.example', 'localhost:1', `localhost:${port}`]) {
    const headers = { Host: host, Origin: `http://${host}` }
    await call(t, node.address, { headers })
  }
  t.deepEqual(reasons, [])
  const headers = { Host: 'localhost:2', Origin: 'http://localhost:2' }
  t.is(await refusal(t, node.address, { headers }), 403)
  t.regex(reasons[0] ?? '', /Origin 'http:\/\/localhost:2'; add its host to HTTP_HOSTS/)
})

test('node - each event is emitted once, and its line after it', async (t) => {
  const known = `ws://localhost:${await freePort(t)}`
  const port = await freePort(t)
  // As in known-peers.json of node-1, its own address is one of them.
  const knownPeers = [`ws://localhost:${port}`, known]
  const node = new MeshNode({ port, knownPeers })
  t.teardown(() => node.stop())
  const emitted: string[] = []
  node.on('event', (event) => emitted.push(`event ${event.kind}`, logLineFor(event).text))
  node.on('log', ({ text }) => emitted.push('log', text))
  await node.start()
  const countOf = (what: string): number => emitted.filter((one) => one === what).length
  await waitUntil(
    () => countOf('event dial-failed') === 4,
    () => emitted.join('\n'),
  )
  t.is(countOf('event listening'), 1)
  t.is(countOf('event no-answer-yet'), 1)
  t.is(emitted.indexOf(`no answer from ${known} yet; will keep trying`) % 4, 1)
  for (let at = 0; at < emitted.length; at += 4) {
    t.regex(emitted[at] ?? '', /^event /)
    t.deepEqual(emitted.slice(at + 2, at + 4), ['log', emitted[at + 1]])
  }
})

test('node - a peer that answers keeps it from telling that none does', async (t) => {
  const peer = await PlainPeer.start(t)
  const known = `ws://localhost:${await freePort(t)}`
  const { node } = await createNode(t, [peer.address, known])
  const kinds: string[] = []
  node.on('event', ({ kind }) => kinds.push(kind))
  await node.start()
  await waitUntil(
    () => kinds.filter((kind) => kind === 'dial-failed').length >= 3,
    () => kinds.join('\n'),
  )
  t.true(kinds.includes('peer-joined'))
  t.false(kinds.includes('no-answer-yet'))
})

/** The events of a node about its peers, a line each. */
function recordPeers(node: MeshNode): string[] {
  const lines: string[] = []
  node.on('peer-up', ({ address }) => lines.push(`up ${address}`))
  node.on('peer-down', ({ address }, { text }) => lines.push(`down ${address} ${text}`))
  return lines
}

/** The event of a join comes before the output that sends HANDSHAKE. */
const THROWING = (port: number, knownPeer: string): string => `
  import { MeshNode } from ${JSON.stringify(new URL('../../src/node/mesh-node.ts', import.meta.url).href)}
  process.on('uncaughtException', (error) => console.log('uncaught: ' + error.message))
  const node = new MeshNode({
    port: ${port},
    address: 'ws://localhost:${port}',
    knownPeers: ['${knownPeer}'],
  })
  node.on('event', ({ kind }) => { throw new Error('the listener of ' + kind) })
  node.on('log', () => { throw new Error('the listener of log') })
  node.on('peer-up', ({ address }) => { throw new Error('the listener of ' + address) })
  await node.start()`

test('node - a listener that throws loses no order, and its error surfaces', async (t) => {
  const peer = await PlainPeer.start(t)
  const script = THROWING(await freePort(t), peer.address)
  const args = [...TYPESCRIPT, '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (text) => {
    output += String(text)
  })
  await waitUntil(
    () => peer.calls[0]?.messages.length === 1,
    () => `a HANDSHAKE, got ${output}`,
  )
  for (const what of ['peer-joined', 'log', peer.address]) {
    await waitUntil(
      () => output.includes(`uncaught: the listener of ${what}`),
      () => `an error of the listener of ${what}, got ${output}`,
    )
  }
  t.pass()
})
