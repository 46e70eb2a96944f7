/** Binaries as people run them: a folder with the program, its `.env`, and nothing else. */

import { createHash } from 'node:crypto'
import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { hostPlatform } from '../../build/node-releases.ts'
import { binaryFor, MAKING_MS_MAX } from '../helpers/binaries.ts'
import { call } from '../helpers/caller.ts'
import { freePorts } from '../helpers/free-port.ts'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { BUNDLE, NodeProcess } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { FETCH_MS, RUNTIME_NAMES, runtimeCalled } from '../runtimes/runtimes.ts'

let binary = ''

test.before('binaries - the one for this machine is made', async (t) => {
  t.timeout(MAKING_MS_MAX + FETCH_MS)
  binary = await binaryFor(hostPlatform())
  for (const name of RUNTIME_NAMES) t.truthy(await runtimeCalled(name))
})

/**
 * A binary before and one after every runtime: whoever comes later dials, so that it dials all and
 * is dialed by all.
 */
async function amongRuntimes() {
  const runtimes = RUNTIME_NAMES.map(async (name) => ({ runtime: await runtimeCalled(name) }))
  return [{ binary }, ...(await Promise.all(runtimes)), { binary }]
}

test.serial('binaries - three copies in three folders become complete', async (t) => {
  const nodes = await createNodes(t, 3, { binary })
  for (const node of nodes) await node.start()
  await waitUntilComplete(nodes)
  const [, second] = nodes
  if (!second) return t.fail()

  t.is((await second.stop('SIGKILL')).code, 'SIGKILL')
  await second.start()
  await waitUntilComplete(nodes)
  for (const { code, stderr } of await Promise.all(nodes.map((node) => node.stop()))) {
    t.is(code, 0)
    t.is(stderr, '')
  }
})

test.serial('binaries - mesh with every runtime, and run the same code as they', async (t) => {
  const kinds = await amongRuntimes()
  const ports = await freePorts(t, kinds.length)
  const knownPeers = [`ws://localhost:${ports[0]}`]
  const nodes = await Promise.all(
    kinds.map((kind, index) =>
      NodeProcess.create(t, { ...kind, port: ports[index] ?? 0, knownPeers }),
    ),
  )
  for (const node of nodes) await node.start()
  await waitUntilComplete(nodes)
  for (const node of nodes) t.deepEqual(node.eventsOf('other-code'), [])
  const exits = await Promise.all(nodes.map((node) => node.stop()))
  t.deepEqual(
    exits.map(({ code }) => code),
    kinds.map(() => 0),
  )
  assertNoUnhandledErrors(t, nodes)
})

test.serial('binaries - read the files beside them, wherever they are started from', async (t) => {
  const node = await NodeProcess.create(t, { binary })
  for (const cwd of [node.folder, temporaryFolder(t, { '.env': 'PORT=1\n' }), '/']) {
    await node.start({ cwd })
    t.is(node.eventsOf('listening')[0]?.address, node.address)
    t.is((await node.stop()).code, 0)
  }
})

test.serial('binaries - read the files beside the file that a link leads to', async (t) => {
  const node = await NodeProcess.create(t, { binary })
  const cwd = temporaryFolder(t, { '.env': 'PORT=1\n' })
  symlinkSync(node.script, join(cwd, 'fullmesh'))
  await node.start({ cwd, script: './fullmesh' })
  t.is(node.eventsOf('listening')[0]?.address, node.address)
})

test.serial('binaries - are found on PATH, also one that is called node-1', async (t) => {
  const node = await NodeProcess.create(t, { binary })
  renameSync(node.script, join(node.folder, 'node-1'))
  // What Node itself would take the word node-1 for.
  const cwd = temporaryFolder(t, { 'node-1/index.js': '', 'node-1/.env': 'PORT=1\n' })
  await node.start({ cwd, script: 'node-1', env: { PATH: node.folder } })
  t.is(node.eventsOf('listening')[0]?.address, node.address)
})

test.serial('binaries - run without a known-peers.json', async (t) => {
  const node = await NodeProcess.create(t, { binary, files: { 'known-peers.json': undefined } })
  await node.start()
  await node.reported('no-known-peers', { isMissing: true })
  t.is((await node.stop()).code, 0)
})

test.serial('binaries - honor the --dir option', async (t) => {
  const node = await NodeProcess.create(t, { binary })
  const [port] = await freePorts(t, 1)
  const dir = temporaryFolder(t, { '.env': `PORT=${port}\nLOG_FORMAT=json\n` })
  node.launch({ args: ['--dir', dir] })
  await node.reported('listening', { address: `ws://localhost:${port}` })
  t.is((await node.stop()).code, 0)
})

test.serial('binaries - report errors in their files in one line', async (t) => {
  const node = await NodeProcess.create(t, { binary, files: { '.env': undefined } })
  const { code, stderr } = await node.run({ env: {} })
  t.is(code, 2)
  t.regex(stderr, /^\S+\.env is missing; [^\n]+\n$/)
})

test.serial('binaries - take no option of Node for their own', async (t) => {
  const node = await NodeProcess.create(t, { binary })
  for (const flag of ['--eval=1', '--print=process.version', '--inspect']) {
    const { code, stdout } = await node.run({ args: [flag] })
    t.is(code, 2, flag)
    t.is(stdout, '')
  }
})

test.serial('binaries - announce the digest of the script to their peers', async (t) => {
  const node = await NodeProcess.start(t, { binary })
  const digest = createHash('sha256').update(BUNDLE).digest('hex')
  const { headers } = await call(t, node.address)
  t.is(headers['mesh-code'], digest)
})

test.serial('binaries - prove the secret over wss to every runtime', async (t) => {
  const kinds = await amongRuntimes()
  const ports = await freePorts(t, kinds.length)
  const knownPeers = [`wss://localhost:${ports[0]}`]
  const nodes = await Promise.all(
    kinds.map((kind, index) => {
      const port = ports[index] ?? 0
      const settings = { ADDRESS: `wss://localhost:${port}`, SECRET: `fm1_${'S'.repeat(43)}` }
      return NodeProcess.create(t, { ...kind, port, knownPeers, settings })
    }),
  )
  for (const node of nodes) await node.start()
  await waitUntilComplete(nodes)
  for (const node of nodes) t.is((await node.stop()).code, 0)
})
