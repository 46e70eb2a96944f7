/**
 * Runs several nodes as one: passes their output and the state of the mesh to a {@link MeshShow},
 * and ends all processes, however it ends.
 */

import { relative, resolve, sep } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { shellWord } from '../src/cli/shell-word.ts'
import { SETTINGS } from '../src/config/settings.ts'
import type { LogLevel } from '../src/log/log.ts'
import { MeshProgress } from './mesh-progress.ts'
import type { MeshShow, ShownNode } from './mesh-show.ts'
import { connectedAfter, isQuieter, type NodeOutput } from './node-output.ts'
import { NodeProcess, type ProcessEnd } from './node-process.ts'

/** A node stops within a second, or two on a busy machine. */
const STOP_TIMEOUT_MS = 2000

/** Exit code of a shell for a program that Ctrl-C ended. */
const EXIT_KILLED = 130

/** At this level a node prints its number of peers. */
const LEVEL_NEEDED: LogLevel = 'info'

export interface MeshRunnerOptions {
  readonly nodes: readonly (ShownNode & { readonly path: string })[]
  readonly env: NodeJS.ProcessEnv
  readonly colour: boolean
  readonly show: MeshShow
  readonly stop: AbortSignal
  readonly kill: AbortSignal
  /** Nodes that take longer to stop are killed. Default: 2000. */
  readonly stopTimeoutMs?: number
}

export class MeshRunner {
  readonly #options: MeshRunnerOptions
  readonly #progress: MeshProgress
  readonly #running = new Map<string, NodeProcess>()
  /** Settles with an exit code when the nodes that still run must be stopped. */
  readonly #over: Promise<number>
  #settle: (exitCode: number) => void = () => {}
  #stopping = false

  constructor(options: MeshRunnerOptions) {
    const names = options.nodes.map(({ name }) => name)
    this.#options = options
    this.#progress = new MeshProgress(names, performance.now())
    this.#over = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Starts all nodes, and gives the exit code when all of them have ended. */
  async run(): Promise<number> {
    const { nodes, stop, kill } = this.#options
    const killAll = () => {
      for (const node of this.#running.values()) node.kill()
    }
    stop.addEventListener('abort', () => this.#settle(0))
    kill.addEventListener('abort', killAll)
    // A bug of ours may throw.
    process.once('exit', killAll)

    for (const node of nodes) {
      if (stop.aborted || this.#stopping) break
      this.#start(node)
      // Starting 200 nodes takes a second: handle output and Ctrl-C meanwhile.
      await nextTurn()
    }
    const exitCode = await this.#over
    await this.#stopAll(killAll)
    return kill.aborted ? EXIT_KILLED : exitCode
  }

  #start(started: MeshRunnerOptions['nodes'][number]): void {
    const { name, path, level } = started
    const { env, colour } = this.#options
    const isTooQuiet = isQuieter(level, LEVEL_NEEDED)
    const node = new NodeProcess({
      folder: path,
      env: isTooQuiet ? { ...env, [SETTINGS.logLevel.name]: LEVEL_NEEDED } : env,
      colour,
      onOutput: (output) => this.#onOutput(name, output),
    })
    this.#running.set(name, node)
    void node.ended.then((ending) => this.#onEnded(started, ending))
  }

  #onOutput(name: string, output: NodeOutput): void {
    this.#options.show.printed(name, output)
    if (this.#stopping) return
    const count = connectedAfter(output.event)
    const nowMs = performance.now()
    if (count !== undefined) this.#show(this.#progress.connectedTo(name, count, nowMs))
    else if (output.event?.kind === 'listening') this.#show(this.#progress.listening(name, nowMs))
  }

  #onEnded({ name, path }: MeshRunnerOptions['nodes'][number], { code, words }: ProcessEnd): void {
    const { show } = this.#options
    this.#running.delete(name)
    if (this.#stopping) return
    if (!this.#progress.everComplete && code !== 0) {
      // Before that it is a mistake in the settings, which the node has printed.
      this.#stopping = true
      show.failed(name, words, ' before all nodes were connected; stopping the others')
      this.#settle(code ?? 1)
    } else if (this.#running.size === 0) {
      show.failed(name, words, '; no node is left')
      this.#settle(1)
    } else {
      show.ended(name, `${words}; to start it again: cd ${folderWord(path)} && node index.js`)
      this.#show(this.#progress.ended(name, performance.now()))
    }
  }

  async #stopAll(killAll: () => void): Promise<void> {
    const { show, kill, stopTimeoutMs = STOP_TIMEOUT_MS } = this.#options
    this.#stopping = true
    show.stopping()
    const nodes = [...this.#running.values()]
    if (kill.aborted) killAll()
    else for (const node of nodes) node.stop()
    const timer = setTimeout(killAll, stopTimeoutMs)
    await Promise.all(nodes.map((node) => node.ended))
    clearTimeout(timer)
    show.end(`all ${this.#progress.ownNodes} stopped`)
  }

  #show(sentence: string | undefined): void {
    if (sentence !== undefined) this.#options.show.summary(sentence, this.#progress.isComplete)
  }
}

/** For a shell where the operator is: npm runs a script in the folder of the package. */
function folderWord(path: string): string {
  const whole = resolve(path)
  const short = relative(process.env['INIT_CWD'] ?? process.cwd(), whole)
  // The list of many nodes cuts long lines.
  return shellWord(short.split(sep)[0] === '..' ? whole : short || '.')
}
