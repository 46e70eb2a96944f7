/**
 * A node is a folder: it works in any place, beside any other files, and however it is started.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { call } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test.serial('folder - node-1 holds the files of the manual, and no others', (t) => {
  const folder = join(REPOSITORY, 'node-1')
  t.deepEqual(readdirSync(folder).sort(), ['.env', 'index.js', 'known-peers.json'])
  t.is(readFileSync(join(folder, '.env'), 'utf8').trim(), 'PORT=4001')
  const knownPeers: unknown = JSON.parse(readFileSync(join(folder, 'known-peers.json'), 'utf8'))
  t.deepEqual(knownPeers, ['ws://localhost:4001', 'ws://localhost:4003'])
})

test.serial('folder - works with no package.json and no node_modules in reach', async (t) => {
  const node = await NodeProcess.start(t)
  for (let dir = node.folder; dir !== dirname(dir); dir = dirname(dir)) {
    t.false(existsSync(join(dir, 'package.json')), dir)
    t.false(existsSync(join(dir, 'node_modules')), dir)
  }
  t.like(await node.stop(), { code: 0, stderr: '' })
  t.is(node.eventsOf('listening')[0]?.address, node.address)
})

for (const type of ['module', 'commonjs']) {
  test.serial(`folder - works beside a package.json of type ${type}`, async (t) => {
    const node = await NodeProcess.start(t, { files: { 'package.json': JSON.stringify({ type }) } })
    t.like(await node.stop(), { code: 0, stderr: '' })
  })
}

test.serial('folder - determines the node, not the working directory', async (t) => {
  const decoy = temporaryFolder(t, { '.env': 'PORT=1\n', 'known-peers.json': 'not JSON' })
  const node = await NodeProcess.create(t)
  await node.start({ cwd: decoy })
  t.is(node.eventsOf('listening')[0]?.address, node.address)
})

test.serial('folder - is run from the folder above it as well', async (t) => {
  const node = await NodeProcess.create(t)
  const script = join(basename(node.folder), 'index.js')
  await node.start({ script, cwd: dirname(node.folder) })
  t.is(node.eventsOf('listening')[0]?.address, node.address)
})

test.serial('folder - is enough for node to find the program in it', async (t) => {
  const node = await NodeProcess.create(t)
  await node.start({ script: node.folder, cwd: dirname(node.folder) })
  t.is(node.eventsOf('listening')[0]?.address, node.address)
  const byFolder = await call(t, node.address)
  await node.stop()
  await node.start()
  const byFile = await call(t, node.address)
  t.regex(String(byFile.headers['mesh-code']), /^[0-9a-f]{64}$/)
  t.is(byFolder.headers['mesh-code'], byFile.headers['mesh-code'])
})

test.serial('folder - can be another one with --dir', async (t) => {
  const [node, other] = [await NodeProcess.create(t), await NodeProcess.create(t)]
  await node.start({ args: ['--dir', other.folder] })
  t.is(node.eventsOf('listening')[0]?.address, other.address)
})

test.serial('folder - --dir is relative to the working directory', async (t) => {
  const [node, other] = [await NodeProcess.create(t), await NodeProcess.create(t)]
  await node.start({ args: ['--dir=.'], cwd: other.folder })
  t.is(node.eventsOf('listening')[0]?.address, other.address)
})

test.serial('folder - a PORT in the environment wins over .env', async (t) => {
  const port = await freePort(t)
  const node = await NodeProcess.create(t)
  await node.start({ env: { PORT: String(port) } })
  t.is(node.eventsOf('listening')[0]?.address, `ws://localhost:${port}`)
})

test.serial('folder - needs no known-peers.json', async (t) => {
  const node = await NodeProcess.start(t, { files: { 'known-peers.json': undefined } })
  await node.reported('no-known-peers', { isMissing: true })
  t.is((await node.stop()).code, 0)
})

test.serial(
  'folder - logs that it has no peers to dial also when known-peers.json names only itself, or none',
  async (t) => {
    const port = await freePort(t)
    for (const knownPeers of [[], [`ws://localhost:${port}`, `ws://127.0.0.1:${port}`]]) {
      const node = await NodeProcess.start(t, { port, knownPeers })
      await node.reported('no-known-peers', { isMissing: false })
      t.is((await node.stop()).code, 0)
    }
  },
)

test.serial('folder - the program answers --help and --version and runs no node', async (t) => {
  const node = await NodeProcess.create(t, { files: { '.env': undefined } })
  const help = await node.run({ args: ['--help'] })
  t.like(help, { code: 0, stderr: '' })
  t.regex(help.stdout, /Usage: node index\.js/)
  const version = await node.run({ args: ['--version'] })
  t.like(version, { code: 0, stderr: '' })
  t.regex(version.stdout, /^fullmesh \d+\.\d+\.\d+\nruntime .+\ncode {5}[0-9a-f]{64}\n$/)
})
