/**
 * What happened, for people: the last lines of a run. Off in fast runs; a run that failed is run
 * again with it.
 */

/** Lines that are kept. A failure is rarely explained by what was before. */
const LINES_MAX = 400_000

/** A trace. */
export class Trace {
  readonly isOn: boolean
  readonly #lines: string[] = []

  constructor(isOn: boolean) {
    this.isOn = isOn
  }

  /** Notes what somebody did. `what` is only asked for when the trace is on. */
  note(nowMs: number, who: string, what: () => string): void {
    if (!this.isOn) return
    this.#lines.push(`${(nowMs / 1000).toFixed(4).padStart(10)}  ${who.padEnd(9)} ${what()}`)
    if (this.#lines.length > 2 * LINES_MAX) this.#lines.splice(0, LINES_MAX)
  }

  /** The last lines. */
  tail(lines: number): readonly string[] {
    return this.#lines.slice(-lines)
  }
}
