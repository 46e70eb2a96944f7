/**
 * Virtual time: jobs in the order of their time, and among equals in the order in which they were
 * scheduled.
 */

import { Heap } from '../../src/structures/heap.ts'
import { Violation } from './violation.ts'

interface Job {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** Jobs that may run without time passing. A mesh of 1,000 that starts at once needs a fraction. */
const JOBS_AT_ONCE_MAX = 3_000_000

/** The clock and the schedule of a simulated world. */
export class VirtualTime {
  readonly #jobsAtOnceMax: number
  #nowMs = 0
  #ordered = 0
  #atOnce = 0
  #done = 0
  readonly #heap = new Heap<Job>(isBefore)

  constructor(jobsAtOnceMax = JOBS_AT_ONCE_MAX) {
    this.#jobsAtOnceMax = jobsAtOnceMax
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** How many jobs have run. */
  get jobsDone(): number {
    return this.#done
  }

  /** Runs a job when it is `atMs`, or at once if that is past. */
  at(atMs: number, run: () => void): void {
    this.#ordered += 1
    this.#heap.push({ atMs: Math.max(atMs, this.#nowMs), order: this.#ordered, run })
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run)
  }

  /**
   * Runs all jobs up to `untilMs`, then it is `untilMs`; or stops after the job that makes `isDone`
   * true.
   *
   * @throws {Violation} of the job that found one, or when too many jobs run at one time
   */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    for (let job = this.#heap.top; job !== undefined && job.atMs <= untilMs; job = this.#heap.top) {
      this.#heap.pop()
      this.#atOnce = job.atMs > this.#nowMs ? 0 : this.#atOnce + 1
      if (this.#atOnce > this.#jobsAtOnceMax)
        throw new Violation('a livelock: too many jobs at one time')
      this.#nowMs = job.atMs
      this.#done += 1
      job.run()
      if (isDone()) return
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }
}

function isBefore(a: Job, b: Job): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
