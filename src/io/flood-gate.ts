/**
 * Keeps one cause from flooding the log: a peer that is refused ten times a second is worth a line
 * now, and another one when a while has passed that tells how often it happened meanwhile. Time is
 * told, never read.
 */

/**
 * How long a cause is quiet after it was printed, in ms. Longer: a trouble that goes on is
 * forgotten.
 */
export const QUIET_MS = 60_000

/**
 * Causes that are remembered. More at a time means that somebody makes them up; the oldest is
 * forgotten.
 */
export const CAUSES_MAX = 1_000

interface Silence {
  readonly untilMs: number
  /** How often the cause was heard in silence. */
  repeats: number
}

/** Decides which lines pass. */
export class FloodGate {
  readonly #silences = new Map<string, Silence>()

  /**
   * How many lines of this cause were held back since the last one that passed, if this one passes;
   * undefined if it is held back itself.
   */
  passes(cause: string, nowMs: number): number | undefined {
    const silence = this.#silences.get(cause)
    if (silence !== undefined && nowMs < silence.untilMs) {
      silence.repeats += 1
      return undefined
    }
    this.#silences.delete(cause)
    const oldest = this.#silences.size < CAUSES_MAX ? undefined : this.#silences.keys().next()
    if (oldest?.done === false) this.#silences.delete(oldest.value)
    this.#silences.set(cause, { untilMs: nowMs + QUIET_MS, repeats: 0 })
    return silence?.repeats ?? 0
  }
}
