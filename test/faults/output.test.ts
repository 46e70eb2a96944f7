/** The output of commands, when nobody reads it and when it cannot be written. */

import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import test, { type ExecutionContext } from 'ava'
import { cleanEnvironment, NodeProcess, Run } from '../helpers/node-process.ts'
import { StatusServer } from '../helpers/status-server.ts'

const CASES = [
  { words: ['subscribe'], type: 'text/event-stream', answer: 'id: a-1.1\ndata: {}\n\n', code: 1 },
  { words: ['request', 'ws://localhost:1', 'a'], type: 'application/json', answer: '1', code: 3 },
  // They ask no node.
  { words: ['secret'], type: '', answer: '', code: 1 },
  { words: ['--version'], type: '', answer: '', code: 1 },
] as const

for (const { words, type, answer, code } of CASES) {
  /** Runs the command, with what answers in place of the node of its folder. */
  const runs = async (t: ExecutionContext, output: 'pipe' | number) => {
    const server = await StatusServer.start(t, '')
    server.onRequest = (response) => response.writeHead(200, { 'Content-Type': type }).end(answer)
    const { folder, script } = await NodeProcess.create(t, { port: server.port })
    const stdio = ['ignore', output, 'pipe'] as const
    const env = cleanEnvironment()
    const child = spawn(process.execPath, [script, ...words], {
      cwd: folder,
      env,
      stdio: [...stdio],
    })
    t.teardown(() => child.kill('SIGKILL'))
    // Before the program can have written anything.
    child.stdout?.destroy()
    return await new Run(child).ends()
  }

  test.serial(`output - ${words[0]} ends well when nobody reads it`, async (t) => {
    t.like(await runs(t, 'pipe'), { code: 0, stderr: '' })
  })

  test.serial(`output - ${words[0]} to a full disk is an error of one line`, async (t) => {
    const full = openSync('/dev/full', 'w')
    t.teardown(() => closeSync(full))
    const exit = await runs(t, full)
    t.is(exit.code, code)
    t.regex(exit.stderr, /^standard output cannot be written: ENOSPC[^\n]*\n$/)
  })
}
