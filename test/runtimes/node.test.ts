/** What users rely on, on each runtime: flags, mistakes, refusals, and which folder counts. */

import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { FRAME_BYTES_MAX } from '../../src/mesh/limits.ts'
import { call, refusal } from '../helpers/caller.ts'
import {
  DENO_PROGRAM,
  type Exit,
  type NodeOptions,
  NodeProcess,
  type Runtime,
} from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { FETCH_MS, RUNTIME_NAMES, runtimeCalled } from './runtimes.ts'

/** From elsewhere, `--allow-read=.` is not about the folder of the node. */
const DENO_ANYWHERE: Runtime = [
  DENO_PROGRAM,
  'run',
  '--no-prompt',
  '--allow-net',
  '--allow-read',
  '--ignore-env',
]

test.before('fetches the runtimes', async (t) => {
  t.timeout(FETCH_MS)
  for (const name of RUNTIME_NAMES) t.truthy(await runtimeCalled(name))
})

/** Those but the one that runs the tests: what is checked of them, test/e2e checks of that one. */
const OTHERS = RUNTIME_NAMES.filter(
  (name) => name !== `Node ${Number.parseInt(process.versions.node, 10)}`,
)

for (const name of OTHERS) {
  const create = async (t: ExecutionContext, options: NodeOptions = {}): Promise<NodeProcess> => {
    return NodeProcess.create(t, { ...options, runtime: await runtimeCalled(name) })
  }

  test.serial(`runtimes - ${name} answers --help and --version`, async (t) => {
    const node = await create(t)
    const help = await node.run({ args: ['--help'] })
    t.like(help, { code: 0, stderr: '' })
    t.regex(help.stdout, /^Usage: (?:node|bun|deno run …) index\.js /m)
    const version = await node.run({ args: ['--version'] })
    t.like(version, { code: 0, stderr: '' })
    t.regex(version.stdout, /^fullmesh \d/)
  })

  test.serial(`runtimes - ${name} says in one line what is wrong with .env`, async (t) => {
    const node = await create(t, { files: { '.env': 'PORT=abc\n' } })
    assertOneLine(t, await node.run(), 2, /^PORT in .*\/\.env must be .*, got 'abc'; .*PORT=4001$/)
  })

  test.serial(`runtimes - ${name} says in one line that a port is in use`, async (t) => {
    const node = await create(t)
    await node.start()
    const twin = await create(t, { port: node.port })
    const says = /listens on port \d+; stop it, or choose another port in .*\/\.env$/
    assertOneLine(t, await twin.run(), 1, says)
    t.true(node.isRunning)
  })

  test.serial(`runtimes - ${name} takes the .env beside the program, wherever it is`, async (t) => {
    const runtime = name === 'Deno 2' ? DENO_ANYWHERE : await runtimeCalled(name)
    const node = await NodeProcess.create(t, { runtime })
    await node.start({ cwd: temporaryFolder(t, { '.env': 'PORT=1\nMESH=other\n' }) })
    t.is(node.eventsOf('listening')[0]?.address, node.address)
    t.like(await node.stop(), { code: 0, stderr: '' })
  })

  test.serial(`runtimes - ${name} refuses frames too large and foreign web pages`, async (t) => {
    const node = await create(t)
    await node.start()
    const caller = await call(t, node.address)
    caller.socket.send('x'.repeat(FRAME_BYTES_MAX + 1))
    t.is((await caller.closed())?.code, 1009)
    t.is(await refusal(t, node.address, { origin: 'https://evil.example' }), 403)
    t.like(await node.stop('SIGINT'), { code: 0 })
  })
}

for (const name of RUNTIME_NAMES) {
  test.serial(
    `runtimes - ${name} takes the .env beside the file that a link leads to`,
    async (t) => {
      const runtime = name === 'Deno 2' ? DENO_ANYWHERE : await runtimeCalled(name)
      const node = await NodeProcess.create(t, { runtime })
      const cwd = temporaryFolder(t, { '.env': 'PORT=1\n' })
      symlinkSync(node.script, join(cwd, 'index.js'))
      await node.start({ cwd, script: join(cwd, 'index.js') })
      t.is(node.eventsOf('listening')[0]?.address, node.address)
      t.like(await node.stop(), { code: 0, stderr: '' })
    },
  )
}

function assertOneLine(t: ExecutionContext, exit: Exit, code: number, says: RegExp): void {
  t.is(exit.code, code, exit.stderr)
  t.is(exit.stdout, '')
  t.is(exit.stderr.trimEnd().split('\n').length, 1, exit.stderr)
  t.regex(exit.stderr.trimEnd(), says)
}
