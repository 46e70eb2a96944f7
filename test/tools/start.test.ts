/**
 * build/start.ts (`npm start`), as a process: with the real node-1, and with nodes that misbehave.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { BUNDLE_PATH } from '../../build/bundle.ts'
import { nodeEntries, refreshClone } from '../../build/node-folders.ts'
import { REPEAT_MS } from '../../build/stop-signals.ts'
import { freePorts } from '../helpers/free-port.ts'
import { BUNDLE, type Runtime } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { isRunning } from './process-tree.ts'
import { assertNoneLeft, FAKE_NODE, nodesOf, pidsIn, printed, start } from './run-start.ts'
import { copyOfRepository, launchProgram, NODE, run, temporaryRoot, writeNode } from './run-tool.ts'

/** Three folders with the real node; the known peers are the first and the last of them. */
async function writeRealNodes(
  t: ExecutionContext,
  root: string,
  settings = '',
): Promise<readonly number[]> {
  const ports = await freePorts(t, 3)
  const known = JSON.stringify([ports[0], ports[2]].map((port) => `ws://localhost:${port}`))
  ports.forEach((port, index) => {
    writeNode(root, `node-${index + 1}`, {
      'index.js': BUNDLE.toString(),
      '.env': `PORT=${port}\n${settings}`,
      'known-peers.json': known,
    })
  })
  return ports
}

test.serial('start - three real nodes become complete and end with Ctrl-C', async (t) => {
  const root = temporaryRoot(t)
  const ports = await writeRealNodes(t, root)
  // A PORT of the environment would win over each .env.
  const mesh = start(t, root, '', [], { PORT: '1' })
  await printed(mesh, /all 3 nodes connected after/)
  t.regex(mesh.stdout, /^all 3 nodes connected after \d+\.\d s, 3 connections$/m)
  t.regex(mesh.stdout, new RegExp(`^node-2 \\| .*listening on ws://localhost:${ports[1]}$`, 'm'))
  // One link, of the first that listens; it is printed when all are connected.
  await printed(mesh, /^page: /m)
  t.regex(mesh.stdout, / s, 3 connections\npage: http:\/\/localhost:\d+\/\n/)
  t.is(mesh.stdout.match(/page: /g)?.length, 1)
  const nodes = nodesOf(mesh)
  t.is(nodes.length, 3)
  mesh.child.kill('SIGINT')
  const { code, stdout, stderr } = await mesh.exit
  t.is(code, 0)
  t.is(stderr, '')
  t.true(stdout.endsWith('all nodes stopped\n'))
  t.deepEqual(nodes.filter(isRunning), [])
})

test.serial('start - when it is killed the nodes end by themselves', async (t) => {
  const root = temporaryRoot(t)
  await writeRealNodes(t, root)
  const mesh = start(t, root)
  await printed(mesh, /all 3 nodes connected after/)
  const nodes = nodesOf(mesh)
  t.is(nodes.length, 3)
  t.teardown(() => {
    for (const pid of nodes.filter(isRunning)) process.kill(pid, 'SIGKILL')
  })
  mesh.child.kill('SIGKILL')
  await waitUntil(
    () => !nodes.some(isRunning),
    () => `the end of ${nodes.filter(isRunning)}`,
  )
  t.pass()
})

for (const [where, settings, env] of [
  ['.env', 'LOG_LEVEL=warn\n', {}],
  ['the environment', '', { LOG_LEVEL: 'silent' }],
] as const) {
  test.serial(
    `start - the mesh is complete also when LOG_LEVEL in ${where} hides the lines of nodes`,
    async (t) => {
      const root = temporaryRoot(t)
      await writeRealNodes(t, root, settings)
      const mesh = start(t, root, '', [], env)
      await printed(mesh, /all 3 nodes connected after/)
      mesh.child.kill('SIGINT')
      const { code, stdout } = await mesh.exit
      t.is(code, 0)
      t.deepEqual(stdout.match(/^node-.*/gm) ?? [], [])
    },
  )
}

