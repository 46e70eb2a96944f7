/** Many seeds on all cores: one process for each, which takes seeds until none are left. */

import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { SeedResult } from './pool-worker.ts'

/** How many failures are reported in full. */
const FAILURES_MAX = 5

/** Seeds that a process takes at a time. */
const BATCH = 20

interface PoolResult {
  readonly done: number
  readonly failed: number
  readonly virtualMs: number
}

/** The processes. */
export class ProcessPool {
  readonly #onProgress: (done: number) => void
  readonly #onFailure: (failure: string) => void
  #virtualMs = 0
  #done = 0
  #failed = 0
  #next = 0
  #end = 0

  constructor(onProgress: (done: number) => void, onFailure: (failure: string) => void) {
    this.#onProgress = onProgress
    this.#onFailure = onFailure
  }

  /** Runs `count` seeds. Stops early after a few failures: then `done` is less. */
  async run(from: number, count: number): Promise<PoolResult> {
    this.#next = from
    this.#end = from + count
    const path = fileURLToPath(new URL('./pool-worker.ts', import.meta.url))
    await Promise.all(Array.from({ length: availableParallelism() }, () => this.#feed(fork(path))))
    return { done: this.#done, failed: this.#failed, virtualMs: this.#virtualMs }
  }

  /** Seeds that are running are finished, and no more are taken. */
  stop(): void {
    this.#end = this.#next
  }

  #feed(worker: ChildProcess): Promise<void> {
    const sendBatch = (): void => {
      const seeds: number[] = []
      while (seeds.length < BATCH && this.#next < this.#end) seeds.push(this.#next++)
      if (seeds.length === 0 || this.#failed >= FAILURES_MAX) worker.disconnect()
      else worker.send(seeds)
    }
    return new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('exit', (code) => {
        if (code === 0) resolve()
        else reject(new Error(`a process of the simulator ended with ${code}`))
      })
      worker.on('message', (message) => {
        for (const { failure, virtualMs } of message as SeedResult[]) {
          this.#virtualMs += virtualMs
          this.#done += 1
          if (failure === undefined) continue
          this.#failed += 1
          this.#onFailure(failure)
        }
        this.#onProgress(this.#done)
        sendBatch()
      })
      sendBatch()
    })
  }
}
