/**
 * Is the mesh complete? Works it out from what the nodes themselves say, line by line, and never
 * from what they ought to have done. Pure: no processes, no clock, no output.
 */

/**
 * A mesh is complete when all nodes are connected to equally many, and each at least to all the
 * others that were started here. More than that are nodes that somebody started elsewhere.
 */
export class MeshProgress {
  /** How many each node says it is connected to; undefined until it says something. */
  readonly #counts = new Map<string, number | undefined>()
  readonly #startedMs: number
  #complete = false
  #everComplete = false
  /** Nodes that take part and were not started here, when the mesh was last complete. */
  #elsewhere = 0

  constructor(names: readonly string[], startedMs: number) {
    for (const name of names) this.#counts.set(name, undefined)
    this.#startedMs = startedMs
  }

  get isComplete(): boolean {
    return this.#complete
  }

  /** True once the mesh has been complete. */
  get everComplete(): boolean {
    return this.#everComplete
  }

  /**
   * A node listens: it is connected to nobody until it says otherwise. Gives a line to print, if
   * any.
   */
  listening(name: string, nowMs: number): string | undefined {
    return this.connectedTo(name, this.#counts.get(name) ?? 0, nowMs)
  }

  /** A node says how many it is connected to. Gives a line to print when that changes the whole. */
  connectedTo(name: string, count: number, nowMs: number): string | undefined {
    if (!this.#counts.has(name)) return undefined
    this.#counts.set(name, count)
    return this.#judge(nowMs)
  }

  /**
   * A node ended; the others may be complete without it. Who has not yet noticed that it is gone
   * still counts it, so their word is worth nothing until they speak again.
   */
  ended(name: string, nowMs: number): string | undefined {
    this.#counts.delete(name)
    const others = this.#counts.size - 1 + this.#elsewhere
    for (const [other, count] of this.#counts) {
      if (count !== undefined && count > others) this.#counts.set(other, undefined)
    }
    return this.#judge(nowMs)
  }

  #judge(nowMs: number): string | undefined {
    const wasComplete = this.#complete
    const counts = [...this.#counts.values()]
    const others = counts.length - 1
    const first = counts[0]
    this.#complete =
      first !== undefined && first >= others && counts.every((count) => count === first)
    if (this.#complete === wasComplete) return undefined
    if (!this.#complete) return this.#describeGap(others)

    this.#elsewhere = (first ?? 0) - others
    const when = this.#everComplete ? 'again' : `after ${seconds(nowMs - this.#startedMs)}`
    this.#everComplete = true
    return `${this.#describeWhole(counts.length)}, complete ${when}`
  }

  #describeWhole(nodes: number): string {
    if (this.#elsewhere > 0) return `${plural(nodes, 'node')} here and ${this.#elsewhere} elsewhere`
    // Each connection is counted by the two nodes at its ends.
    const ends = [...this.#counts.values()].reduce<number>((sum, count) => sum + (count ?? 0), 0)
    return `${plural(nodes, 'node')}, ${plural(ends / 2, 'connection')}`
  }

  #describeGap(others: number): string | undefined {
    for (const [name, count] of this.#counts) {
      if (count !== undefined && count < others) {
        return `no longer complete: ${name} is connected to ${count} of ${others}`
      }
    }
    // Somebody from elsewhere comes or goes, or a node has ended: the next lines will tell.
    return undefined
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
