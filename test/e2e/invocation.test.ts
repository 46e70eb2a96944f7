/**
 * How a program is started: where its code comes from, what it then needs on the command line, and
 * the name that it has in its own messages.
 */

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import {
  BUNDLE,
  cleanEnvironment,
  DENO,
  type Exit,
  NodeProcess,
  Run,
} from '../helpers/node-process.ts'

/** Runs a program in the folder of the node, with the bundle as its input. */
function run(
  t: ExecutionContext,
  cwd: string,
  words: readonly string[],
  env = cleanEnvironment(),
): Promise<Exit> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { cwd, env })
  t.teardown(() => child.kill('SIGKILL'))
  // A program that has its code in its arguments may end before it has read this.
  child.stdin.on('error', () => {})
  child.stdin.end(BUNDLE)
  return new Run(child).ends()
}

const NODE = process.execPath

const WITHOUT_FILE: Readonly<Record<string, readonly string[]>> = {
  'cat index.js | node': [NODE],
  'node -e require': [NODE, '-e', 'require("./index.js")'],
  'node -e import': [NODE, '-e', 'import("./index.js")'],
  'cat index.js | deno run -': [...DENO, '-'],
}

for (const [title, words] of Object.entries(WITHOUT_FILE)) {
  test(`invocation - ${title} needs --dir`, async (t) => {
    const { folder } = await NodeProcess.create(t)
    const { code, stdout, stderr } = await run(t, folder, words)
    t.is(code, 2, stderr)
    t.is(stdout, '')
    t.regex(stderr, /^cannot determine the program file; .*--dir PATH\n$/)
  })
}

const WITH_DIR: Readonly<Record<string, readonly string[]>> = {
  'cat index.js | node -': [NODE, '-', '--dir', '.'],
  'node -e require': [NODE, '-e', 'require("./index.js")', '--', '--dir', '.'],
}

for (const [title, words] of Object.entries(WITH_DIR)) {
  test(`invocation - ${title} takes --dir`, async (t) => {
    const { folder } = await NodeProcess.create(t, { files: { '.env': 'PORT=0\n' } })
    const { code, stderr } = await run(t, folder, words)
    t.is(code, 2, stderr)
    t.true(stderr.startsWith(`PORT in ${folder}/.env must be `), stderr)
  })
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'node index.js': [NODE, 'index.js'],
  'deno run … index.js': [...DENO, 'index.js'],
  fullmesh: [NODE, join(REPOSITORY, 'bin/fullmesh.js')],
}

for (const [name, words] of Object.entries(NAMES)) {
  test(`invocation - ${name} is named in help, and in the advice of errors`, async (t) => {
    const { folder } = await NodeProcess.create(t)
    const env = { ...cleanEnvironment(), npm_command: '' }
    const help = await run(t, folder, [...words, 'check', '--help'], env)
    t.true(help.stdout.startsWith(`Usage: ${name} check [FLAGS]\n`), help.stdout + help.stderr)
    const { code, stderr } = await run(t, folder, [...words, 'status'], env)
    t.is(code, 1)
    t.true(stderr.endsWith(`; start it with ${name}\n`), stderr)
  })
}

test('invocation - npx is named as well', async (t) => {
  const { folder } = await NodeProcess.create(t)
  const env = { ...cleanEnvironment(), npm_command: 'exec' }
  const words = [NODE, join(REPOSITORY, 'bin/fullmesh.js'), '--help']
  t.regex((await run(t, folder, words, env)).stdout, /^Usage: npx fullmesh \[COMMAND\]/m)
})
