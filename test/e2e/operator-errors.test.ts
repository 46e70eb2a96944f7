/**
 * Errors of an operator: one line on stderr that names the place and the fix, an exit code, and no
 * stack.
 */

import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import {
  type Exit,
  type LaunchOptions,
  NODE,
  type NodeOptions,
  NodeProcess,
} from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

interface Mistake extends NodeOptions, LaunchOptions {
  readonly title: string
  /** What the line must have: the place, the problem, the fix. */
  readonly line: RegExp
}

const MISTAKES: readonly Mistake[] = [
  {
    title: 'no .env',
    files: { '.env': undefined },
    line: /\/\.env is missing; .*PORT=4001$/,
  },
  {
    title: 'a .env without PORT',
    files: { '.env': 'LOG_LEVEL=info\n' },
    line: /\/\.env has no PORT; .*PORT=4001$/,
  },
  {
    title: 'a PORT that is not a number',
    files: { '.env': 'PORT=abc\n' },
    line: /^PORT in .*\/\.env must be .*, got 'abc'; .*PORT=4001$/,
  },
  {
    title: 'PORT 0',
    files: { '.env': 'PORT=0\n' },
    line: /^PORT in .*\/\.env must be .*, got '0'; /,
  },
  {
    title: 'PORT 70000',
    files: { '.env': 'PORT=70000\n' },
    line: /^PORT in .*\/\.env must be .*, got '70000'; /,
  },
  {
    title: 'a wrong PORT in the environment',
    env: { PORT: '-1' },
    line: /^the environment variable PORT must be .*, got '-1'; /,
  },
  {
    title: 'DATA in a file',
    settings: { DATA: '.env' },
    line: /^\S+\/\.env cannot be written \(E\w+\); .*DATA to another folder$/,
  },
  {
    title: 'a NODE_DATA that is no object',
    settings: { NODE_DATA: '"anna"' },
    line: /^NODE_DATA in .*\/\.env must be a JSON object of at most 1024 bytes, got 'anna', which is not JSON; .*"name":"anna"}$/,
  },
  {
    title: 'a known-peers.json that is not JSON',
    files: { 'known-peers.json': '[\n  "ws://localhost:4001",\n]\n' },
    line: /\/known-peers\.json is not JSON: .*'\]'.*; write a list/,
  },
  {
    title: 'a known-peers.json that is not an array',
    files: { 'known-peers.json': '{}' },
    line: /\/known-peers\.json must be a JSON array, got .*; write a list/,
  },
  {
    title: 'a known peer that is no ws address',
    files: { 'known-peers.json': '["ws://localhost:4001", "http://localhost:4003"]' },
    line: /\/known-peers\.json has a wrong entry 2 of 2: 'http:\/\/localhost:4003' .*; write a list/,
  },
  {
    title: 'REQUIRE_SECRET without a secret',
    files: { '.env': 'PORT=4001\nREQUIRE_SECRET=1\n' },
    line: /^REQUIRE_SECRET in .* is 1, and there is no secret; .*secret --write/,
  },
  {
    title: 'a secret that is too short',
    files: { secret: 'short\n' },
    line: /\/secret has a secret of 5 characters, and needs .*; make one with the command secret$/,
  },
  {
    title: 'an unknown flag',
    args: ['--frobnicate'],
    line: /^unknown flag '--frobnicate'; see --help/,
  },
  {
    title: 'a --dir that does not exist',
    args: ['--dir', '/nowhere'],
    line: /^\/nowhere does not exist; /,
  },
]

for (const { title, line, ...options } of MISTAKES) {
  test.serial(`operator errors - ${title} ends with exit code 2 and one line`, async (t) => {
    const node = await NodeProcess.create(t, options)
    assertOneLine(t, await node.run(options), 2, line)
  })
}

// An interface may come up later.
test.serial(
  'operator errors - a LISTEN that this machine does not have ends with exit code 1 and one line',
  async (t) => {
    const node = await NodeProcess.create(t, { settings: { LISTEN: '192.0.2.1' } })
    assertOneLine(t, await node.run(), 1, /^cannot listen on '192\.0\.2\.1', .*; set LISTEN /)
  },
)

for (const host of ['127.0.0.1', '::1']) {
  test.serial(
    `operator errors - a port in use on ${host} ends with exit code 1 and one line`,
    async (t) => {
      const node = await NodeProcess.create(t)
      await occupy(t, host, node.port)
      const line = /listens on port \d+; stop it, or choose another port in .*\/\.env$/
      assertOneLine(t, await node.run(), 1, line)
    },
  )
}

test.serial(
  'operator errors - starting a node twice ends the second and leaves the first alone',
  async (t) => {
    const node = await NodeProcess.start(t)
    const twin = await NodeProcess.create(t, { port: node.port })
    assertOneLine(t, await twin.run(), 1, /perhaps this node itself/)
    t.true(node.isRunning)
    t.is((await node.stop()).code, 0)
  },
)

/**
 * Fails as a system does that reserves low ports. Many let every user listen on them, and all let
 * root.
 */
const REFUSES_TO_LISTEN = `
  const refuse = function () {
    const error = new Error('listen EACCES: permission denied')
    process.nextTick(() => this.emit('error', Object.assign(error, { code: 'EACCES' })))
    return this
  }
  Object.assign(require('node:net').Server.prototype, { listen: refuse, _listen2: refuse })`

test.serial(
  'operator errors - a port without permission ends with exit code 2 and one line',
  async (t) => {
    const preload = join(temporaryFolder(t, { 'refuse.cjs': REFUSES_TO_LISTEN }), 'refuse.cjs')
    const node = await NodeProcess.create(t, { port: 80, runtime: [...NODE, '--require', preload] })
    const line = /does not let this user listen on port 80; choose one above 1023 in .*\/\.env$/
    assertOneLine(t, await node.run(), 2, line)
  },
)

test.serial('operator errors - a runtime that is too old ends with one line', async (t) => {
  // What is called while modules are loaded, and Node 18 lacks.
  const folder = temporaryFolder(t, {
    'old.cjs': `
      Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.19.1' } })
      delete process.getBuiltinModule
      delete URL.canParse
    `,
  })
  const node = await NodeProcess.create(t, {
    runtime: [...NODE, '--require', join(folder, 'old.cjs')],
  })
  const line = /^fullmesh needs Node\.js 20\.19 or later; this is Node\.js 18\.19\.1$/
  for (const words of [[], ['--version'], ['status']]) {
    assertOneLine(t, await node.run({ args: words }), 2, line)
  }
})

function assertOneLine(t: ExecutionContext, exit: Exit, code: number, line: RegExp): void {
  t.is(exit.code, code, exit.stderr)
  t.is(exit.stdout, '')
  t.is(exit.stderr.trimEnd().split('\n').length, 1, exit.stderr)
  t.regex(exit.stderr.trimEnd(), line)
}

/** Listens on a port until the test is over. */
function occupy(t: ExecutionContext, host: string, port: number): Promise<void> {
  const server = createServer()
  t.teardown(() => server.close())
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, resolve)
  })
}