/** Has esbuild ended by Ctrl-C when `npm start` has just begun to build, and does this then. */
const endingEsbuild = (afterwards: string) => `
  const children = require('node:child_process')
  const { spawn } = children
  children.spawn = (...args) => {
    const child = spawn(...args)
    if (process.listenerCount('SIGHUP') > 0) {
      child.once('spawn', () => child.kill('SIGINT'))
      child.once('exit', () => { ${afterwards} })
    }
    return child
  }`

/** Ctrl-C in a terminal hits esbuild first; on a busy machine long before it hits us. */
const CTRL_C_AT_BUILD = endingEsbuild("setTimeout(() => process.kill(process.pid, 'SIGINT'), 500)")

function startWith(t: ExecutionContext, preloaded: string) {
  const script = join(copyOfRepository(t), 'build/start.ts')
  const preload = join(temporaryFolder(t, { 'preload.cjs': preloaded }), 'preload.cjs')
  const [node, ...args] = NODE
  const runtime: Runtime = [node, '--require', preload, ...args]
  return run(t, script, [], { runtime })
}

test.serial('start - Ctrl-C while it builds ends it without a word', async (t) => {
  t.deepEqual(await startWith(t, CTRL_C_AT_BUILD), { code: 0, stdout: '', stderr: '' })
})

test.serial('start - reports that esbuild ended without Ctrl-C', async (t) => {
  const { code, stderr } = await startWith(t, endingEsbuild(''))
  t.is(code, 1)
  t.regex(stderr, /^start: The service was stopped.*\n$/)
})

test.serial('npm start - in a fresh clone it builds, runs, and ends with Ctrl-C', async (t) => {
  const root = copyOfRepository(t)
  const ports = await freePorts(t, 3)
  ports.forEach((port, index) => {
    const files = { '.env': `PORT=${port}\n`, 'known-peers.json': `["ws://localhost:${ports[2]}"]` }
    writeNode(root, `node-${index + 1}`, files)
  })
  const mesh = launchProgram(t, 'npm', ['start'], { cwd: root, detached: true })
  await printed(mesh, /^all 3 nodes connected after .*, 3 connections$/m)
  t.regex(mesh.stdout, /^built node-1\/index\.js$/m)
  const nodes = nodesOf(mesh)
  t.is(nodes.length, 3)
  // The terminal sends it to all that run in it.
  process.kill(-(mesh.child.pid ?? 0), 'SIGINT')
  await mesh.exit
  await printed(mesh, /all nodes stopped\n$/)
  t.deepEqual(nodes.filter(isRunning), [])
  const bytes = readFileSync(join(root, 'node-3/index.js'))
  t.true(bytes.equals(readFileSync(join(root, BUNDLE_PATH))))
})

test.serial('start - clones what is missing and refreshes old code', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE, '.env': 'PORT=4001\n' })
  writeNode(root, 'node-2', { 'index.js': '// old', '.env': 'PORT=4002\n' })
  const mesh = start(t, root, 'joined(3)', ['4'])
  await printed(mesh, / nodes connected/)
  mesh.child.kill('SIGTERM')
  const { code, stdout } = await mesh.exit
  t.is(code, 0)
  t.regex(stdout, /^cloned node-1: node-3\ncloned node-1: node-4\n/)
  t.regex(stdout, /^updated node-2 to the code of node-1$/m)
  t.regex(stdout, /^all 4 nodes connected after .*, 6 connections$/m)
  t.is(readFileSync(join(root, 'node-2/index.js'), 'utf8'), FAKE_NODE)
  t.is(readFileSync(join(root, 'node-2/.env'), 'utf8'), 'PORT=4002\n')
  t.deepEqual(readdirSync(join(root, 'node-2')).sort(), ['.env', 'index.js'])
  assertNoneLeft(t, stdout, 4)
})

