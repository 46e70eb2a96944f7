/** The library in the package, in programs of others. */

import { join } from 'node:path'
import test from 'ava'
import { freePort } from '../helpers/free-port.ts'
import type { Run } from '../helpers/node-process.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { launchProgram } from '../tools/run-tool.ts'
import { EXAMPLE, projectFolder, runFile, runModule } from './project.ts'

test.serial('library - the example of the README runs and prints its output', async (t) => {
  const [one, two] = [await freePort(t), await freePort(t)]
  const chat = (...words: readonly string[]): Run => {
    const folder = projectFolder(t, { 'chat.mjs': EXAMPLE })
    const args = [join(folder, 'chat.mjs'), ...words]
    return launchProgram(t, process.execPath, args, { cwd: folder, stdin: 'pipe' })
  }
  const anna = chat(`${one}`)
  const ben = chat(`${two}`, `ws://localhost:${one}`)
  const said = `ws://localhost:${two} joined\nws://localhost:${two}: hello\n`
  await waitUntil(
    () => ben.stdout.includes('joined'),
    () => `${anna.stdout}${ben.stdout}${ben.stderr}`,
  )
  ben.child.stdin?.end('hello\n')
  t.deepEqual(await ben.exit, { code: 0, stdout: `ws://localhost:${one} joined\n`, stderr: '' })
  await waitUntil(
    () => anna.stdout === said,
    () => anna.stdout,
  )
  anna.child.stdin?.end()
  t.deepEqual(await anna.exit, { code: 0, stdout: said, stderr: '' })
})

test.serial('library - CommonJS requires the same', async (t) => {
  const script = `
    const { MeshNode } = require('fullmesh')
    import('fullmesh').then((library) => console.log(library.MeshNode === MeshNode))`
  const exit = await runFile(t, 'program.cjs', script)
  t.deepEqual(exit, { code: 0, stdout: 'true\n', stderr: '' })
})

test.serial('library - a wrong option is an error that names it', async (t) => {
  const script = `
    import { MeshNode, NodeError } from 'fullmesh'
    try {
      new MeshNode({ port: 4001, knownPeers: ['localhost:4002'] })
    } catch (error) {
      console.log(error instanceof NodeError, error.code, error.message)
    }`
  const { stdout } = await runModule(t, script)
  t.regex(stdout, /^true CONFIG_KNOWN_PEERS_INVALID the option knownPeers .*'localhost:4002'/)
})

test.serial('library - an uncaught error has its name, code and sentence', async (t) => {
  const script = "import { MeshNode } from 'fullmesh'\nnew MeshNode({ port: 70000 })"
  const { code, stderr } = await runModule(t, script)
  t.is(code, 1)
  t.regex(stderr, /^NodeError: the option port must be .*, got '70000'/m)
  t.regex(stderr, /^ {2}code: 'CONFIG_PORT_INVALID'/m)
})

test.serial(
  'library - three nodes in one process become complete, print nothing, and let it end',
  async (t) => {
    const ports = [await freePort(t), await freePort(t), await freePort(t)]
    const { code, stdout, stderr } = await runModule(t, THREE(ports))
    t.is(stderr, '')
    t.is(stdout, '2,2,2\n0,0,0\n')
    t.is(code, 0)
  },
)

/**
 * One of the known peers never runs: waiting for it must not keep the process running. Timers
 * and sockets that are left would be named.
 */
const THREE = (ports: readonly number[]): string => `
  import { once } from 'node:events'
  import { MeshNode } from 'fullmesh'
  const knownPeers = ['ws://localhost:${ports[0]}', 'ws://127.0.0.1:9']
  const nodes = ${JSON.stringify(ports)}.map((port) => new MeshNode({ port, knownPeers }))
  const counts = () => nodes.map((node) => node.peers.length).join()
  const complete = nodes.map(async (node) => {
    while (node.peers.length < 2) await once(node, 'peer-up')
  })
  for (const node of nodes) await node.start()
  await Promise.all(complete)
  console.log(counts())
  await Promise.all(nodes.map((node) => node.stop()))
  console.log(counts())
  const listeners = ['SIGHUP', 'SIGINT', 'SIGTERM', 'uncaughtException']
  for (const name of listeners) if (process.listenerCount(name) > 0) console.log(name)
  // The pipe is stdout.
  const held = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap')
  if (held.length > 0) console.log(held)`
