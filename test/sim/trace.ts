/**
 * The last events of a run, for people. Off in fast runs; a run that failed is repeated with it.
 */

/** Lines that are kept. Earlier ones rarely explain a failure. */
const LINES_MAX = 400_000

/** A trace. */
export class Trace {
  readonly isOn: boolean
  readonly #lines: string[] = []

  constructor(isOn: boolean) {
    this.isOn = isOn
  }

  /** Adds a line. `what` is only called when the trace is on. */
  note(nowMs: number, source: string, what: () => string): void {
    if (!this.isOn) return
    this.#lines.push(`${(nowMs / 1000).toFixed(4).padStart(10)}  ${source.padEnd(9)} ${what()}`)
    if (this.#lines.length > 2 * LINES_MAX) this.#lines.splice(0, LINES_MAX)
  }

  /** The last lines. */
  tail(lines: number): readonly string[] {
    return this.#lines.slice(-lines)
  }
}
