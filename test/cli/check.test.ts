import { createServer } from 'node:http'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { check } from '../../src/cli/check.ts'
import { nodeFor } from '../../src/cli/run.ts'
import type { Config } from '../../src/config/config.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { freePort } from '../helpers/free-port.ts'
import { configOfFolder, type FolderOptions } from '../helpers/node-config.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { SilentServer } from '../helpers/silent-server.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const CODE = 'c0'.repeat(32)
const OTHER_CODE = 'd1'.repeat(32)

/** A node that runs, with this code. */
async function startNode(t: ExecutionContext, options: FolderOptions = {}, code = CODE) {
  const config = await configOfFolder(t, options)
  const node = nodeFor(config, { page: [], version: '0.1.0', code })
  t.teardown(() => node.stop())
  await node.start()
  return { ...config, node }
}

/** Waits until nodes are connected to so many others. */
function connected(nodes: readonly MeshNode[], count: number): Promise<void> {
  return waitUntil(
    () => nodes.every((node) => node.connectedAddresses.length === count),
    () => JSON.stringify(nodes.map((node) => node.connectedAddresses)),
  )
}

async function checked(config: Config, code = CODE) {
  const lines: string[] = []
  const print = (line: string) => lines.push(line)
  const exitCode = await check({ config, code, program: 'node index.js', print })
  return { exitCode, lines, text: lines.join('\n') }
}

/** The finding of a check for its only known peer, and the exit code. */
async function verdict(t: ExecutionContext, peer: string, options: FolderOptions = {}) {
  const config = await configOfFolder(t, { knownPeers: [peer], ...options })
  const { exitCode, lines } = await checked(config)
  const line = lines.find((each) => each.includes(`  ${peer}  `)) ?? ''
  return `${exitCode} ${line.replace(/ +/g, ' ')}`
}

test('check - has no problems for a node that is not running and has no known peers', async (t) => {
  const config = await configOfFolder(t)
  const { exitCode, lines } = await checked(config)
  t.is(exitCode, 0)
  t.deepEqual(lines, [
    `ok       .env              port ${config.port}, address ${config.address}, mesh default`,
    'ok       known-peers.json  0 addresses',
    'ok       this node         not running',
    'no problems',
  ])
})

test('check - says where the known peers are from', async (t) => {
  const settings = { KNOWN_PEERS: 'ws://localhost:1' }
  const placeOf = async (config: Config) => {
    const { lines } = await checked(config)
    return lines.find((line) => / 1 address$/.test(line))?.replace(/ +/g, ' ')
  }
  const both = await configOfFolder(t, { settings })
  t.is(await placeOf(both), 'ok known peers 1 address')
  const ofSetting = { ...both, knownPeersFile: 'missing' } as const
  t.is(await placeOf(ofSetting), 'ok KNOWN_PEERS 1 address')
  const ofFile = await configOfFolder(t, { knownPeers: ['ws://localhost:1'] })
  t.is(await placeOf(ofFile), 'ok known-peers.json 1 address')
})

test('check - says where messages are stored, and that they cannot be', async (t) => {
  const dir = temporaryFolder(t, { file: '' })
  const data = async (DATA: string) => {
    const { exitCode, lines } = await checked(await configOfFolder(t, { settings: { DATA } }))
    return `${exitCode} ${lines.find((line) => / DATA /.test(line))?.replace(/ +/g, ' ')}`
  }
  t.is(await data(join(dir, 'a', 'b')), `0 ok DATA ${join(dir, 'a', 'b')}`)
  const file = join(dir, 'file')
  t.is(await data(join(file, 'a')), `1 problem DATA ${file} is no folder; set DATA to another one`)
})

test('check - finds the node of this machine whatever name its certificate has', async (t) => {
  const { cert, key } = makeSelfSigned(Date.now(), 'elsewhere.example')
  const dir = temporaryFolder(t, { 'cert.pem': cert, 'key.pem': key })
  const [TLS_CERT, TLS_KEY] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  const port = await freePort(t)
  const settings = { ADDRESS: `wss://localhost:${port}`, TLS_CERT, TLS_KEY, TLS_CA: TLS_CERT }
  const { node, ...config } = await startNode(t, { port, settings })
  const { text } = await checked(config)
  t.regex(text, /^ok +this node +running$/m)
  t.regex(text, /^no problems$/m)
})

