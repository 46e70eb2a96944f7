import { readFileSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { carryOut, planInit } from '../../src/cli/init.ts'
import { readConfig } from '../../src/config/config.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** A folder for a node beside others, which have these ports. */
function folderBeside(t: ExecutionContext, ports: readonly number[], files = {}): string {
  const siblings = ports.flatMap((port) => [
    [`node-${port}/.env`, `PORT=${port}\n`],
    [`node-${port}/known-peers.json`, '[]'],
  ])
  const root = temporaryFolder(t, { 'new/x': '', ...Object.fromEntries(siblings), ...files })
  return join(root, 'new')
}

function read(dir: string, name: string): string {
  return readFileSync(join(dir, name), 'utf8')
}

test('init - creates what a node needs, with a free port', async (t) => {
  const dir = folderBeside(t, [])
  const lines = carryOut(await planInit(dir))
  const { port, knownPeers } = readConfig({ dir, env: {} })
  t.true(port >= 4001)
  t.deepEqual(knownPeers, ['ws://localhost:4001'])
  t.deepEqual(lines, [
    `created ${join(dir, '.env')}: PORT=${port}`,
    `created ${join(dir, 'known-peers.json')}: ["ws://localhost:4001"]`,
  ])
})

test('init - takes no port of a node beside it, and the first of those become known peers', async (t) => {
  const taken = Array.from({ length: 40 }, (_, index) => 4001 + index)
  const dir = folderBeside(t, taken, { 'web/.env': 'PORT=3000\n', 'bad/.env': 'PORT=abc\n' })
  const plan = await planInit(dir)
  t.true((plan.port ?? 0) > 4040, String(plan.port))
  t.deepEqual(
    plan.knownPeers,
    [4001, 4002, 4003].map((port) => `ws://localhost:${port}`),
  )
})

test('init - takes no port that another program listens on', async (t) => {
  const dir = folderBeside(t, [])
  const { port = 0 } = await planInit(dir)
  const server = createServer()
  await new Promise<void>((resolve) => {
    // Another test, or another node of this machine, may listen on it by now: that serves as well.
    server.once('error', () => resolve())
    server.listen({ port, host: '127.0.0.1' }, resolve)
  })
  t.teardown(() => server.close())
  t.not((await planInit(dir)).port, port)
})

test('init - never changes a file that is there', async (t) => {
  const dir = folderBeside(t, [], { 'new/.env': 'PORT=4321\n' })
  const plan = await planInit(dir)
  t.is(plan.port, undefined)
  const lines = carryOut(plan)
  t.is(read(dir, '.env'), 'PORT=4321\n')
  t.regex(lines[0] ?? '', /\.env exists and stays as it is$/)
  t.deepEqual(carryOut(plan).length, 2)

  // Created by another program since it was planned, as a link that leads nowhere yet.
  const other = folderBeside(t, [])
  const stale = await planInit(other)
  symlinkSync(join(other, 'nowhere'), join(other, '.env'))
  t.regex(carryOut(stale)[0] ?? '', /exists and stays/)
})

test('init - what is there and is no file that a node could read is an error', async (t) => {
  const dir = folderBeside(t, [], { 'new/.env/x': '' })
  await t.throwsAsync(planInit(dir), { code: 'CONFIG_FILE_UNREADABLE', message: /is a folder/ })
  const other = folderBeside(t, [])
  symlinkSync(join(other, 'nowhere'), join(other, 'known-peers.json'))
  await t.throwsAsync(planInit(other), { code: 'CONFIG_FILE_UNREADABLE', message: /leads nowhere/ })
})

test('init - names the folder that is missing', async (t) => {
  const error = await t.throwsAsync(planInit('/nowhere'), { code: 'CONFIG_DIR_INVALID' })
  t.true(error?.message.startsWith('/nowhere does not exist'))
})

test('init - names the file that cannot be created', (t) => {
  const plan = { dir: '/nowhere', port: 4001, knownPeers: [] }
  const facts = ['/nowhere/.env', 'ENOENT']
  const error = throwsNodeError(t, () => carryOut(plan), 'INIT_FILE_NOT_CREATED', ...facts)
  t.is(error.exitCode, 2)
})
