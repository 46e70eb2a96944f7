/** build/start.ts (`npm start`), as a process: with the real node-1, and with nodes that misbehave. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { BUNDLE_PATH } from '../../build/bundle.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { freePorts } from '../helpers/free-port.ts'
import { launch, type Running, run, temporaryRoot, until, writeNode } from './run-tool.ts'

/**
 * A node that listens on nothing and says what a node says, so that failures happen on demand. N is
 * its number; BEHAVIOUR, from the environment, is run after it said that it listens.
 */
const FAKE_NODE = `
const N = Number(require('node:path').basename(process.cwd()).slice(5))
const say = (text) => console.log('12:00:00 ' + text)
say('listening on ws://localhost:' + (4000 + N))
const joined = (count) => say('ws://localhost:4009 joined, connected to ' + count)
const left = (count) => say('ws://localhost:4009 left (gone), connected to ' + count)
setInterval(() => {}, 1000)
console.log('pid=' + process.pid)
eval(process.env.BEHAVIOUR || '')
`

function start(
  t: ExecutionContext,
  root: string,
  behaviour = '',
  count: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Running {
  return launch(t, 'build/start.ts', ['--root', root, ...count], {
    env: { BEHAVIOUR: behaviour, ...env },
  })
}

function pidsIn(stdout: string): number[] {
  return [...stdout.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Fake nodes print their pid; all of them must be gone, whatever happened. */
function assertNoneLeft(t: ExecutionContext, stdout: string, count: number): void {
  const pids = pidsIn(stdout)
  t.is(pids.length, count)
  t.deepEqual(pids.filter(isAlive), [])
}

test('start - three real nodes become complete and end with Ctrl-C', async (t) => {
  const root = temporaryRoot(t)
  const ports = await freePorts(t, 3)
  const known = JSON.stringify([ports[0], ports[2]].map((port) => `ws://localhost:${port}`))
  ports.forEach((port, index) => {
    writeNode(root, `node-${index + 1}`, {
      'index.js': readFileSync(join(REPOSITORY, BUNDLE_PATH), 'utf8'),
      '.env': `PORT=${port}\n`,
      'known-peers.json': known,
    })
  })
  // A PORT of the environment would win over each .env.
  const mesh = start(t, root, '', [], { PORT: '1' })
  await until(() => /complete after/.test(mesh.stdout()), 'complete')
  t.regex(mesh.stdout(), /^3 nodes, 3 connections, complete after \d+\.\d s$/m)
  t.regex(mesh.stdout(), new RegExp(`^node-2 \\| .*listening on ws://localhost:${ports[1]}$`, 'm'))
  mesh.child.kill('SIGINT')
  const { code, stdout, stderr } = await mesh.outcome
  t.is(code, 0)
  t.is(stderr, '')
  t.true(stdout.endsWith('stopped, no node is running any more\n'))
})

test('start - clones what is missing and refreshes old code', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE, '.env': 'PORT=4001\n' })
  writeNode(root, 'node-2', { 'index.js': '// old', '.env': 'PORT=4002\n' })
  const mesh = start(t, root, 'joined(3)', ['4'])
  await until(() => /complete/.test(mesh.stdout()), 'complete')
  mesh.child.kill('SIGTERM')
  const { code, stdout } = await mesh.outcome
  t.is(code, 0)
  t.regex(stdout, /^cloned node-1: node-3\ncloned node-1: node-4\n/)
  t.regex(stdout, /^node-2 had other code than node-1: refreshed$/m)
  t.regex(stdout, /^4 nodes, 6 connections, complete after/m)
  t.is(readFileSync(join(root, 'node-2/index.js'), 'utf8'), FAKE_NODE)
  t.is(readFileSync(join(root, 'node-2/.env'), 'utf8'), 'PORT=4002\n')
  t.deepEqual(readdirSync(join(root, 'node-2')).sort(), ['.env', 'index.js'])
  assertNoneLeft(t, stdout, 4)
})

test('start - runs the first nodes by number when there are more', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  for (const name of ['node-10', 'node-2']) writeNode(root, name, { 'index.js': FAKE_NODE })
  const mesh = start(t, root, 'joined(1)', ['2'])
  await until(() => /complete/.test(mesh.stdout()), 'complete')
  mesh.child.kill('SIGHUP')
  const { code, stdout } = await mesh.outcome
  t.is(code, 0)
  t.regex(stdout, /^running node-1, node-2, /)
  assertNoneLeft(t, stdout, 2)
})

