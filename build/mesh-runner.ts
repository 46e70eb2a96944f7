/**
 * Runs several nodes as one: their output side by side, word of when the mesh is complete, and no
 * process left behind, however it ends.
 */

import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { stripVTControlCharacters, styleText } from 'node:util'
import type { LogLevel } from '../src/io/log.ts'
import { connectedCountIn, isListeningLine } from '../src/io/narration.ts'
import { SETTINGS } from '../src/settings.ts'
import { MeshProgress } from './mesh-progress.ts'
import { nodeLabels } from './node-labels.ts'
import { type Ending, NodeProcess } from './node-process.ts'
import { isShown, type QuietLevel } from './shown-lines.ts'

/** How long nodes may take to say goodbye. They promise a second; a loaded machine gets two. */
const STOP_TIMEOUT_MS = 2000

/** Exit code of a shell for a program that Ctrl-C has ended. */
const EXIT_KILLED = 130

/** At this level a node says whom it is connected to. */
const LEVEL_NEEDED: LogLevel = 'info'

/** What a {@link MeshRunner} needs. */
export interface MeshRunnerOptions {
  /** The nodes, each with the folder that it runs in, and what of its output is hidden. */
  readonly nodes: readonly {
    readonly name: string
    readonly path: string
    readonly quiet: QuietLevel | undefined
  }[]
  readonly env: NodeJS.ProcessEnv
  readonly colour: boolean
  /** Aborted when everything should end in good order. */
  readonly stop: AbortSignal
  /** Aborted when everything should end now. */
  readonly kill: AbortSignal
}

/** Runs a mesh once. */
export class MeshRunner {
  readonly #options: MeshRunnerOptions
  readonly #progress: MeshProgress
  readonly #labels: ReadonlyMap<string, string>
  readonly #running = new Map<string, NodeProcess>()
  /** Settles with an exit code when the mesh is over and what still runs must be stopped. */
  readonly #over: Promise<number>
  #settle: (exitCode: number) => void = () => {}
  #stopping = false

  constructor(options: MeshRunnerOptions) {
    const names = options.nodes.map(({ name }) => name)
    this.#options = options
    this.#progress = new MeshProgress(names, performance.now())
    this.#labels = nodeLabels(names, options.colour)
    this.#over = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /**
   * Starts all nodes, lasts until the mesh is over, and gives the exit code.
   * No process outlives it; one that is killed first is outlived for as long as nodes take to stop.
   */
  async run(): Promise<number> {
    const { nodes, stop, kill } = this.#options
    const killAll = () => {
      for (const node of this.#running.values()) node.kill()
    }
    stop.addEventListener('abort', () => this.#settle(0))
    kill.addEventListener('abort', killAll)
    // For the case that we have a bug and throw.
    process.once('exit', killAll)

    for (const node of nodes) {
      if (stop.aborted || this.#stopping) break
      this.#start(node)
      // To start 200 nodes takes a second, in which their output and Ctrl-C must not wait.
      await nextTurn()
    }
    const exitCode = await this.#over
    await this.#stopAll(killAll)
    return kill.aborted ? EXIT_KILLED : exitCode
  }

  #start({ name, path, quiet }: MeshRunnerOptions['nodes'][number]): void {
    const { env } = this.#options
    const node = new NodeProcess({
      folder: path,
      env: quiet === undefined ? env : { ...env, [SETTINGS.logLevel.name]: LEVEL_NEEDED },
      onLine: (line, stream) => {
        if (isShown(line, stream, quiet)) console.log(`${this.#labels.get(name)}${line}`)
        this.#onLine(name, line)
      },
    })
    this.#running.set(name, node)
    void node.ended.then((ending) => this.#onEnded(name, ending))
  }

  #onLine(name: string, line: string): void {
    if (this.#stopping) return
    const text = stripVTControlCharacters(line)
    const count = connectedCountIn(text)
    const nowMs = performance.now()
    if (count !== undefined) this.#tell(this.#progress.connectedTo(name, count, nowMs))
    else if (isListeningLine(text)) this.#tell(this.#progress.listening(name, nowMs))
  }

  #onEnded(name: string, { code, words }: Ending): void {
    this.#running.delete(name)
    if (this.#stopping) return
    if (!this.#progress.everComplete && code !== 0) {
      // Before the mesh was ever complete it is a mistake in the settings, which the node has
      // named.
      this.#stopping = true
      this.#tell(`${name} ${words} before the mesh was complete: stopping the others`)
      this.#settle(code ?? 1)
    } else if (this.#running.size === 0) {
      this.#tell(`${name} ${words}, and no node is left`)
      this.#settle(1)
    } else {
      this.#tell(`${name} ${words}; cd ${name} && node index.js brings it back`)
      this.#tell(this.#progress.ended(name, performance.now()))
    }
  }

  async #stopAll(killAll: () => void): Promise<void> {
    this.#stopping = true
    const nodes = [...this.#running.values()]
    if (this.#options.kill.aborted) killAll()
    else for (const node of nodes) node.stop()
    const ended = Promise.all(nodes.map((node) => node.ended))
    const late = new AbortController()
    await Promise.race([
      ended.then(() => late.abort()),
      delay(STOP_TIMEOUT_MS, undefined, { signal: late.signal }).then(killAll, () => {}),
    ])
    await ended
    this.#tell('stopped, no node is running any more')
  }

  /** Prints a line about the mesh as a whole, if there is one. */
  #tell(line: string | undefined): void {
    if (line === undefined) return
    console.log(this.#options.colour ? styleText('bold', line, { validateStream: false }) : line)
  }
}
