/** The processes of one trial of messages: workers, and the server of the system if it has one. */

import { type ChildProcess, fork, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { MEASURED_ENV } from '../environment.ts'
import type { Answer, Order, Report } from './orders.ts'
import type { MessageSystem } from './systems.ts'

const PORT_MIN = 4001

/** Everybody has a network of their own, so any ports are free. */
export const SERVER_PORT = 4000

/** How often it is looked whether the server listens. */
const LOOK_MS = 20

export interface CrewOptions {
  readonly system: MessageSystem
  readonly nodes: number
  /** The indices of those that publish. */
  readonly publishers: readonly number[]
  readonly folder: string
  /** The path of the program of a worker. */
  readonly worker: string
  /** Flags of Node for each worker. Default: none. */
  readonly flags?: readonly string[]
}

export class Crew {
  readonly #server: ChildProcess | undefined
  readonly #workers: readonly ChildProcess[]
  /** By worker, who waits for its answer. */
  readonly #waiting = new Map<number, (answer: Answer) => void>()

  private constructor(server: ChildProcess | undefined, workers: readonly ChildProcess[]) {
    this.#server = server
    this.#workers = workers
    for (const [index, worker] of workers.entries()) {
      worker.on('message', (report: Report) => this.#take(index, report))
      worker.once('exit', (code, signal) => {
        this.#take(index, { kind: 'failed', reason: `it ended: ${signal ?? code}` })
      })
    }
  }

  /** Starts the processes, and connects them in an order that is the same for all systems. */
  static async form(options: CrewOptions): Promise<Crew> {
    const { flags = [], folder, nodes, publishers, system, worker } = options
    const { isJoined, module, node, server: launch } = system
    const surroundings = { cwd: folder, env: MEASURED_ENV, stdio: 'ignore' } as const
    const server = launch && spawn(launch.program, launch.args, surroundings)
    if (server !== undefined) await untilListening(SERVER_PORT)
    const workers = Array.from({ length: nodes }, () =>
      fork(worker, [], {
        cwd: folder,
        env: MEASURED_ENV,
        execPath: node,
        execArgv: [...flags],
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    )
    const crew = new Crew(server, workers)
    const ports = workers.map((_worker, index) => PORT_MIN + index)
    const all = [...workers.keys()]
    await crew.askAll(all, (index) => ({
      kind: 'open',
      module,
      place: { index, ports, publishers, serverPort: SERVER_PORT, isJoined },
    }))
    for (const indices of growing(all, publishers)) {
      await crew.askAll(indices, () => ({ kind: 'connect', indices }))
    }
    return crew
  }

  get pids(): readonly number[] {
    const all = this.#server === undefined ? this.#workers : [this.#server, ...this.#workers]
    return all.map(({ pid = 0 }) => pid)
  }

  pidOf(index: number): number {
    return this.#workers[index]?.pid ?? 0
  }

  get serverPid(): number | undefined {
    return this.#server?.pid
  }

  /** @throws {Error} when the worker could not carry it out */
  async ask(index: number, order: Order): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(index, resolve)
      this.#workers[index]?.send(order)
    })
    if (answer.kind === 'failed') throw new Error(`worker ${index}: ${answer.reason}`)
    return answer
  }

  askAll(indices: readonly number[], orderOf: (index: number) => Order): Promise<Answer[]> {
    return Promise.all(indices.map((index) => this.ask(index, orderOf(index))))
  }

  signal(index: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#workers[index]?.kill(signal)
  }

  #take(index: number, report: Report): void {
    if (report.kind === 'progress') {
      const { count, of } = report
      this.#workers[of]?.send({ kind: 'progress', by: index, count } satisfies Order)
      return
    }
    const answer = this.#waiting.get(index)
    this.#waiting.delete(index)
    answer?.(report)
  }
}

/**
 * Who is connected one after the other: with one publisher in the middle, it dials half of the
 * others and is dialed by the other half.
 */
function growing(all: readonly number[], [publisher, ...more]: readonly number[]) {
  if (publisher === undefined || more.length > 0) return [all]
  const steps = [all.slice(0, publisher), all.slice(0, publisher + 1), all]
  return steps.filter(({ length }) => length > 0)
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (isOpen) return
    await delay(LOOK_MS)
  }
}
