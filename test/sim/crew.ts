/** Many seeds on all cores: one process for each, which takes seeds until none are left. */

import { type ChildProcess, fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { SeedResult } from './crew-member.ts'

/** How many failures are told in full. */
const FAILURES_MAX = 5

/** Seeds that a process takes at a time. */
const BATCH = 20

/** All processes. */
export class Crew {
  readonly #onProgress: (done: number) => void
  readonly #failures: string[] = []
  #virtualMs = 0
  #done = 0
  #next = 0
  #end = 0

  constructor(onProgress: (done: number) => void) {
    this.#onProgress = onProgress
  }

  /** Runs `count` seeds. A few failures are enough: then the rest is left. */
  async run(
    from: number,
    count: number,
  ): Promise<{ readonly failures: readonly string[]; readonly virtualMs: number }> {
    this.#next = from
    this.#end = from + count
    const path = fileURLToPath(new URL('./crew-member.ts', import.meta.url))
    await Promise.all(
      Array.from({ length: availableParallelism() }, () => this.#employ(fork(path))),
    )
    return { failures: this.#failures, virtualMs: this.#virtualMs }
  }

  #employ(member: ChildProcess): Promise<void> {
    const hand = (): void => {
      const seeds: number[] = []
      while (seeds.length < BATCH && this.#next < this.#end) seeds.push(this.#next++)
      if (seeds.length === 0 || this.#failures.length >= FAILURES_MAX) member.disconnect()
      else member.send(seeds)
    }
    return new Promise((resolve, reject) => {
      member.on('error', reject)
      member.on('exit', (code) => {
        if (code === 0) resolve()
        else reject(new Error(`a process of the simulator ended with ${code}`))
      })
      member.on('message', (message) => {
        for (const { failure, virtualMs } of message as SeedResult[]) {
          if (failure !== undefined) this.#failures.push(failure)
          this.#virtualMs += virtualMs
          this.#done += 1
        }
        this.#onProgress(this.#done)
        hand()
      })
      hand()
    })
  }
}