test('check - says that a peer encrypts which is dialed without', async (t) => {
  const port = await freePort(t)
  const secret = 's'.repeat(32)
  const node = new MeshNode({ port, address: `wss://localhost:${port}`, secret })
  t.teardown(() => node.stop())
  await node.start()
  const peer = `ws://localhost:${port}`
  t.is(await verdict(t, peer), `1 problem ${peer} speaks TLS: dial it with wss://`)
})

test('check - has no problem with a known peer that runs the same code', async (t) => {
  const { address } = await startNode(t)
  t.is(await verdict(t, address), `0 ok ${address} same code`)
})

test('check - has no problem with a plain peer', async (t) => {
  const { address } = await PlainPeer.start(t)
  t.is(await verdict(t, address), `0 ok ${address} plain peer: it announces no code digest`)
})

test('check - reports a peer with different code', async (t) => {
  const { address } = await startNode(t, {}, OTHER_CODE)
  t.is(
    await verdict(t, address),
    `1 problem ${address} different code: d1d1d1d1…, this is c0c0c0c0…`,
  )
})

test('check - does not compare with a peer that announces no code digest', async (t) => {
  const { address } = await startNode(t, {}, '')
  t.is(await verdict(t, address), `0 ok ${address} code unknown`)
})

test('check - reports a peer of another mesh', async (t) => {
  const { address } = await startNode(t, { settings: { MESH: 'theirs' } })
  const found = await verdict(t, address, { settings: { MESH: 'ours' } })
  t.is(found, `1 problem ${address} another mesh: theirs, this node is in ours`)
})

test('check - reports a port without a listener, a silent one, and one that is not a mesh node', async (t) => {
  const closed = `ws://localhost:${await freePort(t)}`
  t.is(await verdict(t, closed), `1 problem ${closed} connection refused`)

  const silent = await SilentServer.start(t)
  const settings = { DIAL_TIMEOUT_MS: 200 }
  const unanswered = await verdict(t, silent.address, { settings })
  t.is(
    unanswered,
    `1 problem ${silent.address} timed out: TCP connected, no answer to the WebSocket upgrade`,
  )

  const port = await freePort(t)
  const server = createServer((_request, response) => response.end('hello'))
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const web = `ws://127.0.0.1:${port}`
  t.is(await verdict(t, web), `1 problem ${web} not a mesh node: HTTP 200`)
})

test('check - reports a host name that does not exist', async (t) => {
  // RFC 6761 §6.4: it never exists. Without any resolver it is not found either.
  const found = await verdict(t, 'ws://missing.invalid:4001')
  t.is(found, '1 problem ws://missing.invalid:4001 host name not found')
})

test('check - reports a peer that will refuse us for our address on localhost', async (t) => {
  const far = { ADDRESS: 'ws://192.0.2.7:4001', LISTEN: '127.0.0.1' }
  const { port } = await startNode(t, { settings: far })
  const found = await verdict(t, `ws://127.0.0.1:${port}`)
  t.regex(found, /^1 problem .* will refuse this node, .*; set ADDRESS$/)
})

test('check - reports a peer that announces our address', async (t) => {
  const ours = await configOfFolder(t)
  const port = await freePort(t)
  const settings = { ADDRESS: ours.address, LISTEN: '127.0.0.1' }
  const thief = await startNode(t, { port, settings })
  const peer = `ws://127.0.0.1:${thief.port}`
  const found = await verdict(t, peer, { port: ours.port })
  t.regex(found, /^1 problem .* announces address .*, which is the address of this node$/)
})

