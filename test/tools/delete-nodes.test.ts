/** delete-nodes.ts, as a process against a temporary folder. */

import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { freePort } from '../helpers/free-port.ts'
import type { Exit } from '../helpers/node-process.ts'
import { DENO, launchCompiled, listen, run, temporaryRoot, writeNode } from './run-tool.ts'

const NODE_1 = { 'index.js': '', '.env': 'PORT=4001\n' }

/** An IP of this machine that is no loopback, where it has one. */
const LAN_IP = Object.values(networkInterfaces())
  .flatMap((all) => all ?? [])
  .find(({ internal, family }) => !internal && family === 'IPv4')?.address

function deleteNodes(t: ExecutionContext, root: string, ...args: string[]): Promise<Exit> {
  return launchCompiled(t, 'delete-nodes.ts', ['--root', root, ...args]).exit
}

async function rootWithNodes(t: ExecutionContext, ...ports: number[]): Promise<string> {
  const root = temporaryRoot(t, NODE_1)
  ports.forEach((port, index) => {
    writeNode(root, `node-${index + 2}`, { 'index.js': '', '.env': `PORT=${port}\n` })
  })
  return root
}

test.serial('delete-nodes - deletes every node but node-1 and prints their names', async (t) => {
  const root = await rootWithNodes(t, await freePort(t), await freePort(t))
  writeNode(root, 'node-10', { '.env': '' })
  const { code, stdout, stderr } = await deleteNodes(t, root)
  t.is(stderr, '')
  t.is(code, 0)
  t.is(stdout, 'deleted node-2\ndeleted node-3\ndeleted node-10\n')
  t.deepEqual(readdirSync(root), ['node-1'])
})

test.serial('delete-nodes - prints when there is nothing to delete', async (t) => {
  const { code, stdout } = await deleteNodes(t, temporaryRoot(t, NODE_1))
  t.is(code, 0)
  t.is(stdout, 'nothing to delete: there is no node but node-1\n')
})

test.serial('delete-nodes - leaves alone what is not a node', async (t) => {
  const root = temporaryRoot(t, NODE_1)
  const outside = temporaryRoot(t)
  writeFileSync(join(outside, 'index.js'), '')
  symlinkSync(outside, join(root, 'node-2'))
  writeNode(root, 'node-3', { 'thesis.txt': '' })
  writeFileSync(join(root, 'node-4'), '')
  writeNode(root, 'node-05', NODE_1)
  writeNode(root, 'node-6', NODE_1)
  symlinkSync(outside, join(root, 'node-6', 'link'))
  const before = readdirSync(root).filter((name) => name !== 'node-6')
  const { code, stdout } = await deleteNodes(t, root, '--force')
  t.is(code, 0)
  t.is(
    stdout,
    'left node-2 alone: it is not a folder\n' +
      'left node-3 alone: it has no index.js and no .env\n' +
      'left node-4 alone: it is not a folder\n' +
      'deleted node-6\n',
  )
  t.deepEqual(readdirSync(root), before)
  t.true(existsSync(join(outside, 'index.js')))
})

for (const [host, setting] of [
  ['127.0.0.1', ''],
  ['::1', ''],
  ['127.0.0.5', 'LISTEN=127.0.0.5\n'],
  ['127.0.0.6', 'ADDRESS=ws://127.0.0.6:9\n'],
  ...(LAN_IP === undefined ? [] : ([[LAN_IP, `LISTEN=192.0.2.1,${LAN_IP}\n`]] as const)),
  ...(LAN_IP === undefined ? [] : ([[LAN_IP, `ADDRESS=ws://${LAN_IP}:9\n`]] as const)),
] as const) {
  test.serial(
    `delete-nodes - deletes nothing while something listens on ${host}, ${setting.split('=')[0]}`,
    async (t) => {
      const { port } = await listen(t, host)
      const root = await rootWithNodes(t, await freePort(t), port)
      writeNode(root, 'node-3', { '.env': `PORT=${port}\n${setting}` })
      const { code, stdout, stderr } = await deleteNodes(t, root)
      t.is(code, 1)
      t.is(stdout, '')
      t.is(
        stderr,
        `delete-nodes: something listens on port ${port}, which is node-3's: ` +
          'stop it with Ctrl-C in its terminal, or delete anyway with --force\n',
      )
      t.is(readdirSync(root).length, 3)
    },
  )
}

test.serial(
  'delete-nodes - names all that are in use, and reads .env as Windows writes it',
  async (t) => {
    const ports = [(await listen(t, '127.0.0.1')).port, (await listen(t, '::1')).port]
    const root = await rootWithNodes(t, ...ports)
    const utf16 = Buffer.from(`\ufeffPORT=${ports[0]}\r\n`, 'utf16le')
    writeFileSync(join(root, 'node-2', '.env'), utf16)
    const { stderr } = await deleteNodes(t, root)
    t.is(
      stderr,
      `delete-nodes: something listens on port ${ports[0]}, which is node-2's, and ` +
        `on port ${ports[1]}, which is node-3's: ` +
        'stop them with Ctrl-C in their terminals, or delete anyway with --force\n',
    )
  },
)

test.serial('delete-nodes - runs on deno', async (t) => {
  const root = await rootWithNodes(t, await freePort(t), (await listen(t, '127.0.0.1')).port)
  const refused = await run(t, 'delete-nodes.ts', ['--root', root], { runtime: DENO })
  t.is(refused.code, 1)
  t.regex(refused.stderr, /^delete-nodes: something listens on port \d+, which is node-3's: .*\n$/)
  const options = { runtime: DENO }
  t.deepEqual(await run(t, 'delete-nodes.ts', ['--root', root, '--force'], options), {
    code: 0,
    stdout: 'deleted node-2\ndeleted node-3\n',
    stderr: '',
  })
})

test.serial('delete-nodes - honors --force', async (t) => {
  const { port } = await listen(t, '127.0.0.1')
  const root = await rootWithNodes(t, port)
  t.like(await deleteNodes(t, root, '--force'), { code: 0, stdout: 'deleted node-2\n' })
})

test.serial('delete-nodes - a folder without a usable PORT is not running', async (t) => {
  const root = temporaryRoot(t, NODE_1)
  writeNode(root, 'node-2', { '.env': 'PORT=70000\n' })
  mkdirSync(join(root, 'node-3'))
  writeFileSync(join(root, 'node-3', 'index.js'), '')
  t.like(await deleteNodes(t, root), { code: 0, stdout: 'deleted node-2\ndeleted node-3\n' })
})

test.serial('delete-nodes - refuses what it does not understand, before it deletes', async (t) => {
  const root = await rootWithNodes(t, 4002)
  t.like(await deleteNodes(t, root, '--forse'), {
    code: 2,
    stderr: "delete-nodes: unknown option '--forse', try --help\n",
  })
  t.like(await deleteNodes(t, root, '2'), { code: 2 })
  t.like(await deleteNodes(t, join(root, 'nowhere')), { code: 1, stdout: '' })
  t.is(readdirSync(root).length, 2)
})
