/**
 * A node as its users have it: a folder of its own with the built `index.js` or a binary in it, run
 * as a process.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { connectedAfter, readOutput } from '../../build/node-output.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import type { NodeEvent } from '../../src/log/events.ts'
import { envFileOf } from './env-file.ts'
import { type EventOf, type FieldsOf, hasFields } from './event-fields.ts'
import { freePort } from './free-port.ts'
import type { Teardown } from './teardown.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitUntil } from './wait-until.ts'

/** The words before the name of the script. */
export type Runtime = readonly [program: string, ...args: string[]]

export const NODE: Runtime = [process.execPath]

/** Deno itself, for whoever needs other permissions. */
export const DENO_PROGRAM = denoProgram()

/** What a node on Deno is given, as the README has it: no more works with less. */
export const DENO_FLAGS = ['--allow-net', '--allow-read=.', '--ignore-env'] as const

export const DENO: Runtime = [DENO_PROGRAM, 'run', '--no-prompt', ...DENO_FLAGS]

/** Read once: it is the same for all nodes of a test, even when somebody builds meanwhile. */
export const BUNDLE = readFileSync(join(REPOSITORY, 'node-1/index.js'))

/**
 * How long a program may take to end, in ms: longer than any does on a busy machine, and less than
 * ava's idle timer, which would skip teardowns.
 */
const END_MS_MAX = 45_000

const SCRIPT_NAME = 'index.js'
const BINARY_NAME = 'fullmesh'

/** What is in the folder of a node, and what runs it. */
export interface NodeOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Default: none. */
  readonly knownPeers?: readonly string[]
  /** What `.env` has besides PORT and LOG_FORMAT=json. */
  readonly settings?: Readonly<Record<string, string>>
  /** More files of the folder, or others instead of the usual ones; undefined leaves a file out. */
  readonly files?: Readonly<Record<string, string | undefined>>
  /** What runs it. Default: Node, or for a binary nothing. */
  readonly runtime?: Runtime
  /** The file of a binary, a copy of which is in the folder instead of `index.js`. */
  readonly binary?: string
}

/** How a node is run. */
export interface LaunchOptions {
  /** What is run. Default: the path of the node's `index.js`, or of its binary. */
  readonly script?: string
  /** Words after the script. */
  readonly args?: readonly string[]
  /** Working directory. Default: the folder of the node. */
  readonly cwd?: string
  /** Environment variables besides those that every process here has. */
  readonly env?: Readonly<Record<string, string>>
  /** User and group to run as. Default: ours. */
  readonly uid?: number
}

/** How a run ended, and all that it printed. */
export interface Exit {
  /** The exit code, or the signal that ended the process. */
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** One node. It can be run again and again; no run outlives the test. */
export class NodeProcess {
  readonly folder: string
  readonly port: number
  /** Where it can be dialed. */
  readonly address: string
  /** Its `index.js`, or its binary. */
  readonly script: string
  readonly #runtime: readonly string[]
  readonly #endedRuns: Run[] = []
  #run: Run | undefined

  private constructor(t: Teardown, folder: string, options: NodeOptions, port: number) {
    const { binary, runtime = binary === undefined ? NODE : [], settings = {} } = options
    this.folder = folder
    this.script = join(folder, binary === undefined ? SCRIPT_NAME : BINARY_NAME)
    this.port = port
    this.address = settings['ADDRESS'] ?? `ws://localhost:${port}`
    this.#runtime = runtime
    t.teardown(async () => {
      this.#run?.child.kill('SIGKILL')
      await this.#run?.exit
    })
  }

  /** A node in a new folder, not started. */
  static async create(t: Teardown, options: NodeOptions = {}): Promise<NodeProcess> {
    const { port = await freePort(t), knownPeers = [], settings = {}, binary } = options
    const files = {
      [SCRIPT_NAME]: binary === undefined ? BUNDLE : undefined,
      '.env': envFileOf({ PORT: port, LOG_FORMAT: 'json', ...settings }),
      'known-peers.json': JSON.stringify(knownPeers),
      ...options.files,
    }
    const folder = temporaryFolder(t, withoutUndefined(files))
    if (binary !== undefined) copyFileSync(binary, join(folder, BINARY_NAME))
    return new NodeProcess(t, folder, options, port)
  }

  /** A node in a new folder that listens. */
  static async start(t: Teardown, options: NodeOptions = {}): Promise<NodeProcess> {
    const node = await NodeProcess.create(t, options)
    await node.start()
    return node
  }

  get isRunning(): boolean {
    return this.#run?.isOver === false
  }

  /** The id of the process of the latest run. */
  get pid(): number {
    return this.#latest().child.pid ?? 0
  }

  /** What the latest run has reported so far, when its log is JSON. */
  get events(): readonly NodeEvent[] {
    return this.#run?.events ?? []
  }

  /** Its events of one kind. */
  eventsOf<Kind extends NodeEvent['kind']>(kind: Kind): readonly EventOf<Kind>[] {
    return this.events.filter((event): event is EventOf<Kind> => event.kind === kind)
  }

  /** How many peers it is connected to, as it reported last. */
  get connected(): number {
    return this.events.map(connectedAfter).findLast((count) => count !== undefined) ?? 0
  }