test.serial('start - a clone that cannot be refreshed keeps no part of a file', (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  // No file takes the place of a folder.
  writeNode(root, 'node-2/index.js', {})
  const clone = nodeEntries(root).find(({ name }) => name === 'node-2')
  if (clone === undefined) return t.fail()
  t.throws(() => refreshClone(root, clone))
  t.deepEqual(readdirSync(clone.path), ['index.js'])
})

test.serial('start - runs the first nodes by number when there are more', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  for (const name of ['node-10', 'node-2']) writeNode(root, name, { 'index.js': FAKE_NODE })
  const mesh = start(t, root, 'joined(1)', ['2'])
  await printed(mesh, / nodes connected/)
  mesh.child.kill('SIGHUP')
  const { code, stdout } = await mesh.exit
  t.is(code, 0)
  t.regex(stdout, /^running node-1, node-2, /)
  assertNoneLeft(t, stdout, 2)
})

test.serial(
  'start - what nodes report is shown as sentences, other lines as they are',
  async (t) => {
    const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
    const behaviour = `
    report('dial-failed', { address, known: true, reason: 'refused', retryInMs: 1500 }, 'debug')
    report('no-descriptors', { suppressed: 12 }, 'warn')
    report('peer-left', { address, connected: 0, ending: { ...ending, reason: 'x\\ny' } })
    report('invented', {})
    console.log('format ' + process.env.LOG_FORMAT)`
    const mesh = start(t, root, behaviour, ['1'], { LOG_LEVEL: 'debug' })
    await printed(mesh, /format/)
    await printed(mesh, /more like this/)
    mesh.child.kill('SIGINT')
    const { stdout } = await mesh.exit
    const lines = stdout.split('\n').filter((line) => /^node-1 /.test(line))
    t.deepEqual(lines.filter((line) => !/pid=/.test(line)).toSorted(), [
      "node-1 | 12:00:00 cannot connect to ws://localhost:4009: 'refused', trying again in 1.5 s",
      "node-1 | 12:00:00 disconnected from ws://localhost:4009 (0 peers), connection lost: 'x\\ny'",
      'node-1 | 12:00:00 listening on ws://localhost:4001',
      'node-1 | 12:00:00 no file descriptors left, so no new connections; raise the hard limit (ulimit -n); 12 more like this suppressed',
      'node-1 | format json',
      'node-1 | {"time":"2026-01-02T12:00:00","level":"info","event":"invented"}',
    ])
  },
)

test.serial('start - one node is complete alone', async (t) => {
  const mesh = start(t, temporaryRoot(t, { 'index.js': FAKE_NODE }), '', ['1'])
  await printed(mesh, /^1 node running after .*, no other node connected\npage: .*:4001\/$/m)
  mesh.child.kill('SIGINT')
  t.is((await mesh.exit).code, 0)
})

test.serial(
  'start - a node that fails before the mesh is complete ends all, with its exit code',
  async (t) => {
    const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
    // Not before all three have printed their pid.
    const behaviour = `
    const { existsSync, writeFileSync } = require('node:fs')
    writeFileSync('ready', '')
    const areReady = () => [1, 3].every((n) => existsSync('../node-' + n + '/ready'))
    if (N === 2) setInterval(() => areReady() && process.exit(3), 20)`
    const { code, stdout } = await start(t, root, behaviour).exit
    t.is(code, 3)
    t.regex(
      stdout,
      /^node-2 ended with exit code 3 before all nodes were connected; stopping the others$/m,
    )
    assertNoneLeft(t, stdout, 3)
  },
)

test.serial('start - a node that ends later leaves the others running', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const mesh = start(
    t,
    root,
    `joined(2); process.on('SIGUSR2', () => N === 2 ? process.exit(0) : left(1))`,
  )
  await printed(mesh, /all 3 nodes connected after/)
  const nodes = pidsIn(mesh.stdout)
  for (const pid of nodes) process.kill(pid, 'SIGUSR2')
  await printed(mesh, /all 2 running nodes connected/)
  mesh.child.kill('SIGINT')
  const { code, stdout } = await mesh.exit
  t.is(code, 0)
  const again = `cd ${join(root, 'node-2')} && node index.js`
  t.true(stdout.includes(`\nnode-2 ended with exit code 0; to start it again: ${again}\n`), stdout)
  t.regex(stdout, /^all 2 running nodes connected; ended: node-2$/m)
  assertNoneLeft(t, stdout, 3)
})