test('check - recognises itself under each of its names, running or not', async (t) => {
  const port = await freePort(t)
  const names = ['localhost', '127.0.0.1', '[::1]'].map((host) => `ws://${host}:${port}`)
  const config = await configOfFolder(t, { port, knownPeers: names })
  const stopped = await checked(config)
  t.is(stopped.exitCode, 0, stopped.text)
  t.regex(stopped.text, /this node +not running/)
  t.is(stopped.lines.filter((line) => line.endsWith('  this node itself')).length, names.length)

  const node = nodeFor(config, { page: [], version: '0.1.0', code: CODE })
  t.teardown(() => node.stop())
  await node.start()
  const running = await checked(config)
  t.is(running.exitCode, 0, running.text)
  t.regex(running.text, /this node +running$/m)
})

test('check - recognises its running node by its id under a name that is not configured', async (t) => {
  const port = await freePort(t)
  const knownPeers = [`ws://localhost:${port}/behind-a-proxy`]
  const config = await startNode(t, { port, knownPeers })
  const { text, exitCode } = await checked(config)
  t.is(exitCode, 0, text)
  t.regex(text, /behind-a-proxy +this node itself$/m)
})

/** The exit code, and the finding for the address that a node announces. */
async function ofAddress(config: Config): Promise<readonly [exitCode: number, finding: string]> {
  const { exitCode, lines } = await checked(config)
  const finding = lines.find((line) => line.split(/ +/)[1] === config.address) ?? ''
  return [exitCode, finding.replaceAll(/ +/g, ' ')]
}

test('check - finds out that the address of this node is that of another one', async (t) => {
  const other = await startNode(t, { settings: { MESH: 'theirs' } })
  // As in a folder that was copied to another port, with its known peers.
  const settings = { ADDRESS: `ws://127.0.0.1:${other.port}` }
  const config = await configOfFolder(t, { settings, knownPeers: [settings.ADDRESS] })
  const { address, port } = config
  const fix = `set ADDRESS=ws://127.0.0.1:${port}`
  const found = `problem ${address} the address of this node leads to another node, of mesh theirs; ${fix}`
  t.deepEqual(await ofAddress(config), [1, found])

  const node = nodeFor(config, { page: [], version: '0.1.0', code: CODE })
  t.teardown(() => node.stop())
  await node.start()
  t.deepEqual(await ofAddress(config), [1, found])
  t.regex((await checked(config)).text, /\n1 problem$/)
})

test('check - finds out that the address of this node is that of a plain peer', async (t) => {
  const plain = await PlainPeer.start(t)
  const settings = { ADDRESS: `ws://127.0.0.1:${plain.port}` }
  const [exitCode, found] = await ofAddress(await configOfFolder(t, { settings }))
  t.is(exitCode, 1)
  t.regex(found, / leads to a plain peer, not to this node; set ADDRESS=/)
})

test('check - only warns when nobody answers at the address of the running node', async (t) => {
  const settings = { ADDRESS: `ws://127.0.0.1:${await freePort(t)}` }
  const stopped = await configOfFolder(t, { settings })
  t.deepEqual(await ofAddress(stopped), [0, ''])
  const config = await startNode(t, { settings })
  const [exitCode, found] = await ofAddress(config)
  t.is(exitCode, 0)
  t.regex(found, /^warning .* connection refused; peers may reach it, .*NAT\)$/)
})

test('check - has no problem with an address that leads to the running node', async (t) => {
  const port = await freePort(t)
  const settings = { ADDRESS: `ws://127.0.0.2:${port}`, LISTEN: '127.0.0.1,127.0.0.2' }
  const config = await startNode(t, { port, settings, knownPeers: [settings.ADDRESS] })
  const [exitCode, found] = await ofAddress(config)
  t.is(exitCode, 0)
  t.is(found, `ok ${config.address} leads to this node`)
})

test('check - recognises two names of one peer', async (t) => {
  const { port, address } = await startNode(t)
  const knownPeers = [address, `ws://127.0.0.1:${port}`]
  const { text, exitCode } = await checked(await configOfFolder(t, { knownPeers }))
  t.is(exitCode, 0, text)
  t.true(text.includes(`another name of ${address}`), text)
})

test('check - reports a node of this folder that runs older code', async (t) => {
  const config = await startNode(t, {}, OTHER_CODE)
  const { text, exitCode } = await checked(config)
  t.is(exitCode, 1)
  t.regex(text, /^problem +this node +runs different code: .*; restart it$/m)
})

