/** One node as a process: started in its folder, its output read line by line, then stopped. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SETTINGS } from '../src/config/settings.ts'
import { type NodeOutput, readOutput } from './node-output.ts'

export interface ProcessEnd {
  /** Undefined when a signal ended it, or when it could not be started. */
  readonly code: number | undefined
  /** To follow the name of the node: `ended with exit code 1`. */
  readonly words: string
}

export interface NodeProcessOptions {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly colour?: boolean
  readonly onOutput: (output: NodeOutput) => void
}

export class NodeProcess {
  /** Settles when the process has ended and its last line has been read. Never rejects. */
  readonly ended: Promise<ProcessEnd>
  readonly #child: ChildProcess

  constructor({ folder, env, colour, onOutput }: NodeProcessOptions) {
    const child = spawn(process.execPath, ['index.js'], {
      cwd: folder,
      env: { ...env, [SETTINGS.logFormat.name]: 'json' },
      // The system closes the channel when we end, even by SIGKILL; then the node ends, too.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in the terminal reaches only us, and we stop the nodes.
      detached: true,
      windowsHide: true,
    })
    for (const input of [child.stdout, child.stderr]) {
      if (input) createInterface({ input }).on('line', (line) => onOutput(readOutput(line, colour)))
    }
    this.#child = child
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        resolve({ code: undefined, words: `could not be started: ${error.message}` })
      })
      child.once('close', (code, signal) => {
        const words = code === null ? `was ended by ${signal}` : `ended with exit code ${code}`
        resolve({ code: code ?? undefined, words })
      })
    })
  }

  /** The node closes its connections and ends. No effect when it has ended. */
  stop(): void {
    this.#child.kill('SIGTERM')
  }

  /** Ends the node at once. No effect when it has ended. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
