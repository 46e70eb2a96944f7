/** What each core took and gave: the last lines of each node. */

import { Trace } from '../../sim/trace.ts'

/** Lines that are kept of each node: as many as a person reads. */
const LINES_MAX = 100

export interface TraceLine {
  /** Counts the lines of its node. */
  readonly number: number
  readonly atMs: number
  readonly text: string
}

export class LabTrace extends Trace {
  readonly #lines = new Map<string, TraceLine[]>()

  constructor() {
    super(true)
  }

  override note(nowMs: number, source: string, what: () => string): void {
    const text = what().trim()
    // What the core tells the core of messages: no frame.
    if (text.startsWith('messages ')) return
    const lines = this.#lines.get(source) ?? []
    this.#lines.set(source, lines)
    lines.push({ number: (lines.at(-1)?.number ?? 0) + 1, atMs: nowMs, text })
    if (lines.length > 2 * LINES_MAX) lines.splice(0, LINES_MAX)
  }

  /** The last lines of a node, the newest first. */
  of(source: string): readonly TraceLine[] {
    return this.#lines.get(source)?.slice(-LINES_MAX).reverse() ?? []
  }
}
