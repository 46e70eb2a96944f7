/** `add-peer` and `forget`: the file, the running node, and the line that says what is so now. */

import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { addPeer, forget } from '../../src/cli/peers.ts'
import { readConfig } from '../../src/config/config.ts'
import { NodeError } from '../../src/errors/node-error.ts'
import type { HttpHandlerOptions } from '../../src/http/http-handler.ts'
import { envFileOf } from '../helpers/env-file.ts'
import { freePort } from '../helpers/free-port.ts'
import { handlerFor } from '../helpers/http-handler.ts'
import { PATIENT } from '../helpers/node-config.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const PEER = 'ws://localhost:4002'
const OTHER = 'ws://127.0.0.1:4002'
const COMMANDS = { 'add-peer': addPeer, forget } as const

/** The folder of a node. */
class Folder {
  readonly #dir: string
  readonly #port: number

  constructor(t: ExecutionContext, port: number, knownPeers?: readonly string[]) {
    const list = knownPeers && JSON.stringify(knownPeers)
    const files = list === undefined ? {} : { 'known-peers.json': list }
    const env = envFileOf({ PORT: port, ...PATIENT })
    this.#dir = temporaryFolder(t, { '.env': env, ...files })
    this.#port = port
  }

  get file(): string {
    return join(this.#dir, 'known-peers.json')
  }

  get knownPeers(): unknown {
    return JSON.parse(readFileSync(this.file, 'utf8'))
  }

  get own(): string {
    return `ws://localhost:${this.#port}`
  }

  /** The exit code and the line that was printed. */
  async run(command: keyof typeof COMMANDS, address: string, env = {}): Promise<string> {
    const lines: string[] = []
    const config = readConfig({ dir: this.#dir, env })
    const print = (line: string): void => void lines.push(line)
    const code = await COMMANDS[command]({ config, address, print })
    return [code, ...lines].join(' ')
  }
}

async function withNode(
  t: ExecutionContext,
  knownPeers: readonly string[],
  options: Partial<HttpHandlerOptions>,
): Promise<Folder> {
  const { port } = await handlerFor(t, options)
  return new Folder(t, port, knownPeers)
}

async function withoutNode(t: ExecutionContext, knownPeers?: readonly string[]): Promise<Folder> {
  return new Folder(t, await freePort(t), knownPeers)
}

/** A program that answers everything so. */
async function withProgram(t: ExecutionContext, status: number, text: string): Promise<Folder> {
  const port = await freePort(t)
  const server = createServer((_request, response) => {
    response.writeHead(status).end(text)
  })
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return new Folder(t, port, [])
}

// --- add-peer ------------------------------------------------------------------------------------

test('add-peer - adds to the file and tells the running node', async (t) => {
  const added: string[] = []
  const folder = await withNode(t, ['ws://a:1'], { addPeer: (peer) => added.push(peer) })
  const line = `0 added ${PEER} to known-peers.json; the running node dials it`
  t.is(await folder.run('add-peer', 'WS://LOCALHOST:4002/'), line)
  t.deepEqual(folder.knownPeers, ['ws://a:1', PEER])
  t.is(
    await folder.run('add-peer', PEER),
    `0 ${PEER} is in known-peers.json already; the running node dials it`,
  )
  t.deepEqual(folder.knownPeers, ['ws://a:1', PEER])
  t.deepEqual(added, [PEER, PEER])
})

test('add-peer - two at once are both in the file', async (t) => {
  const folder = await withNode(t, [], {})
  await Promise.all([folder.run('add-peer', PEER), folder.run('add-peer', 'ws://b:2')])
  t.deepEqual(new Set(folder.knownPeers as string[]), new Set([PEER, 'ws://b:2']))
})

test('add-peer - without a running node changes the file, and creates a missing one', async (t) => {
  const folder = await withoutNode(t)
  t.is(
    await folder.run('add-peer', PEER),
    `0 added ${PEER} to known-peers.json; no node is running here`,
  )
  t.deepEqual(folder.knownPeers, [PEER])
})

test('add-peer - the own address is no peer', async (t) => {
  const folder = await withoutNode(t, [])
  const line = `0 ${folder.own} is this node itself; known-peers.json stays as it is`
  t.is(await folder.run('add-peer', folder.own), line)
  t.deepEqual(folder.knownPeers, [])
})

for (const command of ['add-peer', 'forget'] as const) {
  test(`${command} - a wrong address and a wrong file are configuration errors`, async (t) => {
    const folder = await withoutNode(t, [PEER])
    const wrong = { instanceOf: NodeError, code: 'CONFIG_KNOWN_PEERS_INVALID' } as const
    t.is((await t.throwsAsync(() => folder.run(command, 'localhost:4002'), wrong)).exitCode, 2)
    writeFileSync(folder.file, '["ws://a:1",]')
    const { message } = await t.throwsAsync(() => folder.run(command, PEER), wrong)
    t.true(message.startsWith(folder.file), message)
    t.is(readFileSync(folder.file, 'utf8'), '["ws://a:1",]')
  })
}

for (const [status, text, reason] of [
  [405, 'method not allowed; use GET or HEAD', 'it is an older version, or another program'],
  [426, 'Upgrade required', 'it is an older version, or another program'],
  [400, 'there are 4096', "HTTP 400 'there are 4096' on "],
  [200, '<!doctype html>', "HTTP 200 '<!doctype html>' on "],
] as const) {
  test(`add-peer - says what to do with a node that answers ${status}, ${text}`, async (t) => {
    const folder = await withProgram(t, status, text)
    const line = await folder.run('add-peer', PEER)
    const done = `1 added ${PEER} to known-peers.json; restart the running node, which did not take it: `
    t.true(line.startsWith(`${done}${reason}`), line)
    t.deepEqual(folder.knownPeers, [PEER])
  })
}

// --- forget --------------------------------------------------------------------------------------

test('forget - removes from the file all by which the running node had it', async (t) => {
  const folder = await withNode(t, ['ws://a:1', OTHER, PEER], { forget: () => [PEER, OTHER] })
  t.is(
    await folder.run('forget', PEER),
    `0 removed ${OTHER} and ${PEER} from known-peers.json; the running node forgot it`,
  )
  t.deepEqual(folder.knownPeers, ['ws://a:1'])
})

test('forget - a peer that is not in the file is forgotten by the running node', async (t) => {
  const asked: string[] = []
  const folder = await withNode(t, ['ws://a:1'], {
    forget: (peer) => {
      asked.push(peer)
      return asked.length === 1 ? [peer] : []
    },
  })
  const absent = `0 ${PEER} is not in known-peers.json`
  t.is(await folder.run('forget', PEER), `${absent}; the running node forgot it`)
  t.is(await folder.run('forget', PEER), `${absent}; the running node did not have it`)
  t.deepEqual(asked, [PEER, PEER])
  t.deepEqual(folder.knownPeers, ['ws://a:1'])
})

test('forget - without a running node changes the file', async (t) => {
  const folder = await withoutNode(t, [PEER, 'ws://a:1'])
  t.is(
    await folder.run('forget', PEER),
    `0 removed ${PEER} from known-peers.json; no node is running here`,
  )
  t.deepEqual(folder.knownPeers, ['ws://a:1'])
})

test('forget - a peer that the setting has comes back, and that is no success', async (t) => {
  const folder = await withoutNode(t, ['ws://a:1'])
  const line = await folder.run('forget', PEER, { KNOWN_PEERS: PEER })
  t.regex(line, /^1 .* is not in known-peers\.json, but KNOWN_PEERS has it: remove it there, or/)
  const both = await folder.run('forget', 'ws://a:1', { KNOWN_PEERS: `ws://a:1,${PEER}` })
  t.regex(both, /^1 removed ws:\/\/a:1 from known-peers\.json, but KNOWN_PEERS has it: /)
  t.deepEqual(folder.knownPeers, [])
})

test('forget - a connected peer stays, in the file too', async (t) => {
  const folder = await withNode(t, [PEER], {
    forget: () => {
      throw new NodeError('PEER_CONNECTED', `${PEER} is connected`, { exitCode: 1 })
    },
  })
  const refused = { instanceOf: NodeError, code: 'PEER_CONNECTED' } as const
  const { message, exitCode } = await t.throwsAsync(() => folder.run('forget', PEER), refused)
  t.is(message, `${PEER} is connected`)
  t.is(exitCode, 1)
  t.deepEqual(folder.knownPeers, [PEER])
})

test('peers - a name in DNS is added and removed like an address', async (t) => {
  const told: string[] = []
  const folder = await withNode(t, [PEER], {
    addPeer: (address) => told.push(`add ${address}`),
    forget: (address) => {
      told.push(`forget ${address}`)
      return [address]
    },
  })
  const source = 'dns:mesh.example:4001'
  const added = `0 added ${source} to known-peers.json; the running node asks DNS for it`
  t.is(await folder.run('add-peer', 'dns:MESH.example:4001'), added)
  t.deepEqual(folder.knownPeers, [PEER, source])
  const again = `0 ${source} is in known-peers.json already; the running node asks DNS for it`
  t.is(await folder.run('add-peer', source), again)
  const removed = `0 removed ${source} from known-peers.json; the running node forgot it`
  t.is(await folder.run('forget', source), removed)
  t.deepEqual(folder.knownPeers, [PEER])
  t.deepEqual(told, [`add ${source}`, `add ${source}`, `forget ${source}`])
})

test('add-peer - lan needs a restart where the node has no address of a network', async (t) => {
  const folder = await withNode(t, [], { addPeer: () => {} })
  const announces = 'the running node announces itself'
  const added = '0 added lan to known-peers.json'
  const onlyHere = `${announces} on this machine, and elsewhere after a restart`
  t.is(await folder.run('add-peer', 'lan'), `${added}; ${onlyHere}`)
  t.deepEqual(folder.knownPeers, ['lan'])
  const again = `0 lan is in known-peers.json already; ${announces} there`
  t.is(await folder.run('add-peer', 'lan'), again)
})