test('check - reports what else listens on the port of this node', async (t) => {
  const { port } = await startNode(t, { settings: { MESH: 'theirs' } })
  const byNode = await checked(await configOfFolder(t, { port }))
  t.is(byNode.exitCode, 1)
  t.regex(byNode.text, /^problem +this node +port \d+ is in use by the node .* of mesh theirs$/m)

  const plain = await PlainPeer.start(t)
  const byPlain = await checked(await configOfFolder(t, { port: plain.port }))
  t.regex(byPlain.text, /^problem +this node +port \d+ is in use by a plain peer$/m)
})

test('check - shows the warnings of the files', async (t) => {
  const { text, exitCode } = await checked(await configOfFolder(t, { settings: { MEHS: 'x' } }))
  t.is(exitCode, 1)
  t.regex(text, /^problem +\.env +.*'MEHS' is not a setting.* MESH\?$/m)
})

test('check - compares with each peer of the running node, under one name', async (t) => {
  const same = await startNode(t)
  const other = await startNode(t, { knownPeers: [same.address] }, OTHER_CODE)
  const ours = await startNode(t, { knownPeers: [`ws://127.0.0.1:${same.port}`] })
  await connected([same.node, other.node, ours.node], 2)
  const { text, exitCode } = await checked(ours)
  t.is(exitCode, 1)
  t.regex(text, new RegExp(`^ok +ws://127.0.0.1:${same.port} +same code$`, 'm'))
  t.regex(text, new RegExp(`^problem +${other.address} +different code: d1d1d1d1…`, 'm'))
  t.false(text.includes(`  ${same.address}  `), text)
  t.true(text.endsWith('\n1 problem'), text)
})

test('check - has a problem when the peers of the running node are unknown', async (t) => {
  const config = await configOfFolder(t)
  const { port, address } = config
  const node = new MeshNode({ port, address, code: CODE })
  t.teardown(() => node.stop())
  await node.start()
  const { text, exitCode } = await checked(config)
  t.is(exitCode, 1)
  t.regex(text, /^problem +this node +its peers cannot be checked: .*HTTP 426/m)
})

test('check - has a problem when the digest of this code is unknown', async (t) => {
  const peer = await startNode(t)
  const { text, exitCode } = await checked(
    await configOfFolder(t, { knownPeers: [peer.address] }),
    '',
  )
  t.is(exitCode, 1)
  t.regex(text, /^problem +this code +its digest is unknown/m)
  t.regex(text, /code unknown$/m)
})

test('check - announces nothing on the LAN, and shows what a running node has received', async (t) => {
  // Nobody else is in it, whatever runs on this machine.
  const options = { knownPeers: ['lan'], settings: { MESH: `check-${process.pid}` } }
  const config = await configOfFolder(t, options)
  t.regex((await checked(config)).text, /^ok +lan +a node announces itself while it runs$/m)
  await startNode(t, { ...options, port: config.port })
  await waitUntil(
    async () => /^problem +lan +no other node has /m.test((await checked(config)).text),
    () => 'what the node has received',
  )
})

test('check - asks for a name in DNS, and tries what it leads to', async (t) => {
  const { address, port } = await startNode(t)
  const source = `dns:localhost:${port}`
  const config = await configOfFolder(t, { knownPeers: [source, 'dns:missing.invalid:1'] })
  const { exitCode, text } = await checked(config)
  t.is(exitCode, 1)
  t.regex(
    text,
    /^ok {7}known-peers\.json +0 addresses, dns:localhost:\d+, dns:missing\.invalid:1$/m,
  )
  t.regex(text, new RegExp(`^ok +${source} +\\d address`, 'm'))
  t.regex(text, /^problem +dns:missing\.invalid:1 +(?:no such name|no answer)/m)
  t.regex(
    text,
    new RegExp(`^ok +ws://(?:127\\.0\\.0\\.1|\\[::1\\]):${port} +same code$`, 'm'),
    address,
  )
})
