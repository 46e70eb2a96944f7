import test, { type ExecutionContext } from 'ava'
import { verify } from '../../src/cli/verify.ts'
import type { Config } from '../../src/config/config.ts'
import { MeshNode } from '../../src/node/mesh-node.ts'
import { freePort } from '../helpers/free-port.ts'
import { configOfFolder, type FolderOptions } from '../helpers/node-config.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'

const CODE = 'c0'.repeat(32)
const OTHER_CODE = 'd1'.repeat(32)

async function startNode(t: ExecutionContext, code: string, options: FolderOptions = {}) {
  const config = await configOfFolder(t, options)
  const node = new MeshNode({ ...config, code })
  t.teardown(() => node.stop())
  await node.start()
  return config
}

async function verified(config: Config, code: string, connected: readonly string[] = []) {
  const lines: string[] = []
  const print = (line: string) => lines.push(line)
  const exitCode = await verify({ config, code, connected: async () => connected, print })
  return { exitCode, lines: lines.map((line) => line.replace(/ +/g, ' ')) }
}

test('verify - is well when all who tell have the same code', async (t) => {
  const peer = await startNode(t, CODE)
  const plain = await PlainPeer.start(t)
  const nobody = `ws://localhost:${await freePort(t)}`
  const knownPeers = [peer.address, plain.address, nobody]
  const { exitCode, lines } = await verified(await configOfFolder(t, { knownPeers }), CODE)
  t.is(exitCode, 0)
  t.deepEqual(lines, [
    `this code: ${CODE}`,
    `${peer.address} same code`,
    `${plain.address} does not tell`,
    `${nobody} cannot be asked: connection refused`,
    'same code on 1 of 1, 2 did not tell',
  ])
})

test('verify - tells whose code is another, and which', async (t) => {
  const same = await startNode(t, CODE)
  const other = await startNode(t, OTHER_CODE)
  const knownPeers = [same.address, other.address]
  const { exitCode, lines } = await verified(await configOfFolder(t, { knownPeers }), CODE)
  t.is(exitCode, 1)
  t.deepEqual(lines.slice(2), [
    `${other.address} other code: ${OTHER_CODE}`,
    'other code on 1 of 2',
  ])
})

test('verify - asks those whom the running node found, each node once', async (t) => {
  const other = await startNode(t, OTHER_CODE)
  const config = await configOfFolder(t)
  const connected = [other.address, `ws://127.0.0.1:${other.port}`, 'no address']
  const { exitCode, lines } = await verified(config, CODE, connected)
  t.is(exitCode, 1)
  t.is(lines.at(-1), 'other code on 1 of 1')
})

test('verify - leaves itself out, unless its running node has other code', async (t) => {
  const port = await freePort(t)
  const knownPeers = [`ws://localhost:${port}`]
  const config = await startNode(t, CODE, { port, knownPeers })
  const same = await verified(config, CODE)
  t.deepEqual(same, { exitCode: 1, lines: [`this code: ${CODE}`, 'nobody to compare with'] })
  const { exitCode, lines } = await verified(config, OTHER_CODE)
  t.is(exitCode, 1)
  t.is(lines[1], `this node, running other code: ${CODE}`)
})

test('verify - is no success when there is nobody to compare with', async (t) => {
  const alone = await verified(await configOfFolder(t), CODE)
  t.is(alone.exitCode, 1)
  const plain = await PlainPeer.start(t)
  const config = await configOfFolder(t, { knownPeers: [plain.address] })
  const { exitCode, lines } = await verified(config, CODE)
  t.is(exitCode, 1)
  t.is(lines.at(-1), 'nobody to compare with, 1 did not tell')
})

test('verify - is no success when its own code is not known', async (t) => {
  const peer = await startNode(t, CODE)
  const config = await configOfFolder(t, { knownPeers: [peer.address] })
  const { exitCode, lines } = await verified(config, '')
  t.is(exitCode, 1)
  t.regex(lines[0] ?? '', /^this code: not known/)
})
