/**
 * One node as a process: started in its folder, its output read line by line, stopped politely or
 * not.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How a process came to its end. */
export interface Ending {
  /** Undefined when a signal ended it, or when it could not be started. */
  readonly code: number | undefined
  /** In words, to follow the name of the node: `ended with exit code 1`. */
  readonly words: string
}

/** Standard output, or standard error. */
export type OutputStream = 'stdout' | 'stderr'

/** What a {@link NodeProcess} needs. */
export interface NodeProcessOptions {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Called with each line that the node prints, without its line end, and where it prints it. */
  readonly onLine: (line: string, stream: OutputStream) => void
}

/** A running node. */
export class NodeProcess {
  /** Settles when the process has ended and its last line has been read. Never rejects. */
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess

  constructor({ folder, env, onLine }: NodeProcessOptions) {
    const child = spawn(process.execPath, ['index.js'], {
      cwd: folder,
      env,
      // The channel is closed when we end, however we end, and then the node ends, too: nobody
      // could pass on a SIGKILL.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // In a process group of its own, so that Ctrl-C in the terminal reaches the runner only, and
      // the runner decides in which order things end.
      detached: true,
      windowsHide: true,
    })
    for (const stream of ['stdout', 'stderr'] as const) {
      const input = child[stream]
      if (input) createInterface({ input }).on('line', (line) => onLine(line, stream))
    }
    this.#child = child
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        resolve({ code: undefined, words: `could not be started: ${error.message}` })
      })
      child.once('close', (code, signal) => {
        resolve({
          code: code ?? undefined,
          words: code === null ? `was ended by ${signal}` : `ended with exit code ${code}`,
        })
      })
    })
  }

  /** Asks the node to close its connections and end. Harmless when it already has. */
  stop(): void {
    this.#child.kill('SIGTERM')
  }

  /** Ends the node at once. Harmless when it already has. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
