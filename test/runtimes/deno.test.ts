/** `deno task`, and that a node on Deno asks for nothing that the README does not give it. */

import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { DENO, DENO_PROGRAM, NodeProcess } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** What the tasks need, as in a clean clone: without node_modules. */
const PATHS = [
  'build',
  'clone-node.ts',
  'delete-nodes.ts',
  'deno.json',
  'node-1',
  'package.json',
  'package-lock.json',
  'src',
] as const

/** Colours depend on it, and on two more that Deno lets everybody read. */
const TERMINAL_NAMES = ['TERM'] as const

test.serial('deno task - start runs node-1 and ends with it', async (t) => {
  const { root, task } = await clonedRepository(t)
  await task.start({ script: 'task', args: ['start'], cwd: root })
  t.like(await task.stop('SIGINT'), { code: 0 })
  t.deepEqual(readdirSync(root).sort(), [...PATHS].sort())
})

test.serial('deno task - clone and delete do their work', async (t) => {
  const { root, task } = await clonedRepository(t)
  const run = (...args: readonly string[]) => task.run({ script: 'task', args, cwd: root })
  t.like(await run('clone', '2'), { code: 0 })
  t.deepEqual(nodesIn(root), ['node-1', 'node-2', 'node-3'])
  // Their ports are those of whoever runs nodes on this machine.
  t.like(await run('delete', '--force'), { code: 0 })
  t.deepEqual(nodesIn(root), ['node-1'])
  t.deepEqual(readdirSync(root).sort(), [...PATHS].sort())
})

test.serial('deno task - start may read the settings, and no other variables', (t) => {
  const names = flagsOfStart().flatMap((flag) => /^--allow-env=(.*)/.exec(flag)?.[1] ?? [])
  t.deepEqual(names.join().split(',').sort(), [...SETTING_NAMES, ...TERMINAL_NAMES].sort())
})

const START_FLAGS = flagsOfStart().filter((flag) => flag.startsWith('--allow-'))

for (const flag of START_FLAGS) {
  const name = flag.replace(/=.*/, '')
  test.serial(`deno task - start without ${name} ends with exit code 2 and one line`, async (t) => {
    const { root } = await clonedRepository(t)
    const left = START_FLAGS.filter((other) => other !== flag)
    const node = await NodeProcess.create(t, {
      runtime: [DENO_PROGRAM, 'run', '--no-prompt', ...left],
    })
    const exit = await node.run({ script: 'node-1/index.js', cwd: root })
    t.is(exit.code, 2, exit.stderr)
    t.is(exit.stdout, '')
    t.regex(exit.stderr, new RegExp(`^${name} is missing, .*\n$`))
  })
}

test.serial('permissions - a node on Deno asks for no more than it is given', async (t) => {
  const log = join(temporaryFolder(t), 'audit.jsonl')
  const peer = await NodeProcess.create(t)
  const node = await NodeProcess.create(t, { runtime: DENO, knownPeers: [peer.address] })
  await node.start({ env: { DENO_AUDIT_PERMISSIONS: log } })
  await peer.start()
  await waitUntilComplete([node, peer])
  // It has dialed somebody; now somebody dials it.
  await peer.stop()
  const newcomer = await NodeProcess.start(t, { knownPeers: [node.address] })
  await waitUntilComplete([node, newcomer])
  t.like(await node.stop(), { code: 0, stderr: '' })

  const asked = readFileSync(log, 'utf8').trim().split('\n').map(parseAsked)
  t.deepEqual([...new Set(asked.map(({ permission }) => permission))].sort(), [
    'env',
    'net',
    'read',
  ])
  const files = asked.filter(({ permission }) => permission === 'read')
  t.true(files.length > 0)
  for (const { value } of files) t.true(value.startsWith(node.folder), value)
})

interface Asked {
  readonly permission: string
  readonly value: string
}

function parseAsked(line: string): Asked {
  const { permission, value }: Record<string, unknown> = JSON.parse(line)
  return { permission: String(permission), value: String(value) }
}

/** The words of the task that come before the program. */
function flagsOfStart(): readonly string[] {
  const text = readFileSync(join(REPOSITORY, 'deno.json'), 'utf8')
  const command: unknown = JSON.parse(text).tasks.start.command
  return String(command)
    .split(' ')
    .filter((word) => word.startsWith('--'))
}

/** A clean clone whose node-1 has a port of its own, and `deno` in it. */
async function clonedRepository(t: ExecutionContext) {
  const root = temporaryFolder(t)
  for (const path of PATHS) {
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true })
  }
  const port = await freePort(t)
  writeFileSync(join(root, 'node-1/.env'), `PORT=${port}\n`)
  return { root, task: await NodeProcess.create(t, { port, runtime: [DENO_PROGRAM] }) }
}

function nodesIn(root: string): readonly string[] {
  return readdirSync(root)
    .filter((name) => name.startsWith('node-'))
    .sort()
}