test('start - one node is complete alone', async (t) => {
  const mesh = start(t, temporaryRoot(t, { 'index.js': FAKE_NODE }), '', ['1'])
  await until(() => /^1 node, 0 connections, complete after/m.test(mesh.stdout()), 'complete')
  mesh.child.kill('SIGINT')
  t.is((await mesh.outcome).code, 0)
})

test('start - a node that fails before the mesh is complete ends all, with its exit code', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const { code, stdout } = await start(
    t,
    root,
    'if (N === 2) setTimeout(() => process.exit(3), 300)',
  ).outcome
  t.is(code, 3)
  t.regex(
    stdout,
    /^node-2 ended with exit code 3 before the mesh was complete: stopping the others$/m,
  )
  assertNoneLeft(t, stdout, 3)
})

test('start - a node that ends later leaves the others running', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const mesh = start(
    t,
    root,
    `joined(2); process.on('SIGUSR2', () => N === 2 ? process.exit(0) : left(1))`,
  )
  await until(() => /complete after/.test(mesh.stdout()), 'complete')
  const nodes = pidsIn(mesh.stdout())
  for (const pid of nodes) process.kill(pid, 'SIGUSR2')
  await until(() => /complete again/.test(mesh.stdout()), 'complete again')
  mesh.child.kill('SIGINT')
  const { code, stdout } = await mesh.outcome
  t.is(code, 0)
  t.regex(stdout, /^node-2 ended with exit code 0; cd node-2 && node index\.js brings it back$/m)
  t.regex(stdout, /^2 nodes, 1 connection, complete again$/m)
  assertNoneLeft(t, stdout, 3)
})

test('start - one Ctrl-C that arrives twice is one; a node that ignores it is ended', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const mesh = start(t, root, `process.on('SIGTERM', () => say('no')); joined(2)`)
  await until(() => /complete/.test(mesh.stdout()), 'complete')
  mesh.child.kill('SIGINT')
  mesh.child.kill('SIGTERM')
  const { code, stdout } = await mesh.outcome
  t.is(code, 0)
  t.is(stdout.match(/\| 12:00:00 no$/gm)?.length, 3)
  assertNoneLeft(t, stdout, 3)
})

test('start - a second Ctrl-C ends everything at once', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const mesh = start(t, root, `process.on('SIGTERM', () => say('no')); joined(2)`)
  await until(() => /complete/.test(mesh.stdout()), 'complete')
  const stoppedMs = performance.now()
  mesh.child.kill('SIGINT')
  await until(() => performance.now() - stoppedMs > 400, 'a person losing patience')
  mesh.child.kill('SIGINT')
  const { code, stdout } = await mesh.outcome
  t.is(code, 130)
  // The nodes ignore SIGTERM, so without the second Ctrl-C it takes the 2 s of STOP_TIMEOUT_MS.
  t.true(performance.now() - stoppedMs < 2000)
  assertNoneLeft(t, stdout, 3)
})

test('start - labels are in colour when FORCE_COLOR is set, and plain in a pipe', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE })
  const behaviour =
    'console.log("FORCE " + process.env.FORCE_COLOR + ", NO " + process.env.NO_COLOR)'
  for (const [env, line] of [
    [{ FORCE_COLOR: '1' }, '\u001b[36mnode-1 |\u001b[39m FORCE 1, NO undefined'],
    [{}, 'node-1 | FORCE undefined, NO 1'],
  ] as const) {
    const mesh = start(t, root, behaviour, ['1'], env)
    await until(() => mesh.stdout().includes('FORCE'), 'output')
    mesh.child.kill('SIGINT')
    t.true((await mesh.outcome).stdout.split('\n').includes(line))
  }
})

test('start - refuses a bad count and a missing node-1 in one line', async (t) => {
  const root = temporaryRoot(t)
  for (const count of ['0', '201']) {
    t.deepEqual(await run(t, 'build/start.ts', [count, '--root', root]), {
      code: 2,
      stdout: '',
      stderr: `start: count must be an integer from 1 to 200, got '${count}'\n`,
    })
  }
  const { code, stderr } = await run(t, 'build/start.ts', ['--root', root])
  t.is(code, 1)
  t.regex(stderr, /^start: there is no folder '.*node-1': .*\n$/)
  writeFileSync(join(root, 'node-1'), '')
  t.is((await run(t, 'build/start.ts', ['--root', root])).code, 1)
})
