/** `npm start` as a process, with nodes that misbehave on demand. */

import type { ExecutionContext } from 'ava'
import type { Run } from '../helpers/node-process.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { commandOf, descendantsOf, isRunning } from './process-tree.ts'
import { launchCompiled } from './run-tool.ts'

/**
 * A node that listens on nothing and reports what a node reports, so that failures happen on
 * demand. N is its number; BEHAVIOUR, from the environment, is run after it reported listening.
 */
export const FAKE_NODE = `
const N = Number(require('node:path').basename(process.cwd()).slice(5))
const report = (event, fields, level = 'info') =>
  (level === 'warn' ? console.error : console.log)(
    JSON.stringify({ time: '2026-01-02T12:00:00', level, event, ...fields }))
const warn = (text) => report('warning', { text }, 'warn')
report('listening', { address: 'ws://localhost:' + (4000 + N) })
report('page', { url: 'http://localhost:' + (4000 + N) + '/' })
const address = 'ws://localhost:4009'
const joined = (connected) => report('peer-joined', { address, connected })
const ending = { by: 'network', code: 1006, reason: '' }
const left = (connected) => report('peer-left', { address, connected, ending })
setInterval(() => {}, 1000)
console.log('pid=' + process.pid)
eval(process.env.BEHAVIOUR || '')
`

export function start(
  t: ExecutionContext,
  root: string,
  behaviour = '',
  count: string[] = [],
  env: NodeJS.ProcessEnv = {},
): Run {
  return launchCompiled(t, 'build/start.ts', ['--root', root, ...count], {
    env: { BEHAVIOUR: behaviour, ...env },
  })
}

/** Waits until it has printed such a line. */
export function printed(run: Run, pattern: RegExp): Promise<void> {
  return waitUntil(
    () => pattern.test(run.stdout),
    () => `a line like ${pattern}\n${run.stdout}${run.stderr}`,
  )
}

export function pidsIn(stdout: string): number[] {
  return [...stdout.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid))
}

/** Fake nodes print their pid; all of them must have ended in every case. */
export function assertNoneLeft(t: ExecutionContext, stdout: string, count: number): void {
  const pids = pidsIn(stdout)
  t.is(pids.length, count)
  t.deepEqual(pids.filter(isRunning), [])
}

/** The processes of the nodes that a runner, or its parent, has started. */
export function nodesOf(run: Run): readonly number[] {
  return descendantsOf(run.child.pid ?? 0).filter((pid) => commandOf(pid).at(-1) === 'index.js')
}
