/**
 * The gaze: while somebody looks at the mesh, the core is told so again and again, and asks the
 * peers for their links. Who looks once gets what peers answer at once.
 */

import { SURVEY_AFTER_CHANGE_MS, SURVEY_INTERVAL_MS, SURVEY_WAIT_MS } from './limits.ts'

/** What a gaze works with. */
export interface SurveySchedulerOptions {
  /** Asks the peers. */
  readonly look: () => void
  /** Default {@link SURVEY_INTERVAL_MS}. */
  readonly intervalMs?: number
  /** Default {@link SURVEY_WAIT_MS}. */
  readonly waitMs?: number
  /** Default {@link SURVEY_AFTER_CHANGE_MS}. */
  readonly afterChangeMs?: readonly number[]
}

/** One gaze for all who look. */
export class SurveyScheduler {
  readonly #options: SurveySchedulerOptions
  #timer: NodeJS.Timeout | undefined
  readonly #soonTimers = new Set<NodeJS.Timeout>()

  constructor(options: SurveySchedulerOptions) {
    this.#options = options
  }

  /** Somebody begins to look, or the last one turns away. */
  setWatched(isWatched: boolean): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const timer of this.#soonTimers) clearTimeout(timer)
    this.#soonTimers.clear()
    if (!isWatched) return
    const { look, intervalMs = SURVEY_INTERVAL_MS } = this.#options
    this.#timer = setInterval(look, intervalMs).unref()
    look()
  }

  /** Something has changed: while somebody looks, the peers are asked sooner. */
  surveySoon(): void {
    // While many join, one look is for all of them.
    if (this.#timer === undefined || this.#soonTimers.size > 0) return
    const { look, afterChangeMs = SURVEY_AFTER_CHANGE_MS } = this.#options
    for (const delayMs of afterChangeMs) {
      const timer = setTimeout(() => {
        this.#soonTimers.delete(timer)
        look()
      }, delayMs).unref()
      this.#soonTimers.add(timer)
    }
  }

  /** Looks once. Resolves when peers that are near have answered; at once while somebody looks. */
  async surveyOnce(): Promise<void> {
    if (this.#timer !== undefined) return
    const { look, waitMs = SURVEY_WAIT_MS } = this.#options
    look()
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}
