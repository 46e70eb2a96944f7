/** build/mesh-runner.ts: how several nodes end. */

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { MeshRunner } from '../../build/mesh-runner.ts'
import { LineShow } from '../../build/mesh-show.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { assertNoneLeft } from '../tools/run-start.ts'
import { writeNode } from '../tools/run-tool.ts'

/** A node that ends with its parent process, and ignores SIGTERM. */
const STUBBORN_NODE = `
process.on('SIGTERM', () => console.log('no'))
process.on('disconnect', () => process.exit())
console.log('pid=' + process.pid)`

/** Longer than {@link waitUntil} waits. */
const NEVER_MS = 40_000

/** Two stubborn nodes that run, and what ends them. */
async function stubbornMesh(t: ExecutionContext, stopTimeoutMs: number) {
  const root = temporaryFolder(t)
  for (const name of ['node-1', 'node-2']) writeNode(root, name, { 'index.js': STUBBORN_NODE })
  const nodes = readdirSync(root).map((name) => ({
    name,
    path: join(root, name),
    level: 'info' as const,
  }))
  const lines: string[] = []
  const show = new LineShow({
    nodes,
    colour: false,
    isVerbose: true,
    print: (line) => lines.push(line),
  })
  const stop = new AbortController()
  const kill = new AbortController()
  const signals = { stop: stop.signal, kill: kill.signal }
  const runner = new MeshRunner({
    nodes,
    env: process.env,
    colour: false,
    show,
    ...signals,
    stopTimeoutMs,
  })
  let exitCode: number | undefined
  const over = runner.run().then((code) => {
    exitCode = code
  })
  t.teardown(() => {
    kill.abort()
    stop.abort()
    return over
  })
  const printed = (pattern: RegExp): Promise<void> =>
    waitUntil(
      () => lines.filter((line) => pattern.test(line)).length === nodes.length,
      () => `${pattern} of each\n${lines.join('\n')}`,
    )
  await printed(/pid=/)
  const assertEndsWith = async (code: number): Promise<void> => {
    await waitUntil(
      () => exitCode !== undefined,
      () => `the end\n${lines.join('\n')}`,
    )
    t.is(exitCode, code)
    assertNoneLeft(t, lines.join('\n'), nodes.length)
    t.is(lines.at(-1), 'all nodes stopped')
  }
  return { stop, kill, printed, assertEndsWith }
}

test('mesh runner - kills nodes that do not end in time', async (t) => {
  const { stop, assertEndsWith } = await stubbornMesh(t, 100)
  stop.abort()
  await assertEndsWith(0)
})

test('mesh runner - kills nodes at once on the kill signal, before their time to stop is over', async (t) => {
  const { stop, kill, printed, assertEndsWith } = await stubbornMesh(t, NEVER_MS)
  stop.abort()
  await printed(/no$/)
  kill.abort()
  await assertEndsWith(130)
})

test('mesh runner - kills nodes that got no SIGTERM', async (t) => {
  const { stop, kill, assertEndsWith } = await stubbornMesh(t, NEVER_MS)
  kill.abort()
  stop.abort()
  await assertEndsWith(130)
})
