/** A node whose code comes from elsewhere than a file of its folder: it asks for the folder. */

import { spawn } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import {
  BUNDLE,
  cleanEnvironment,
  DENO,
  type Exit,
  NodeProcess,
  Run,
} from '../helpers/node-process.ts'

/** Runs a program in the folder of the node, with the bundle as its input. */
function run(t: ExecutionContext, cwd: string, words: readonly string[]): Promise<Exit> {
  const [program = '', ...args] = words
  const child = spawn(program, args, { cwd, env: cleanEnvironment() })
  t.teardown(() => child.kill('SIGKILL'))
  // A program that has its code in its arguments may end before it has read this.
  child.stdin.on('error', () => {})
  child.stdin.end(BUNDLE)
  return new Run(child).exit
}

const NODE = process.execPath

const WITHOUT_FILE: Readonly<Record<string, readonly string[]>> = {
  'cat index.js | node': [NODE],
  'node -e require': [NODE, '-e', 'require("./index.js")'],
  'node -e import': [NODE, '-e', 'import("./index.js")'],
  'cat index.js | deno run -': [...DENO, '-'],
}

for (const [title, words] of Object.entries(WITHOUT_FILE)) {
  test(`invocation - ${title} asks for --dir`, async (t) => {
    const { folder } = await NodeProcess.create(t)
    const { code, stdout, stderr } = await run(t, folder, words)
    t.is(code, 2, stderr)
    t.is(stdout, '')
    t.regex(stderr, /^cannot tell which file this program is in, .*--dir PATH\n$/)
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
