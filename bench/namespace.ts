/**
 * Runs a trial in network, process and mount namespaces of its own. So its counters count nothing
 * else, its ports are free, no firewall is in its way, and when it ends, however it ends, so do all
 * processes that it has started.
 */

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ToolError } from '../build/command-line.ts'
import { REPOSITORY, TYPESCRIPT } from '../build/repository.ts'
import type { TrialOrder, TrialResult } from './trials/trial.ts'

/** Beyond the limit of a trial and what it is to wait: starting it, settling, counting. */
const GRACE_SECONDS = 90

const UNSHARE = ['--net', '--pid', '--mount', '--fork', '--kill-child', '--mount-proc'] as const

/** The loopback of a new network is down. */
const WITH_LOOPBACK = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const

/** The exit code of a program that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

/** How to end the trials that run. */
const running = new Set<() => void>()

let isEnding = false

/** @throws {ToolError} when this system lets us have no namespaces */
export function requireNamespaces(): void {
  const { status, error } = spawnSync('unshare', [...unshareWords(), ...WITH_LOOPBACK, 'true'])
  if (status === 0) return
  const problem = error === undefined ? `exit code ${status}` : error.message
  throw new ToolError(
    `the bench needs Linux with util-linux and iproute2, and root or user namespaces ` +
      `(unshare: ${problem})`,
  )
}

/**
 * Carries out a trial. When its process fails, that is the result: the next trial may be better.
 *
 * @throws {ToolError} when the trials were ended
 */
export async function tryIt(order: Omit<TrialOrder, 'folder'>): Promise<TrialResult> {
  const folder = mkdtempSync(join(tmpdir(), `fullmesh-bench-${process.pid}-`))
  try {
    if (isEnding) throw interrupted()
    return JSON.parse(await outputOf({ ...order, folder }))
  } catch (error) {
    if (isEnding) throw interrupted()
    if (!(error instanceof ToolError)) throw error
    return { kind: 'left-out', reason: error.message }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Ends the trial that runs, and lets none begin any more. */
export function endTrials(): void {
  isEnding = true
  for (const kill of running) kill()
}

function interrupted(): ToolError {
  return new ToolError('interrupted', EXIT_INTERRUPTED)
}

function outputOf(order: TrialOrder): Promise<string> {
  const { promise, resolve, reject } = withResolvers<string>()
  const program = [process.execPath, ...TYPESCRIPT, join('bench', 'trials', 'main.ts')]
  const words = [...unshareWords(), ...WITH_LOOPBACK, ...program, JSON.stringify(order)]
  // Its standard input is empty, and ends when we do.
  const child = spawn('unshare', words, { cwd: REPOSITORY, stdio: 'pipe' })
  const kill = () => child.kill('SIGKILL')
  running.add(kill)
  const seconds = 2 * order.limitSeconds + secondsOf(order) + GRACE_SECONDS
  const timer = setTimeout(kill, 1000 * seconds)
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text
    })
  }
  child.once('error', (error) => reject(new ToolError(error.message)))
  child.once('close', (code, signal) => {
    clearTimeout(timer)
    running.delete(kill)
    if (code === 0) return resolve(output.stdout)
    const ending = signal ?? `exit code ${code}`
    reject(new ToolError(`the trial ended with ${ending}: ${reasonIn(output.stderr)}`))
  })
  return promise
}

/** What a program said before it ended, on one line for a table: of an error without its stack. */
export function reasonIn(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? 'it said nothing'
}

function secondsOf({ what }: TrialOrder): number {
  switch (what.kind) {
    case 'rest':
      return what.settleSeconds + what.seconds
    case 'messages': {
      const { burstSeconds, paces, sizes } = what
      return sizes.length * burstSeconds + paces.reduce((sum, { seconds }) => sum + seconds, 0)
    }
    default:
      return 0
  }
}

/** Whoever is not root becomes the root of a user namespace. */
function unshareWords(): readonly string[] {
  return process.getuid?.() === 0 ? UNSHARE : ['--map-root-user', ...UNSHARE]
}

/** Promise.withResolvers, which Node 20 lacks. */
function withResolvers<Value>() {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<Value>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve, reject }
}
