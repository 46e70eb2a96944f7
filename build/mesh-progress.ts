/**
 * Whether all nodes are connected, according to their own reports: all nodes have equally many
 * peers, and at least all the others that were started here. Other peers were started elsewhere.
 * Pure.
 */

export class MeshProgress {
  /** How many peers each node reports; undefined until it reports. */
  readonly #counts = new Map<string, number | undefined>()
  readonly #startedMs: number
  /** Nodes that were started here and have ended. */
  readonly #ended = new Set<string>()
  #isComplete = false
  #everComplete = false
  /** Peers that were not started here, when the mesh was last complete. */
  #elsewhere = 0

  constructor(names: readonly string[], startedMs: number) {
    for (const name of names) this.#counts.set(name, undefined)
    this.#startedMs = startedMs
  }

  get isComplete(): boolean {
    return this.#isComplete
  }

  /** True once the mesh has been complete. */
  get everComplete(): boolean {
    return this.#everComplete
  }

  /** A node listens: it has no peer until it reports one. Gives a line to print, if any. */
  listening(name: string, nowMs: number): string | undefined {
    return this.connectedTo(name, this.#counts.get(name) ?? 0, nowMs)
  }

  /** A node reports its number of peers. Gives a line to print when the mesh changes. */
  connectedTo(name: string, count: number, nowMs: number): string | undefined {
    if (!this.#counts.has(name)) return undefined
    this.#counts.set(name, count)
    return this.#update(nowMs)
  }

  /**
   * A node ended; the others may be complete without it. The counts of nodes that still include it
   * are dropped until they report again.
   */
  ended(name: string, nowMs: number): string | undefined {
    this.#counts.delete(name)
    this.#ended.add(name)
    const others = this.#counts.size - 1 + this.#elsewhere
    for (const [other, count] of this.#counts) {
      if (count !== undefined && count > others) this.#counts.set(other, undefined)
    }
    return this.#update(nowMs)
  }

  #update(nowMs: number): string | undefined {
    const wasComplete = this.#isComplete
    const counts = [...this.#counts.values()]
    const others = counts.length - 1
    const first = counts[0]
    this.#isComplete =
      first !== undefined && first >= others && counts.every((count) => count === first)
    if (!this.#isComplete) return wasComplete ? this.#describeGap(others) : undefined
    const elsewhere = (first ?? 0) - others
    if (wasComplete && elsewhere === this.#elsewhere) return undefined
    this.#elsewhere = elsewhere
    const seconds = ((nowMs - this.#startedMs) / 1000).toFixed(1)
    const when = this.#everComplete ? 'again' : `after ${seconds} s`
    this.#everComplete = true
    return this.#describeWhole(counts.length, when)
  }

  #describeWhole(here: number, when: string): string {
    const nodes = here + this.#elsewhere
    if (nodes === 1) return `1 node running ${when}, no other node connected`
    const split = this.#elsewhere > 0 ? `: ${here} here, ${this.#elsewhere} elsewhere` : ''
    // A node from elsewhere may be one that was started again.
    if (this.#ended.size > this.#elsewhere) {
      return `all ${nodes} running nodes connected${split}; ended: ${[...this.#ended].join(', ')}`
    }
    const connections = nodes === 2 ? '1 connection' : `${(nodes * (nodes - 1)) / 2} connections`
    return `all ${nodes} nodes connected ${when}${split || `, ${connections}`}`
  }

  /** Of which nodes it is said that all have stopped. */
  get ownNodes(): string {
    return this.#elsewhere > 0 ? 'nodes that were started here' : 'nodes'
  }

  #describeGap(others: number): string | undefined {
    for (const [name, count] of this.#counts) {
      if (count !== undefined && count < others) {
        return `${name} is connected to ${count} of ${others} other nodes`
      }
    }
    // A node from elsewhere joins or leaves, or a node ended: wait for the next reports.
    return undefined
  }
}
