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

interface Spell {
  readonly untilMs: number
  /** How many lines may still pass. */
  left: number
  /** How many were held back. */
  heldBack: number
}

/** Decides which lines pass. */
export class LogRateLimit {
  readonly #spells = new Map<string, Spell>()

  /**
   * How many lines of this cause were held back since the last one that passed, if this one passes;
   * undefined if it is held back itself.
   *
   * @param linesMax how many lines of the cause pass in each {@link QUIET_MS}
   */
  admit(cause: string, nowMs: number, linesMax = 1): number | undefined {
    const spell = this.#spells.get(cause)
    if (spell !== undefined && nowMs < spell.untilMs) {
      if (spell.left === 0) {
        spell.heldBack += 1
        return undefined
      }
      spell.left -= 1
      return 0
    }
    this.#spells.delete(cause)
    const oldest = this.#spells.size < CAUSES_MAX ? undefined : this.#spells.keys().next()
    if (oldest?.done === false) this.#spells.delete(oldest.value)
    this.#spells.set(cause, { untilMs: nowMs + QUIET_MS, left: linesMax - 1, heldBack: 0 })
    return spell?.heldBack ?? 0
  }
}