  /** What the latest run has printed so far on stdout, in whole lines. */
  get lines(): readonly string[] {
    return (this.#run?.stdout ?? '').split('\n').slice(0, -1)
  }

  /** All that the latest run has printed so far, for people who look why a test failed. */
  get output(): string {
    return `--- ${this.address}\n${this.#run?.stdout ?? ''}${this.#run?.stderr ?? ''}`
  }

  /** All that all its runs have printed. */
  get history(): string {
    const earlier = this.#endedRuns.map((run) => `${run.stdout}${run.stderr}`)
    return [...earlier, this.output].join('\n')
  }

  /** How the latest run ended, which it must soon. */
  get exit(): Promise<Exit> {
    return this.#latest().ends()
  }

  /** Runs it. */
  launch(options: LaunchOptions = {}): void {
    if (this.isRunning) throw new Error(`${this.address} is running`)
    const { script = this.script, args = [], cwd = this.folder, env = {}, uid } = options
    const [program = script, ...words] = [...this.#runtime, script, ...args]
    const child = spawn(program, words, {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    })
    if (this.#run !== undefined) this.#endedRuns.push(this.#run)
    this.#run = new Run(child)
  }

  /** Runs it, and waits until it listens. */
  async start(options: LaunchOptions = {}): Promise<void> {
    this.launch(options)
    await waitUntil(
      () => this.#isListening || !this.isRunning,
      () => `listening\n${this.output}`,
    )
    if (!this.isRunning) throw new Error(`ended before it listened\n${this.output}`)
  }

  /** Runs it to its end. */
  run(options: LaunchOptions = {}): Promise<Exit> {
    this.launch(options)
    return this.exit
  }

  /** Waits until it has reported an event of this kind, with such fields. */
  async reported<Kind extends NodeEvent['kind']>(
    kind: Kind,
    fields: FieldsOf<EventOf<Kind>> = {},
  ): Promise<void> {
    await waitUntil(
      () => this.eventsOf(kind).some((event) => hasFields(event, fields)),
      () => `${kind} with ${inspect(fields)}\n${this.output}`,
    )
  }

  /** Waits until it has printed such a line. For tests of the text itself. */
  async printed(pattern: RegExp): Promise<void> {
    await waitUntil(
      () => this.lines.some((line) => pattern.test(line)),
      () => `a line like ${pattern}\n${this.output}`,
    )
  }

  /** Reads no more of what it prints, as when the reader of a pipe ends. */
  closeOutput(): void {
    const { stdout, stderr } = this.#latest().child
    stdout?.destroy()
    stderr?.destroy()
  }

  signal(signal: NodeJS.Signals): void {
    this.#latest().child.kill(signal)
  }

  /** Ends it with a signal. */
  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.signal(signal)
    return this.exit
  }

  /** Scripts wait for this line, when the log is text. */
  get #isListening(): boolean {
    if (this.eventsOf('listening').length > 0) return true
    return this.lines.some((line) => / listening on \S+$/.test(line.trimEnd()))
  }

  #latest(): Run {
    if (this.#run === undefined) throw new Error(`${this.address} was never launched`)
    return this.#run
  }
}

/** One run of a program, with all that it prints. */
export class Run {
  readonly child: ChildProcess
  readonly exit: Promise<Exit>
  stdout = ''
  stderr = ''
  isOver = false
  /** What a node has reported, when its log is JSON. */
  readonly events: NodeEvent[] = []

  constructor(child: ChildProcess) {
    this.child = child
    for (const name of ['stdout', 'stderr'] as const) {
      let rest = ''
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text
        const lines = `${rest}${text}`.split('\n')
        rest = lines.pop() ?? ''
        this.events.push(...lines.flatMap((line) => readOutput(line).event ?? []))
      })
    }
    this.exit = new Promise((resolve) => {
      child.once('error', (error) => {
        this.stderr += String(error)
      })
      child.once('close', (code, signal) => {
        this.isOver = true
        resolve({ code: code ?? signal, stdout: this.stdout, stderr: this.stderr })
      })
    })
  }

  /** How it ended. When it does not end in time, that is by SIGKILL. */
  async ends(): Promise<Exit> {
    const timer = setTimeout(() => {
      this.child.kill('SIGKILL')
      // A process that it has started may hold them.
      this.child.stdout?.destroy()
      this.child.stderr?.destroy()
    }, END_MS_MAX)
    try {
      return await this.exit
    } finally {
      clearTimeout(timer)
    }
  }
}

/**
 * Our environment without whatever would make a node another one, or slow: Node 20 reads all extra
 * certificates at each start, which takes as long as all else in it.
 */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = new Set([
    ...SETTING_NAMES,
    'FORCE_COLOR',
    'NO_COLOR',
    'NODE_EXTRA_CA_CERTS',
    'NODE_OPTIONS',
  ])
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.has(name)))
}

function withoutUndefined<Value>(
  record: Readonly<Record<string, Value | undefined>>,
): Record<string, Value> {
  const entries: [string, Value][] = []
  for (const [key, value] of Object.entries(record)) {
    if (value !== undefined) entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

/**
 * Deno itself. What lies in `.bin` can be a script that starts it, where install scripts are off,
 * and a signal to that would leave Deno running.
 */
function denoProgram(): string {
  const packages = join(REPOSITORY, 'node_modules/@deno')
  const names = existsSync(packages) ? readdirSync(packages) : []
  const programs = names.flatMap((name) => [
    join(packages, name, 'deno'),
    join(packages, name, 'deno.exe'),
  ])
  return programs.find((path) => existsSync(path)) ?? 'deno'
}
