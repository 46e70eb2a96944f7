/** Deno gives a program only what it was started with: a node says which flag is missing. */

import test from 'ava'
import { DENO_FLAGS, DENO_PROGRAM, NodeProcess, type Runtime } from '../helpers/node-process.ts'

function denoWith(...flags: readonly string[]): Runtime {
  return [DENO_PROGRAM, 'run', '--no-prompt', ...flags]
}

/** Each flag, and what Deno calls it when it is not there. */
const MISSING = [
  ['--allow-net', '--allow-net'],
  ['--allow-read=.', '--allow-read'],
  ['--ignore-env', '--allow-env'],
] as const satisfies readonly (readonly [(typeof DENO_FLAGS)[number], string])[]

for (const [flag, missing] of MISSING) {
  test.serial(
    `permissions - without ${flag} a node on Deno ends with exit code 2 and one line`,
    async (t) => {
      const runtime = denoWith(...DENO_FLAGS.filter((other) => other !== flag))
      const node = await NodeProcess.create(t, { runtime })
      for (const args of [[], ['--dir', node.folder]]) {
        const exit = await node.run({ args })
        t.is(exit.code, 2, exit.stderr)
        t.is(exit.stdout, '')
        t.is(exit.stderr.trimEnd().split('\n').length, 1, exit.stderr)
        t.true(exit.stderr.startsWith(`${missing} is missing, `), exit.stderr)
      }
    },
  )
}

test.serial(
  'permissions - with a port other than its own a node on Deno says what it needs',
  async (t) => {
    const runtime = denoWith('--allow-net=localhost:1', '--allow-read=.', '--ignore-env')
    const node = await NodeProcess.create(t, { runtime })
    const exit = await node.run()
    t.is(exit.code, 2)
    t.regex(exit.stderr, /^--allow-net is missing, .*127\.0\.0\.1:\d+.*\n$/)
  },
)

test.serial('permissions - a bug shows its stack on Deno all the same', async (t) => {
  const bug = 'process.on("SIGTERM", () => { throw new Error("a bug") })'
  const node = await NodeProcess.create(t, {
    files: { 'bug.mjs': `${bug}\nawait import("./index.js")\n` },
    runtime: denoWith(...DENO_FLAGS, '--allow-sys'),
  })
  await node.start({ script: `${node.folder}/bug.mjs`, args: ['--dir', node.folder] })
  const exit = await node.stop()
  t.not(exit.code, 0)
  t.regex(exit.stderr, /a bug[\s\S]*\n\s+at /)
})