test.serial(
  'start - one Ctrl-C that arrives twice is one; a node that ignores it is ended',
  async (t) => {
    const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
    const mesh = start(t, root, `process.on('SIGTERM', () => warn('no')); joined(2)`)
    await printed(mesh, / nodes connected/)
    mesh.child.kill('SIGINT')
    mesh.child.kill('SIGTERM')
    const { code, stdout } = await mesh.exit
    t.is(code, 0)
    t.is(stdout.match(/\| 12:00:00 no$/gm)?.length, 3)
    assertNoneLeft(t, stdout, 3)
  },
)

test.serial('start - a reader that ends while nodes stop has none of them killed', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const stopping = `setInterval(() => warn('stops'), 50); setTimeout(() => process.exit(0), 4_000)`
  const mesh = start(t, root, `process.on('SIGTERM', () => { ${stopping} }); joined(2)`)
  await printed(mesh, / nodes connected/)
  mesh.child.kill('SIGINT')
  await printed(mesh, /stops$/m)
  // What comes sooner is taken for the same signal.
  await delay(REPEAT_MS + 100)
  t.true(pidsIn(mesh.stdout).every(isRunning), 'they still stop')
  mesh.child.stdout?.destroy()
  const { code, stdout } = await mesh.exit
  t.is(code, 0)
  assertNoneLeft(t, stdout, 3)
})

test.serial('start - a second Ctrl-C ends everything at once', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const endedBySecond = async () => {
    const mesh = start(t, root, `process.on('SIGTERM', () => warn('no')); joined(2)`)
    await printed(mesh, / nodes connected/)
    mesh.child.kill('SIGINT')
    await printed(mesh, /no$/m)
    // A second signal that comes sooner than that is taken for the first.
    await delay(REPEAT_MS + 100)
    mesh.child.kill('SIGINT')
    const { code, stdout } = await mesh.exit
    assertNoneLeft(t, stdout, 3)
    // On a busy machine it may come too late: the nodes, which ignore SIGTERM, had been killed.
    if (code === 0) return false
    t.is(code, 130)
    return true
  }
  await waitUntil(endedBySecond, () => 'a second Ctrl-C that changes the exit code')
})

test.serial(
  'start - labels and sentences are in colour with FORCE_COLOR, and plain in a pipe',
  async (t) => {
    const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
    const coloured = [
      '\u001b[36mnode-1 |\u001b[39m',
      '\u001b[2m12:00:00\u001b[22m',
      '\u001b[32mconnected to ws://localhost:4009 (2 peers)\u001b[39m',
    ]
    for (const [env, line] of [
      [{ FORCE_COLOR: '1' }, coloured.join(' ')],
      [{}, 'node-1 | 12:00:00 connected to ws://localhost:4009 (2 peers)'],
    ] as const) {
      const mesh = start(t, root, 'joined(2)', ['1'], env)
      await printed(mesh, /2 peers/)
      mesh.child.kill('SIGINT')
      t.true((await mesh.exit).stdout.split('\n').includes(line))
    }
  },
)

test.serial('start - refuses a bad count and a missing node-1 in one line', async (t) => {
  const root = temporaryRoot(t)
  for (const count of ['0', '201']) {
    t.deepEqual(await start(t, root, '', [count]).exit, {
      code: 2,
      stdout: '',
      stderr: `start: count must be an integer from 1 to 200, got '${count}'\n`,
    })
  }
  const { code, stderr } = await start(t, root).exit
  t.is(code, 1)
  t.regex(stderr, /^start: there is no folder '.*node-1': .*\n$/)
  writeFileSync(join(root, 'node-1'), '')
  t.is((await start(t, root).exit).code, 1)
})
