/** Runs the tools of the repository as processes, against folders of their own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** Longer than any tool takes on a busy machine; who needs more hangs. */
const DEADLINE_MS = 30_000

/** How long a process may take to end when it is asked to. */
const GRACE_MS = 5000

/** A command line up to the name of the script. */
export const NODE = [process.execPath, '--import', import.meta.resolve('tsx')] as const
export const DENO = [join(REPOSITORY, 'node_modules/.bin/deno'), 'run', '-A'] as const

/** What a process printed, and its exit code, or the signal that ended it. */
export interface Outcome {
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A process that is running. It does not outlive the test. */
export interface Running {
  readonly child: ChildProcess
  readonly outcome: Promise<Outcome>
  /** Everything that was printed so far, on stdout. */
  stdout(): string
}

/** A new folder, with a node-1 in it if files for that are given. Removed after the test. */
export function temporaryRoot(t: ExecutionContext, template?: Record<string, string>): string {
  const root = temporaryFolder(t)
  if (template) writeNode(root, 'node-1', template)
  return root
}

/** A folder with these files in the root. */
export function writeNode(root: string, name: string, files: Record<string, string>): void {
  mkdirSync(join(root, name))
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text)
}

/** Starts a script of the repository, or an absolute one. The working directory is not the repository. */
export function launch(
  t: ExecutionContext,
  script: string,
  args: readonly string[],
  { runtime = NODE, env = {} }: { runtime?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Running {
  const [program = '', ...before] = runtime
  const path = resolve(REPOSITORY, script)
  const { NO_COLOR, FORCE_COLOR, PORT, ...clean } = process.env
  const child = spawn(program, [...before, path, ...args], {
    cwd: tmpdir(),
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // Politely first: npm start has processes of its own to end, which a SIGKILL would orphan.
  const stop = () => {
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref()
  }
  const deadline = setTimeout(stop, DEADLINE_MS)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(deadline)
      resolve({ code: code ?? signal, stdout, stderr })
    })
  })
  t.teardown(async () => {
    stop()
    await outcome.catch(() => {})
  })
  return { child, outcome, stdout: () => stdout }
}

/** Runs a script to its end. */
export function run(...args: Parameters<typeof launch>): Promise<Outcome> {
  return launch(...args).outcome
}

/** Waits until something is true. @throws when it is not in time */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS
  while (!condition()) {
    if (performance.now() > deadlineMs) throw new Error(`not in time: ${what}`)
    await delay(20)
  }
}

/** Listens on a free port until the test ends, or until it is closed. */
export function listen(
  t: ExecutionContext,
  host: string,
): Promise<{ readonly port: number; readonly close: () => void }> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    t.teardown(() => server.close())
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      resolve({ port: address.port, close: () => server.close() })
    })
  })
}
