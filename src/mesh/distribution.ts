/** Counts values by upper bounds, as a histogram of Prometheus does. */
export class Distribution {
  /** Ascending; a value that equals a bound is counted there. */
  readonly bounds: readonly number[]
  /** How many values lie in each bucket; the last one has those above all bounds. */
  readonly counts: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.#counts = Array<number>(bounds.length + 1).fill(0)
    this.counts = this.#counts
  }

  get sum(): number {
    return this.#sum
  }

  add(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound)
    const bucket = index === -1 ? this.bounds.length : index
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }
}
