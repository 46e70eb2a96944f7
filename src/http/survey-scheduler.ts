/**
 * Schedules surveys of the links of the peers: at intervals while `/events` has clients, and once
 * for each request for `/peers`.
 */

import { SURVEY_AFTER_CHANGE_MS, SURVEY_INTERVAL_MS, SURVEY_WAIT_MS } from './limits.ts'

/** The times default to those of limits.ts. */
export interface SurveySchedulerOptions {
  /** Asks the peers for their links. */
  readonly survey: () => void
  readonly intervalMs?: number
  readonly waitMs?: number
  readonly afterChangeMs?: readonly number[]
}

export class SurveyScheduler {
  readonly #options: SurveySchedulerOptions
  #interval: NodeJS.Timeout | undefined
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(options: SurveySchedulerOptions) {
    this.#options = options
  }

  /** Starts to survey now and regularly, or stops. */
  setActive(isActive: boolean): void {
    clearInterval(this.#interval)
    this.#interval = undefined
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    if (!isActive) return
    const { survey, intervalMs = SURVEY_INTERVAL_MS } = this.#options
    this.#interval = setInterval(survey, intervalMs).unref()
    survey()
  }

  /** Surveys sooner when active, because a peer joined or left. */
  surveySoon(): void {
    // While many join, one survey is enough for all of them.
    if (this.#interval === undefined || this.#timers.size > 0) return
    const { survey, afterChangeMs = SURVEY_AFTER_CHANGE_MS } = this.#options
    for (const delayMs of afterChangeMs) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer)
        survey()
      }, delayMs).unref()
      this.#timers.add(timer)
    }
  }

  /** Surveys once. Resolves when peers have had time to answer; at once when active. */
  async surveyOnce(): Promise<void> {
    if (this.#interval !== undefined) return
    const { survey, waitMs = SURVEY_WAIT_MS } = this.#options
    survey()
    await new Promise((resolve) => setTimeout(resolve, waitMs))
  }
}
