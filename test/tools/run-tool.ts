/** Runs the tools of the repository as processes, against folders of their own. */

import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { ExecutionContext } from 'ava'
import { REPOSITORY, TYPESCRIPT } from '../../build/repository.ts'
import { compiled } from '../helpers/compiled.ts'
import {
  cleanEnvironment,
  DENO_PROGRAM,
  type Exit,
  Run,
  type Runtime,
} from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** Longer than any tool takes on a busy machine; who needs more hangs. */
const DEADLINE_MS = 30_000

/** How long a process may take to end after SIGTERM. */
const GRACE_MS = 5000

/** A command line up to the name of the script. */
export const NODE: Runtime = [process.execPath, ...TYPESCRIPT]
export const DENO: Runtime = [DENO_PROGRAM, 'run', '-A']

/** How a tool is run. */
export interface ToolOptions {
  readonly runtime?: Runtime
  readonly env?: NodeJS.ProcessEnv
  /** Default: a folder that is not the repository. */
  readonly cwd?: string
  /** Whether it gets a process group of its own, as in a terminal, which can be sent a signal. */
  readonly detached?: boolean
  /** Whether a test writes to its standard input. Default: there is none. */
  readonly stdin?: 'pipe' | 'ignore'
}

/** A new folder, with a node-1 in it if files for that are given. Removed after the test. */
export function temporaryRoot(t: ExecutionContext, template?: Record<string, string>): string {
  const root = temporaryFolder(t)
  if (template) writeNode(root, 'node-1', template)
  return root
}

/** A folder with these files in the root. */
export function writeNode(root: string, name: string, files: Record<string, string>): void {
  mkdirSync(join(root, name), { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, name, file), text)
}

/** What a repository has besides src/ and node-1/, as far as its tools need it. */
const TOOL_PATHS = ['build', 'clone-node.ts', 'delete-nodes.ts', 'package.json'] as const

/**
 * A repository with the tools of this one and with its src/, or another src/main.ts. node-1 is
 * empty.
 */
export function copyOfRepository(t: ExecutionContext, main?: string, folder = ''): string {
  const root = join(temporaryFolder(t), folder)
  mkdirSync(join(root, 'node-1'), { recursive: true })
  for (const path of [...TOOL_PATHS, 'src']) {
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true })
  }
  symlinkSync(join(REPOSITORY, 'node_modules'), join(root, 'node_modules'))
  if (main !== undefined) writeFileSync(join(root, 'src/main.ts'), main)
  return root
}

/** Starts a script of the repository, or an absolute one. */
export function launch(
  t: ExecutionContext,
  script: string,
  args: readonly string[],
  { runtime = NODE, ...options }: ToolOptions = {},
): Run {
  const [program, ...before] = runtime
  return launchProgram(t, program, [...before, resolve(REPOSITORY, script), ...args], options)
}

/** Starts a tool of the repository as one file of JavaScript. */
export function launchCompiled(
  t: ExecutionContext,
  script: string,
  args: readonly string[],
  options: Omit<ToolOptions, 'runtime'> = {},
): Run {
  return launch(t, compiled(script), args, { ...options, runtime: [process.execPath] })
}

/** Starts a program. It does not outlive the test. */
export function launchProgram(
  t: ExecutionContext,
  program: string,
  args: readonly string[],
  {
    env = {},
    cwd = tmpdir(),
    detached = false,
    stdin = 'ignore',
  }: Omit<ToolOptions, 'runtime'> = {},
): Run {
  const child = spawn(program, args, {
    cwd,
    detached,
    env: { ...cleanEnvironment(), ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  })
  const run = new Run(child)
  // Politely first: npm start has processes of its own to end.
  const stop = () => {
    child.kill('SIGTERM')
    setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref()
  }
  const deadline = setTimeout(stop, DEADLINE_MS)
  void run.exit.then(() => clearTimeout(deadline))
  t.teardown(() => {
    stop()
    return run.exit
  })
  return run
}

/** Runs a script to its end. */
export function run(...args: Parameters<typeof launch>): Promise<Exit> {
  return launch(...args).exit
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
